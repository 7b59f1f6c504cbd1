// Builds both apps into dist. `node build.mjs --check` builds nothing and
// compares the compressed files with the plain ones.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { build } from "vite";
import { apps, config, root } from "./vite.mjs";

const dist = join(root, "dist");

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

// sources is one hash over everything that the build reads, as the Go test in
// source_test.go computes it.
function sources() {
  const files = ["package.json", "package-lock.json", "build.mjs", "vite.mjs", "tsconfig.json"];
  for (const folder of ["ui", "auth", "console"]) {
    for (const path of walk(join(root, folder))) files.push(relative(root, path).split(sep).join("/"));
  }
  const hash = createHash("sha256");
  for (const file of files.sort()) {
    const content = createHash("sha256").update(readFileSync(join(root, file))).digest("hex");
    hash.update(`${content}  ${file}\n`);
  }
  return hash.digest("hex") + "\n";
}

// Brotli's output depends on its version: a compressed file that unpacks to
// the right content stays as it is, so that builds agree everywhere.
function compress(kept) {
  for (const path of [...walk(dist)].filter((path) => /\.(js|css|svg)$/.test(path))) {
    const plain = readFileSync(path);
    const old = kept.get(path + ".br");
    const good = old && plain.equals(brotliDecompressSync(old));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    writeFileSync(path + ".br", good ? old : brotliCompressSync(plain, { params }));
  }
}

if (process.argv.includes("--check")) {
  const wrong = [...walk(dist)].filter((path) => path.endsWith(".br") && !brotliDecompressSync(readFileSync(path)).equals(readFileSync(path.slice(0, -3))));
  if (wrong.length > 0) throw new Error(`not what the plain file says: ${wrong.join(", ")}`);
} else {
  const kept = new Map();
  if (existsSync(dist)) for (const path of walk(dist)) if (path.endsWith(".br")) kept.set(path, readFileSync(path));
  rmSync(dist, { recursive: true, force: true });
  for (const app of Object.keys(apps)) await build(config(app));
  compress(kept);
  writeFileSync(join(dist, "SOURCE"), sources());
}
