// Dragging a feature onto another one, with mouse or finger: a unit from grid to grid.
import type * as maplibregl from "maplibre-gl";

import type { OneMap } from "./onemap";

export interface DragHandlers {
  /** May this feature be dragged? All may, unless said. */
  start?: (feature: maplibregl.MapGeoJSONFeature) => boolean;
  /** The feature now under the pointer (null: none), for a preview. */
  over?: (dragged: maplibregl.MapGeoJSONFeature, onto: maplibregl.MapGeoJSONFeature | null) => void;
  /** Let go; `onto` is null outside all features and when the drag was given up (Escape). */
  drop: (dragged: maplibregl.MapGeoJSONFeature, onto: maplibregl.MapGeoJSONFeature | null) => void;
}

type Pointer = maplibregl.MapMouseEvent | maplibregl.MapTouchEvent;
const FAR_ENOUGH = 4; // pixels; less is a click

/** Returns what ends it. While a feature is dragged the map stays where it is. */
export function onDrag(map: OneMap, id: string, handlers: DragHandlers): () => void {
  let dragged: maplibregl.MapGeoJSONFeature | null = null;
  let from: maplibregl.Point | null = null;
  let isUnderWay = false;

  const under = (event: Pointer): maplibregl.MapGeoJSONFeature | null => map.at(id, event.point)[0] ?? null;

  const press = (event: Pointer): void => {
    if ("touches" in event.originalEvent && event.originalEvent.touches.length > 1) return;
    const found = under(event);
    if (!found || handlers.start?.(found) === false) return;
    event.preventDefault(); // no panning
    dragged = found;
    from = event.point;
    isUnderWay = false;
  };
  const move = (event: Pointer): void => {
    if (!dragged || !from) return;
    if (!isUnderWay && event.point.dist(from) < FAR_ENOUGH) return;
    if (!isUnderWay) map.map.getCanvas().style.cursor = "grabbing";
    isUnderWay = true;
    handlers.over?.(dragged, under(event));
  };
  const end = (onto: maplibregl.MapGeoJSONFeature | null): void => {
    const was = isUnderWay ? dragged : null;
    dragged = null;
    from = null;
    isUnderWay = false;
    map.map.getCanvas().style.cursor = "";
    if (was) handlers.drop(was, onto);
  };
  const release = (event: Pointer): void => end(under(event));
  const giveUp = (event: KeyboardEvent): void => {
    if (event.key === "Escape") end(null);
  };

  map.map.on("mousedown", press);
  map.map.on("touchstart", press);
  map.map.on("mousemove", move);
  map.map.on("touchmove", move);
  map.map.on("mouseup", release);
  map.map.on("touchend", release);
  addEventListener("keydown", giveUp);
  return () => {
    map.map.off("mousedown", press);
    map.map.off("touchstart", press);
    map.map.off("mousemove", move);
    map.map.off("touchmove", move);
    map.map.off("mouseup", release);
    map.map.off("touchend", release);
    removeEventListener("keydown", giveUp);
  };
}
