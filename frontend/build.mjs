// `npm run build`: everything the console's pages load, into safegrid/console/static/console/.
//
//   console.js    Tabler's and Bootstrap's behaviour, htmx, ours; an ES module
//   console.css   Tabler, less what no template, form or script of ours uses
//   icons.svg     one <symbol> per icon that a template names
//   charts.js, charts.css   drawing figures, loaded by the pages that have any; an ES module
//   favicon.svg   the mark in the browser's tab
//   chunks/       islands and the maps' worker and styles; names carry a content hash, fetched only where needed
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = fileURLToPath(new URL(".", import.meta.url));
const project = join(here, "..");
const target = join(project, "safegrid/console/static/console");
const out = join(here, "dist", String(process.pid)); // moved to the target when complete: a failed build leaves the last good one
const modules = join(here, "node_modules");

// Classes of Tabler that are no more than words of our templates and scripts.
const BLOCKLIST = ["btn-check", "form-floating", "loader", "tooltip"];

// Bytes after gzip that a first visit may cost.
const BUDGET = { "console.js": 80 * 1024, "console.css": 25 * 1024 };

// Classes made at run time: by Bootstrap, by htmx, by ours from a level or a colour, and by Django's widgets.
const SAFELIST = {
  standard: [
    "show", "showing", "hide", "hiding", "fade", "active", "disabled", "collapsed", "collapsing", "is-invalid",
    "modal-open", "modal-backdrop", "offcanvas-backdrop", "invalid-feedback",
    /^(bg|alert)-(success|info|warning|danger)$/,
    /^bg-(red|orange|yellow|blue|green|purple|teal|gray)(-lt)?$/,
    /^htmx-/,
    "icon",
  ],
};

async function main() {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, "chunks"), { recursive: true });
  const content = await pageSources(join(project, "safegrid"));
  const [worker, styles] = await Promise.all([
    hashed("maplibre-worker", "js", await mapWorker()),
    hashed("maplibre", "css", await minifiedCss(await readFile(join(modules, "maplibre-gl/dist/maplibre-gl.css"), "utf8"))),
  ]);
  await Promise.all([scripts(worker, styles), css(content), icons(content)]);
  await writeFile(join(out, "charts.css"), await minifiedCss(await readFile(join(here, "src/charts.css"), "utf8")));
  await cp(join(here, "src/favicon.svg"), join(out, "favicon.svg"));
  await cp(join(modules, "maplibre-gl/LICENSE.txt"), join(out, "chunks/maplibre-LICENSE.txt"));
  await report();
  await mkdir(join(target, ".."), { recursive: true });
  await rm(target, { recursive: true, force: true });
  await rename(out, target);
}

async function mapWorker() {
  const source = await readFile(join(modules, "maplibre-gl/dist/maplibre-gl-csp-worker.js"), "utf8");
  return source.replace(/^\/\/# sourceMappingURL=.*$/m, ""); // the map is not shipped, and collectstatic would look for it
}

/** Where class and icon names come from: templates, and the Python that makes HTML. */
async function pageSources(folder) {
  const names = await readdir(folder, { recursive: true });
  const wanted = /(templates\/.*\.html|templatetags\/.*\.py|(^|\/)(forms|web|widgets|context|desk)(\.py|\/.*\.py))$/;
  return Promise.all(names.filter((name) => wanted.test(name)).sort().map((name) => readFile(join(folder, name), "utf8")));
}

async function scripts(worker, styles) {
  await build({
    absWorkingDir: here,
    entryPoints: { console: "src/console.ts", charts: "src/charts.ts" },
    outdir: out,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: ["es2022"],
    chunkNames: "chunks/[name]-[hash]",
    // The build of MapLibre for strict content-security policies: its worker is a file, not a blob.
    alias: { "maplibre-gl": "maplibre-gl/dist/maplibre-gl-csp.js" },
    define: { MAP_WORKER: JSON.stringify(worker), MAP_STYLES: JSON.stringify(styles) },
    legalComments: "external",
    logLevel: "warning",
  });
}

async function css(content) {
  const [tabler, ours, ...typescript] = await Promise.all([
    readFile(join(modules, "@tabler/core/dist/css/tabler.css"), "utf8"),
    readFile(join(here, "src/console.css"), "utf8"),
    ...(await readdir(join(here, "src"), { recursive: true })).filter((n) => n.endsWith(".ts")).map((n) => readFile(join(here, "src", n), "utf8")),
  ]);
  const [purged] = await new PurgeCSS().purge({
    css: [{ raw: tabler }],
    content: [...content, ...typescript].map((raw) => ({ raw, extension: "html" })),
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist: SAFELIST,
    blocklist: BLOCKLIST,
    variables: false,
    keyframes: true,
  });
  await writeFile(join(out, "console.css"), await minifiedCss(`${purged.css}\n${ours}`));
}

async function minifiedCss(source) {
  return (await transform(source, { loader: "css", minify: true, legalComments: "inline" })).code;
}

/** A sprite of the icons named: `{% icon "map-pin" %}` or `icons.svg' %}#map-pin` in templates, `icon="map-pin"` in Python. */
async function icons(content) {
  const names = new Set();
  for (const text of content) {
    for (const [, tag, fragment, python] of text.matchAll(/\{%\s*icon\s+["']([a-z0-9-]+)["']|icons\.svg['"]\s*%\}#([a-z0-9-]+)|\bicon="([a-z0-9-]+)"/g)) {
      names.add(tag ?? fragment ?? python);
    }
  }
  for (const name of JSON.parse(await readFile(join(here, "icons.json"), "utf8"))) names.add(name);
  const symbols = await Promise.all([...names].sort().map(symbol));
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function symbol(name) {
  const file = join(modules, "@tabler/icons/icons/outline", `${name}.svg`);
  const source = await readFile(file, "utf8").catch(() => {
    throw new Error(`no icon "${name}" in @tabler/icons (outline)`);
  });
  const inner = source.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  const shapes = inner.replace(/\s+/g, " ").replace(/> </g, "><").trim();
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`
  );
}

async function hashed(name, extension, bytes) {
  const file = `${name}-${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}.${extension}`;
  await writeFile(join(out, "chunks", file), bytes);
  return file;
}

/** A file and the chunks that it fetches before it runs (islands come later). */
async function parts(name, known = new Set()) {
  if (known.has(name)) return known;
  known.add(name);
  const folder = name.includes("/") ? "chunks/" : "";
  const source = name.endsWith(".js") ? await readFile(join(out, name), "utf8") : "";
  for (const [, other] of source.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) await parts(folder + other, known);
  return known;
}

async function report() {
  for (const [name, limit] of Object.entries(BUDGET)) {
    let size = 0;
    for (const part of await parts(name)) size += gzipSync(await readFile(join(out, part))).length;
    console.log(`${name}: ${(size / 1024).toFixed(1)} KiB gzipped (budget ${limit / 1024})`);
    if (size > limit) throw new Error(`${name} exceeds its budget`);
  }
}

await main();
