/** Paints boundaries, a line, points and their names. */

import type { Ring } from "../core/geometry.ts";
import type { Position } from "../types.ts";
import { type Camera, type Size, toScreen } from "./projection.ts";

export interface SketchPoint extends Position {
  label: string;
  colour: string;
  /** For whoever is told that it was touched. */
  id?: string;
  /** A short word inside the point, as its number on a route. */
  sign?: string;
}

export interface Sketch {
  outlines: readonly Ring[];
  points: readonly SketchPoint[];
  line: readonly Position[];
  hasCross: boolean;
  /** The phone, with the radius within which it is. */
  here?: (Position & { accuracy_m: number | null }) | null;
  /** Id of the point that is looked at. */
  chosen?: string;
  /** So many pixels at the right foot are under buttons: no names there. */
  buttons?: number;
}

const FONT = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const MOST_LABELS = 40;

export function paint(pen: CanvasRenderingContext2D, size: Size, camera: Camera, sketch: Sketch): void {
  pen.clearRect(0, 0, size.width, size.height);
  for (const ring of sketch.outlines) outline(pen, ring, camera, size);
  if (sketch.line.length > 1) line(pen, sketch.line, camera, size);
  if (sketch.here) phone(pen, sketch.here, camera, size);
  points(pen, sketch, camera, size);
  if (sketch.hasCross) cross(pen, size);
  bar(pen, camera, size);
}

function trace(pen: CanvasRenderingContext2D, positions: Iterable<Position>, camera: Camera, size: Size): void {
  pen.beginPath();
  for (const position of positions) pen.lineTo(...toScreen(position, camera, size));
}

function outline(pen: CanvasRenderingContext2D, ring: Ring, camera: Camera, size: Size): void {
  trace(pen, ring.map(([longitude, latitude]) => ({ longitude, latitude })), camera, size);
  pen.closePath();
  pen.fillStyle = "#ffffff";
  pen.fill();
  pen.strokeStyle = "#59616c";
  pen.lineWidth = 1.5;
  pen.stroke();
}

function line(pen: CanvasRenderingContext2D, positions: readonly Position[], camera: Camera, size: Size): void {
  trace(pen, positions, camera, size);
  pen.strokeStyle = "#14508c";
  pen.lineWidth = 3;
  pen.stroke();
}

type Seen = { point: SketchPoint; at: [number, number] };

/** Points, what comes first on top; the chosen one above all. */
function points(pen: CanvasRenderingContext2D, { points: all, chosen = "", buttons = 0 }: Sketch, camera: Camera, size: Size): void {
  const seen: Seen[] = [];
  for (const point of all) {
    const at = toScreen(point, camera, size);
    if (at[0] > -20 && at[1] > -20 && at[0] < size.width + 20 && at[1] < size.height + 20) seen.push({ point, at });
  }
  const first = seen.findIndex(({ point }) => chosen !== "" && point.id === chosen);
  if (first > 0) seen.unshift(...seen.splice(first, 1));
  for (let place = seen.length - 1; place >= 0; place--) dot(pen, seen[place] as Seen, first >= 0 && place === 0);
  names(pen, seen, size, buttons);
}

function dot(pen: CanvasRenderingContext2D, { point, at }: Seen, isChosen: boolean): void {
  pen.beginPath();
  pen.arc(at[0], at[1], point.sign ? 12 : isChosen ? 8 : 5, 0, 2 * Math.PI);
  pen.fillStyle = point.colour;
  pen.fill();
  pen.strokeStyle = isChosen ? "#14181f" : "#ffffff";
  pen.lineWidth = isChosen ? 3 : 1.5;
  pen.stroke();
  if (point.sign) letters(pen, point.sign, at[0], at[1], { colour: "#ffffff", align: "center" });
}

