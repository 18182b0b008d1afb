import type { Plugin } from "vite";

const BASE = /\.van-icon\{[^}]*\}/;
const SIZING = /\.van-icon__image\{[^}]*\}/;

/**
 * Leaves Vant's icon font out: a data: font is not in the server's policy, and 35 KB for a dozen signs is too dear.
 * The signs that Vant's own components draw are in src/styles/vant_icons.css.
 */
export function vantIcons(): Plugin {
  return {
    name: "safegrid:vant-icons",
    enforce: "pre",
    transform(code, id) {
      if (!/\/vant\/es\/icon\/index\.css$/.test(id.split("?")[0] ?? "")) return null;
      const kept = [BASE, SIZING].map((pattern) => pattern.exec(code)?.[0] ?? "");
      if (kept[0] === "") throw new Error("Vant's icon styles have changed: see vant_icons.ts");
      return { code: kept.join("\n"), map: null };
    },
  };
}
