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
}

const FONT = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const MOST_LABELS = 40;

export function paint(pen: CanvasRenderingContext2D, size: Size, camera: Camera, sketch: Sketch): void {
  pen.clearRect(0, 0, size.width, size.height);
  for (const ring of sketch.outlines) outline(pen, ring, camera, size);
  if (sketch.line.length > 1) line(pen, sketch.line, camera, size);
  points(pen, sketch.points, camera, size);
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

function points(pen: CanvasRenderingContext2D, all: readonly SketchPoint[], camera: Camera, size: Size): void {
  const seen = all
    .map((point) => ({ point, at: toScreen(point, camera, size) }))
    .filter(({ at: [x, y] }) => x > -20 && y > -20 && x < size.width + 20 && y < size.height + 20);
  for (const { point, at } of seen) {
    pen.beginPath();
    pen.arc(at[0], at[1], point.sign ? 12 : 5, 0, 2 * Math.PI);
    pen.fillStyle = point.colour;
    pen.fill();
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 1.5;
    pen.stroke();
    if (point.sign) letters(pen, point.sign, at[0], at[1], { colour: "#ffffff", align: "center" });
  }
  names(pen, seen);
}

/** Names where there is room for them, first come first. */
function names(pen: CanvasRenderingContext2D, seen: { point: SketchPoint; at: [number, number] }[]): void {
  const taken: [number, number, number, number][] = [];
  pen.font = `14px ${FONT}`;
  for (const { point, at } of seen) {
    if (taken.length >= MOST_LABELS) return;
    const left = at[0] + (point.sign ? 16 : 9);
    const box: [number, number, number, number] = [left, at[1] - 9, left + pen.measureText(point.label).width, at[1] + 9];
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
    taken.push(box);
    letters(pen, point.label, left, at[1], { colour: "#14181f", align: "left" });
  }
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