/** Names where there is room for them, first come first, right of the point or left of it. */
function names(pen: CanvasRenderingContext2D, seen: Seen[], size: Size, buttons: number): void {
  const taken: Box[] = seen.filter(({ point }) => point.sign).map(({ at: [x, y] }) => [x - 12, y - 12, x + 12, y + 12]);
  taken.push([size.width - 60, size.height - buttons, size.width, size.height]);
  let labels = 0;
  pen.font = `14px ${FONT}`;
  for (const { point, at } of seen) {
    if (labels >= MOST_LABELS) return;
    const gap = point.sign ? 16 : 9;
    const width = widthOf(pen, point.label);
    const right: Box = [at[0] + gap, at[1] - 9, at[0] + gap + width, at[1] + 9];
    const left: Box = [at[0] - gap - width, at[1] - 9, at[0] - gap, at[1] + 9];
    const box = [right, left].find((one) => one[0] >= 0 && one[2] <= size.width && !taken.some((other) => overlap(one, other)));
    if (box === undefined) continue;
    taken.push(box);
    labels += 1;
    letters(pen, point.label, box[0], at[1], { colour: "#14181f", align: "left" });
  }
}

type Box = [number, number, number, number];
const overlap = (one: Box, other: Box): boolean => one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];

/** Measured once: a frame has no time to measure hundreds of names. */
const widths = new Map<string, number>();
function widthOf(pen: CanvasRenderingContext2D, words: string): number {
  let width = widths.get(words);
  if (width === undefined) widths.set(words, (width = pen.measureText(words).width));
  return width;
}

/** Where the phone is, and how sure that is. */
function phone(pen: CanvasRenderingContext2D, here: Position & { accuracy_m: number | null }, camera: Camera, size: Size): void {
  const [x, y] = toScreen(here, camera, size);
  pen.beginPath();
  pen.arc(x, y, Math.max(14, (here.accuracy_m ?? 0) * camera.scale), 0, 2 * Math.PI);
  pen.fillStyle = "rgba(11, 107, 93, 0.14)";
  pen.fill();
  pen.strokeStyle = "#0b6b5d";
  pen.lineWidth = 1;
  pen.stroke();
  pen.beginPath();
  pen.arc(x, y, 8, 0, 2 * Math.PI);
  pen.fillStyle = "#ffffff";
  pen.fill();
  pen.strokeStyle = "#0b6b5d";
  pen.lineWidth = 4;
  pen.stroke();
  letters(pen, "我", x - 7, y - 20, { colour: "#0b4f45", align: "left" });
}

function letters(pen: CanvasRenderingContext2D, words: string, x: number, y: number, look: { colour: string; align: CanvasTextAlign }): void {
  pen.font = `${look.align === "center" ? "600 " : ""}14px ${FONT}`;
  pen.textAlign = look.align;
  pen.textBaseline = "middle";
  if (look.align === "left") {
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 3;
    pen.strokeText(words, x, y);
  }
  pen.fillStyle = look.colour;
  pen.fillText(words, x, y);
  pen.textAlign = "left";
}

function cross(pen: CanvasRenderingContext2D, size: Size): void {
  const [x, y] = [size.width / 2, size.height / 2];
  pen.strokeStyle = "#9c1c1c";
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.moveTo(x - 16, y);
  pen.lineTo(x + 16, y);
  pen.moveTo(x, y - 16);
  pen.lineTo(x, y + 16);
  pen.stroke();
}

/** How long a round number of metres is. */
function bar(pen: CanvasRenderingContext2D, camera: Camera, size: Size): void {
  const wanted = 90 / camera.scale;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const metres = ([5, 2, 1].find((digit) => digit * power <= wanted) ?? 1) * power;
  const [left, y] = [10, size.height - 12];
  pen.strokeStyle = "#14181f";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(left, y);
  pen.lineTo(left + metres * camera.scale, y);
  pen.stroke();
  letters(pen, metres >= 1000 ? `${metres / 1000} 公里` : `${metres} 米`, left, y - 12, { colour: "#14181f", align: "left" });
}
