declare module "texts:*" {
  const source: import("ui/i18n").Source;
  export default source;
}
declare module "*.svg" {
  const url: string;
  export default url;
}
declare module "*.css";
