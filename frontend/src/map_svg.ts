// The drawing for browsers without WebGL: still, but complete.
import { boundsOf, COLOURS, labelOf, roleOf, type Bounds, type Position } from "./geometry";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 800;
const HEIGHT = 450;

type Project = (position: Position) => Position;

/** Fill `canvas` with an SVG of the features, north up, scaled alike in both directions at the middle latitude. */
export function drawSvg(canvas: HTMLElement, features: GeoJSON.FeatureCollection): void {
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "map-svg" });
  const bounds = boundsOf(features);
  if (bounds) {
    const project = projection(bounds);
    for (const feature of features.features) {
      if (feature.geometry) svg.append(...linked(feature, shapes(feature.geometry, feature, project)));
    }
  }
  canvas.append(svg);
}

/** What has `properties.url` leads there; by mouse only, since lists beside a drawing serve the keyboard. */
function linked(feature: GeoJSON.Feature, drawn: SVGElement[]): SVGElement[] {
  const url = feature.properties?.url as string | undefined;
  if (!url?.startsWith("/")) return drawn;
  const link = element("a", { href: url, tabindex: "-1", "data-card": "" });
  const title = element("title", {});
  title.textContent = String(feature.properties?.label || feature.properties?.number || "");
  link.append(title, ...drawn);
  return [link];
}

function projection([west, south, east, north]: Bounds): Project {
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(WIDTH / ((east - west) * shrink), HEIGHT / (north - south));
  const left = (WIDTH - (east - west) * shrink * scale) / 2;
  const top = (HEIGHT - (north - south) * scale) / 2;
  return ([x, y]) => [left + (x - west) * shrink * scale, top + (north - y) * scale];
}

function shapes(geometry: GeoJSON.Geometry, feature: GeoJSON.Feature, project: Project): SVGElement[] {
  const own = feature.properties?.colour as string | undefined;
  const colour = own ?? COLOURS[roleOf(feature)] ?? "#626976";
  const filled = Number(feature.properties?.opacity ?? 0.12);
  switch (geometry.type) {
    case "Point":
      return point(geometry.coordinates as Position, colour, labelOf(feature), project);
    case "MultiPoint":
      return geometry.coordinates.flatMap((at) => point(at as Position, colour, labelOf(feature), project));
    case "LineString":
      return [path([geometry.coordinates], colour, null, project)];
    case "MultiLineString":
      return [path(geometry.coordinates, colour, null, project)];
    case "Polygon":
      return [path(geometry.coordinates, colour, filled, project)];
    case "MultiPolygon":
      return [path(geometry.coordinates.flat(), colour, filled, project)];
    case "GeometryCollection":
      return geometry.geometries.flatMap((part) => shapes(part, feature, project));
  }
}

function point(at: Position, colour: string, label: string, project: Project): SVGElement[] {
  const [x, y] = project(at).map((value) => value.toFixed(1)) as [string, string];
  const drawn = [element("circle", { cx: x, cy: y, r: "8", fill: colour, stroke: "#fff", "stroke-width": "2" })];
  if (label) {
    const words = element("text", { x: String(Number(x) + 12), y: String(Number(y) + 5), "font-size": "16" });
    words.textContent = label;
    drawn.push(words);
  }
  return drawn;
}

/** `filled`: how opaque the inside of an area is; null for a line. */
function path(lines: GeoJSON.Position[][], colour: string, filled: number | null, project: Project): SVGElement {
  const closed = filled !== null;
  const d = lines
    .map((line) => `M${line.map((at) => project(at as Position).map((v) => v.toFixed(1)).join(",")).join("L")}`)
    .join(closed ? "Z" : "");
  return element("path", {
    d: closed ? `${d}Z` : d,
    fill: closed ? colour : "none",
    "fill-opacity": String(filled ?? 0),
    "fill-rule": "evenodd",
    stroke: colour,
    "stroke-width": "2",
  });
}

function element(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
