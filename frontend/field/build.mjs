// `npm run build`: the field app into safegrid/field/static/field/.
// Built beside, checked against the budget, and only then moved: a failed build leaves the last good one.
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = join(here, "../../safegrid/field/static/field");
const out = join(here, "dist", String(process.pid));

// Bytes after gzip of everything that stands between an empty phone and the first screen after signing in.
const BUDGET = 150 * 1024;
const FIRST_SCREENS = /^src\/screens\/(today|signin)\.vue$/i;

await build({ root: here, logLevel: "warn", build: { outDir: out, emptyOutDir: true } });
await checkBudget();
await rm(join(out, ".vite"), { recursive: true });
await mkdir(join(target, ".."), { recursive: true });
await rm(target, { recursive: true, force: true });
await rename(out, target);

/** Files of a chunk and of what it imports before it runs; chunks that come later are not followed. */
function closure(manifest, name, files = new Set()) {
  const chunk = manifest[name];
  if (chunk === undefined || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const other of chunk.imports ?? []) closure(manifest, other, files);
  return files;
}

async function checkBudget() {
  const manifest = JSON.parse(await readFile(join(out, ".vite/manifest.json"), "utf8"));
  const files = new Set(["index.html", ...closure(manifest, "index.html")]);
  for (const screen of Object.keys(manifest)) if (FIRST_SCREENS.test(screen)) closure(manifest, screen, files);
  const lines = await Promise.all([...files].map(async (file) => [file, gzipSync(await readFile(join(out, file))).length]));
  let total = 0;
  for (const [file, size] of lines.sort((one, other) => other[1] - one[1])) {
    total += size;
    console.log(`  ${(size / 1024).toFixed(1).padStart(6)} KiB  ${file}`);
  }
  console.log(`field app, first load: ${(total / 1024).toFixed(1)} KiB gzipped (budget ${BUDGET / 1024})`);
  if (total > BUDGET) throw new Error("the field app's first load exceeds its budget");
}
