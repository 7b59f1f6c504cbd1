declare module "texts:*" {
  const source: import("ui/i18n").Source;
  export default source;
}
