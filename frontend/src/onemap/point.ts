// Island `point`: choose a position on the map for a form's field ("longitude,latitude"), or for its pair of fields.
//
// data-field: the id of the one field; or data-longitude and data-latitude: of the two. The form's `datum` becomes WGS 84.
import type { Position } from "../geometry";
import { toast } from "../toast";
import { formMap } from "./frame";
import { NoWebGl, type OneMap } from "./onemap";
import { tr } from "../words";

type Field = HTMLInputElement | null;

export function start(place: HTMLElement): void {
  const opener = document.createElement("button");
  opener.type = "button";
  opener.className = "btn btn-sm mt-2";
  opener.textContent = tr("在地图上选点");
  opener.setAttribute("aria-expanded", "false");
  const canvas = document.createElement("div");
  canvas.className = "map-draw mt-2";
  canvas.hidden = true;
  place.append(opener, canvas);
  let map: OneMap | null = null;
  opener.addEventListener("click", async () => {
    canvas.hidden = !canvas.hidden;
    opener.setAttribute("aria-expanded", String(!canvas.hidden));
    if (canvas.hidden || map) return;
    try {
      map = await opened(place, canvas);
    } catch (error) {
      canvas.hidden = true;
      if (!(error instanceof NoWebGl)) throw error;
      toast({ text: tr("此浏览器不能绘制地图（缺少 WebGL），请直接填写经度和纬度。"), level: "warning" });
    }
  });
}

async function opened(place: HTMLElement, canvas: HTMLElement): Promise<OneMap> {
  const [map] = await formMap(canvas, place.dataset.county ?? "", { label: tr("选取位置") });
  const show = (at: Position): void =>
    map.setShapes("chosen", { type: "FeatureCollection", features: [{ type: "Feature", properties: { id: "chosen" }, geometry: { type: "Point", coordinates: at } }] }); // prettier-ignore
  map.addShapes("chosen", null, { colour: "#d63939", radius: 8 });
  const present = read(place);
  if (present) {
    show(present);
    map.fly(present, 16);
  }
  const choose = (at: Position): void => {
    show(at);
    write(place, at);
  };
  map.map.getCanvas().style.cursor = "crosshair";
  map.map.on("click", ({ lngLat }) => choose([lngLat.lng, lngLat.lat]));
  const middle = document.createElement("button");
  middle.type = "button";
  middle.className = "btn btn-sm mt-2 ms-2";
  middle.textContent = tr("取地图中心");
  middle.addEventListener("click", () => choose(map.map.getCenter().toArray()));
  canvas.before(middle);
  return map;
}

const fieldOf = (id: string | undefined): Field => document.getElementById(id ?? "") as Field;

function read(place: HTMLElement): Position | null {
  const { field, longitude, latitude } = place.dataset;
  const text = field ? fieldOf(field)?.value : `${fieldOf(longitude)?.value},${fieldOf(latitude)?.value}`;
  const parts = (text ?? "").split(/[,，]/);
  const [x, y] = parts.map((part) => (part.trim() ? Number(part) : NaN));
  return x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
}

function write(place: HTMLElement, [x, y]: Position): void {
  const { field, longitude, latitude } = place.dataset;
  const set = (one: Field, value: string): void => {
    if (!one) return;
    one.value = value;
    one.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const one = fieldOf(field);
  const datum = (one ?? fieldOf(longitude))?.form?.elements.namedItem("datum");
  if (datum instanceof HTMLSelectElement) datum.value = "wgs84";
  if (one) {
    set(one, `${x.toFixed(6)},${y.toFixed(6)}`);
    return;
  }
  set(fieldOf(longitude), x.toFixed(6));
  set(fieldOf(latitude), y.toFixed(6));
}
