// Builds the server once for all tests.
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export default function build() {
  if (process.env.GATEHOUSE_BINARY) return;
  const binary = join(mkdtempSync(join(tmpdir(), "gatehouse-e2e-")), "gatehouse");
  execFileSync("go", ["build", "-o", binary, "./cmd/gatehouse"], { cwd: resolve(import.meta.dirname, "../.."), stdio: "inherit" });
  process.env.GATEHOUSE_BINARY = binary;
}
