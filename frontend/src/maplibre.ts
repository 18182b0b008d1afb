// MapLibre made ready for a strict content-security policy: its worker and styles are files of ours, beside this chunk.
import * as maplibregl from "maplibre-gl";
import { tr } from "./words";

const beside = (name: string): string => new URL(name, import.meta.url).href;

export function hasWebGl(): boolean {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

/** Return MapLibre with its worker's address set and its styles on the page. */
export function prepared(): typeof maplibregl {
  const href = beside(MAP_STYLES);
  if (!document.querySelector(`link[href="${href}"]`)) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    document.head.append(link);
  }
  maplibregl.setWorkerUrl(beside(MAP_WORKER));
  return maplibregl;
}

/** What MapLibre says by itself. */
export const WORDS: Record<string, string> = {
  "Map.Title": tr("地图"),
  "NavigationControl.ZoomIn": tr("放大"),
  "NavigationControl.ZoomOut": tr("缩小"),
  "AttributionControl.ToggleAttribution": tr("地图来源"),
  "AttributionControl.MapFeedback": tr("反馈"),
  "ScaleControl.Feet": tr("英尺"),
  "ScaleControl.Meters": tr("米"),
  "ScaleControl.Kilometers": tr("千米"),
  "ScaleControl.Miles": tr("英里"),
  "ScaleControl.NauticalMiles": tr("海里"),
};

// Words are drawn by the browser's own fonts: without `glyphs` in its style MapLibre asks no server for any.
export const CHINESE_FONTS = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
