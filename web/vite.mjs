// How the two apps are built: the same for both, and the same bytes on every
// machine (hashes of contents as names; no dates, no paths).
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import tailwind from "@tailwindcss/vite";

export const root = dirname(fileURLToPath(import.meta.url));
export const languages = ["en", "de", "es", "fr", "ar", "ja"];

// base is where an app's files are served; page paths below it are the app's.
export const apps = { auth: "/auth/", console: "/admin/" };

export function config(app) {
  return {
    root,
    base: apps[app],
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    resolve: { alias: [{ find: /^ui\//, replacement: join(root, "ui") + "/" }] },
    plugins: [react(), tailwind(), texts(), shell(app)],
    build: {
      outDir: join(root, "dist", app),
      emptyOutDir: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0, // nothing inline: the content policy stays simple
      reportCompressedSize: false,
      rolldownOptions: { input: { [app]: join(root, app, "main.tsx") }, output: { codeSplitting: { groups: together } } },
    },
  };
}

// together are what the first load of an app is made of, as few files: what
// all pages share is not cut into a file for each set of pages.
const together = [
  { name: "react", test: /node_modules\/(react|react-dom|scheduler)\//, priority: 2 },
  { name: "shared", test: /web\/ui\/[\w-]+\.tsx?$|web\/auth\/(client|form|layout|providers|provider-mark|route|missing)\.tsx?$|node_modules\/(better-auth|@better-auth|@better-fetch|nanostores)\//, minShareCount: 2 },
];

// texts gives `texts:SECTION+SECTION`: those sections of the catalogues, the
// English ones at hand and each other language as one file to load.
function texts() {
  const pick = (language, sections) => {
    const catalogue = JSON.parse(readFileSync(join(root, "ui", "locales", `${language}.json`), "utf8"));
    return JSON.stringify(Object.fromEntries(sections.split("+").map((section) => [section, catalogue[section] ?? {}])));
  };
  return {
    name: "gatehouse-texts",
    resolveId: (id) => (id.startsWith("texts:") ? "\0" + id : null),
    load(id) {
      if (!id.startsWith("\0texts:")) return null;
      const [sections, language] = id.slice("\0texts:".length).split("/");
      this.addWatchFile(join(root, "ui", "locales", `${language ?? "en"}.json`));
      if (language) return `export default ${pick(language, sections)}`;
      const others = languages.filter((each) => each !== "en");
      const loaders = others.map((each) => `${each}: () => import("texts:${sections}/${each}")`);
      return `export default { en: ${pick("en", sections)}, load: { ${loaders.join(", ")} } }`;
    },
  };
}

// shell writes shell.json: what the server has to name in the page that starts
// the app, so that the first load is all there is.
function shell(app) {
  return {
    name: "gatehouse-shell",
    generateBundle(_, bundle) {
      const files = Object.values(bundle).sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
      const entry = files.find((file) => file.type === "chunk" && file.isEntry);
      const named = (pattern) => files.find((file) => pattern.test(file.fileName))?.fileName;
      const catalogues = (sections) => {
        const found = languages.map((language) => [language, files.find((file) => file.facadeModuleId === `\0texts:${sections}/${language}`)?.fileName]);
        return Object.fromEntries(found.filter(([, file]) => file));
      };
      // A page's own file, with what only it needs, is named too.
      const pages = {};
      for (const file of app === "auth" ? readdirSync(join(root, "auth", "pages")).sort() : []) {
        const all = new Set();
        const add = (name) => {
          if (!name || name === entry.fileName || entry.imports.includes(name) || all.has(name)) return;
          all.add(name);
          bundle[name].imports.forEach(add);
        };
        add(files.find((each) => each.facadeModuleId === join(root, "auth", "pages", file))?.fileName);
        pages[file.replace(/\.tsx$/, "")] = [...all].sort();
      }
      const start = {
        script: entry.fileName,
        imports: [...entry.imports].sort(),
        pages,
        styles: [...(entry.viteMetadata?.importedCss ?? [])].sort(),
        font: named(/inter-latin-wght-normal-.*\.woff2$/),
        icon: named(/mark-.*\.svg$/),
        locales: catalogues(`common+${app}`),
        pageLocales: catalogues("pages"),
      };
      this.emitFile({ type: "asset", fileName: "shell.json", source: JSON.stringify(start, null, 2) + "\n" });
    },
  };
}
