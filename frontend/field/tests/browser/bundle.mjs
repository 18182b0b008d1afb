// `node bundle.mjs <file>`: core.ts as one script that a browser test can run in a page of the app.
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

const out = process.argv[2];
await build({
  configFile: false,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  logLevel: "error",
  define: { __APP_VERSION__: JSON.stringify("test"), "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: dirname(out),
    emptyOutDir: false,
    copyPublicDir: false,
    minify: false,
    lib: { entry: fileURLToPath(new URL("core.ts", import.meta.url)), formats: ["iife"], name: "unused", fileName: () => basename(out) },
  },
});
