import type { ManifestOptions } from "vite-plugin-pwa";

/** The web app manifest: what the phone shows once the app is put on its home screen. */
export const manifest: Partial<ManifestOptions> = {
  id: "/m/",
  name: "安全网格 · 网格员",
  short_name: "安全网格",
  description: "网格员的一天：走访、上报、核实、复查，有没有信号都能用。",
  lang: "zh-CN",
  start_url: "/m/",
  scope: "/m/",
  display: "standalone",
  orientation: "portrait",
  theme_color: "#14508c",
  background_color: "#ffffff",
  icons: [
    { src: "icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
    { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
    { src: "icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
  ],
};
