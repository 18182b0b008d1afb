/** A QR code as one SVG path: a square of 1 for each dark module, with the quiet zone of 4 that the standard (ISO/IEC 18004) asks for. */

import { create } from "qrcode";

export interface QrPath {
  /** Side in modules, quiet zone included. */
  side: number;
  path: string;
}

const QUIET = 4;

export function qrPath(text: string): QrPath {
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  let path = "";
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    }
  }
  return { side: modules.size + 2 * QUIET, path };
}
