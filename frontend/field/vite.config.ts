// How the field app is built. The shell is served at /m/, its files under /static/field/, its worker at /m/sw.js.
import { VantResolver } from "@vant/auto-import-resolver";
import vue from "@vitejs/plugin-vue";
import Components from "unplugin-vue-components/vite";
import { VitePWA } from "vite-plugin-pwa";
import { configDefaults, defineConfig } from "vitest/config";

import project from "./package.json" with { type: "json" };
import { vantIcons } from "./vant_icons.ts";

const ASSETS = "/static/field/";

export default defineConfig({
  base: ASSETS,
  define: { __APP_VERSION__: JSON.stringify(project.version) },
  plugins: [
    vantIcons(),
    vue({ features: { optionsAPI: false } }),
    Components({ dirs: [], dts: false, resolvers: [VantResolver()] }),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      injectRegister: false, // src/core/worker.ts registers: an inline script would break the policy
      manifest: false, // public/manifest.webmanifest: what the plugin adds to the precache has no base
      includeManifestIcons: false,
      injectManifest: {
        rollupFormat: "iife", // an "es" worker is not registered by browsers that lack module workers, nor under Vite 8
        globPatterns: ["**/*.{html,js,css,svg,png,webmanifest}"],
        globIgnores: ["unsupported.js"],
        maximumFileSizeToCacheInBytes: 3 * 1024 * 1024,
        // What the build calls index.html is what the server answers at /m/.
        manifestTransforms: [
          (entries) => ({
            manifest: entries.map((entry) => ({ ...entry, url: entry.url === "index.html" ? "/m/" : ASSETS + entry.url })),
          }),
        ],
      },
    }),
  ],
  build: {
    target: ["chrome87", "safari14"], // what WeChat's browser on old Androids understands
    manifest: ".vite/manifest.json", // read by build.mjs for the budget
    modulePreload: { polyfill: false },
    assetsInlineLimit: 4096,
    chunkSizeWarningLimit: 1200,
  },
  test: { environment: "node", include: ["tests/**/*.test.ts"], exclude: configDefaults.exclude, setupFiles: ["tests/setup.ts"], testTimeout: 30_000 },
});
