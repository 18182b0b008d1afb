// Small pictures drawn here, so that kinds of things differ in shape and not in colour alone.
import type { OneMap } from "./onemap";

export const GRAVITY = ["#206bc4", "#f59f00", "#f76707", "#d63939"]; // low, ordinary, larger, grave
export const SEVERITY = ["#f59f00", "#f76707", "#d63939", "#7a1f1f"]; // minor, general, major, accident
export const DIRECT = "#7048a8";
export const MEMBER = "#0b7285";
export const GAP = "#d6336c";
export const HEAT = ["#ffe8a3", "#ffc46b", "#ff9248", "#e8552d", "#a61e1e"]; // steps 1 to 5, as in console.css
const SIZE = 44; // device pixels, shown at half

type Draw = (pen: CanvasRenderingContext2D) => void;

/** Give the map its pictures: case-0 … case-3, case-0-late …, direct, member. */
export function addIcons(map: OneMap): void {
  SEVERITY.forEach((colour, at) => {
    add(map, `case-${at}`, triangle(colour, "#fff"));
    add(map, `case-${at}-late`, triangle(colour, "#182433"));
  });
  add(map, "direct", (pen) => {
    pen.rect(8, 8, SIZE - 16, SIZE - 16);
    paint(pen, DIRECT, "#fff");
  });
  add(map, "member", (pen) => {
    pen.arc(SIZE / 2, 14, 8, 0, 2 * Math.PI);
    paint(pen, MEMBER, "#fff");
    pen.beginPath();
    pen.arc(SIZE / 2, 40, 15, Math.PI, 0);
    paint(pen, MEMBER, "#fff");
  });
}

function triangle(colour: string, edge: string): Draw {
  return (pen) => {
    pen.moveTo(SIZE / 2, 4);
    pen.lineTo(SIZE - 4, SIZE - 6);
    pen.lineTo(4, SIZE - 6);
    pen.closePath();
    paint(pen, colour, edge);
    pen.fillStyle = "#fff";
    pen.fillRect(SIZE / 2 - 2, 16, 4, 12);
    pen.fillRect(SIZE / 2 - 2, 31, 4, 4);
  };
}

function paint(pen: CanvasRenderingContext2D, colour: string, edge: string): void {
  pen.fillStyle = colour;
  pen.strokeStyle = edge;
  pen.lineWidth = 3;
  pen.fill();
  pen.stroke();
}

function add(map: OneMap, name: string, draw: Draw): void {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.beginPath();
  draw(pen);
  map.map.addImage(name, pen.getImageData(0, 0, SIZE, SIZE), { pixelRatio: 2 });
}
