/**
 * Pictures from the camera: turned upright, made small, time and place written into them where everybody sees it, and kept sealed.
 * Works with `<input type=file capture>` alone, which every phone browser and WeChat have.
 */

import { type Bytes, sha256 } from "./bytes.ts";
import { clock } from "./clock.ts";
import { Failure } from "./failures.ts";
import { keepPicture, type Photo, readClock } from "./photo_store.ts";
import { currentPlace, lastPlace, type Place } from "./place.ts";
import { showFailure } from "./tell.ts";

const LARGEST_SIDE = 1600;
const LARGEST_BYTES = 300 * 1024;
const QUALITIES = [0.82, 0.72, 0.62, 0.5, 0.4];
const SHRINK = 0.8;
const SMALLEST_SIDE = 480;
const PLACE_PATIENCE_MS = 4_000;
/** A camera's file whose own date is older than this was not taken now. */
const JUST_TAKEN_MS = 10 * 60_000;

export interface TakeOptions {
  /** Key of the draft that they belong to. */
  draft: string;
  /** Lines written into the picture above time and place: who, which site. */
  words?: string[];
  /** The camera at once, or whatever the phone offers. */
  source?: "camera" | "album";
  /** How many more may be added; 1 by default. */
  limit?: number;
  /** Called when there is something to keep. Browsers before 2023 do not tell that nothing was chosen: nobody may wait for it. */
  onChosen?: () => void;
}

/**
 * Opens the camera (or the album) and keeps what comes. Nothing chosen: an empty list, or no answer at all (see `onChosen`).
 * Raises `Failure` with words when nothing could be kept; one that comes after others ends with those and is shown.
 */
export async function takePhotos(options: TakeOptions): Promise<Photo[]> {
  // Asked for at once, while the person aims: it is there when the picture is.
  const locating = currentPlace({ limitMs: PLACE_PATIENCE_MS * 3 }).catch(() => null);
  const files = await chooseFiles(options);
  const photos: Photo[] = [];
  if (files.length > 0) options.onChosen?.();
  try {
    for (const file of files.slice(0, options.limit ?? 1)) {
      const place = await Promise.race([locating, patience()]);
      photos.push(await keepPhoto(file, place, options));
    }
  } catch (error) {
    if (photos.length === 0) throw error;
    showFailure(error);
  }
  return photos;
}

const patience = (): Promise<Place | null> => new Promise((resolve) => setTimeout(() => resolve(lastPlace()), PLACE_PATIENCE_MS));

function chooseFiles(options: TakeOptions): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "image/*";
    if (options.source !== "album") input.setAttribute("capture", "environment");
    else input.multiple = (options.limit ?? 1) > 1;
    input.hidden = true;
    const answer = (files: File[]): void => {
      input.remove();
      resolve(files);
    };
    input.addEventListener("change", () => answer([...(input.files ?? [])]));
    input.addEventListener("cancel", () => answer([]));
    document.body.append(input); // some WebViews drop the event of an input that is not in the page
    input.click();
  });
}

/** One file made into a kept photo. */
export async function keepPhoto(file: File, place: Place | null, options: TakeOptions): Promise<Photo> {
  const camera = await sha256(await file.arrayBuffer());
  const now = clock.deviceTime();
  const isOld = options.source === "album" && now - file.lastModified > JUST_TAKEN_MS;
  const read = readClock();
  const takenAt = (isOld ? file.lastModified : now) + (read.offsetMs ?? 0);
  const bytes = await printed(file, band(takenAt, isOld ? null : place, isOld, options.words ?? []));
  const facts = {
    taken_at: new Date(takenAt).toISOString(),
    longitude: isOld ? null : (place?.longitude ?? null),
    latitude: isOld ? null : (place?.latitude ?? null),
    accuracy_m: isOld ? null : (place?.accuracy_m ?? null),
    camera_sha256: camera,
  };
  return keepPicture(bytes, "image/jpeg", facts, options.draft, read);
}

/** A drawing (a signature) as it is: PNG, nothing written into it. */
export async function keepDrawing(canvas: HTMLCanvasElement, draft: string): Promise<Photo> {
  const bytes = await encoded(canvas, "image/png", 1);
  const facts = { taken_at: new Date(clock.time()).toISOString(), longitude: null, latitude: null, accuracy_m: null, camera_sha256: "" };
  return keepPicture(bytes, "image/png", facts, draft);
}

/** What is written into the picture, line by line. */
function band(takenAt: number, place: Place | null, isOld: boolean, words: string[]): string[] {
  const time = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(takenAt); // prettier-ignore
  const where = isOld ? "相册旧照，位置未记录" : place === null ? "未取得定位" : whereWords(place);
  return [...words.filter((line) => line !== ""), `${time}  ${where}`];
}

function whereWords(place: Place): string {
  const at = `${place.longitude.toFixed(5)}, ${place.latitude.toFixed(5)}`;
  return place.accuracy_m === null ? `${at}（手工点选）` : `${at} ±${place.accuracy_m}米`;
}

async function printed(file: File, lines: string[]): Promise<Bytes> {
  const picture = await decoded(file);
  let side = LARGEST_SIDE;
  try {
    for (;;) {
      const canvas = drawn(picture, side, lines);
      for (const quality of QUALITIES) {
        const bytes = await encoded(canvas, "image/jpeg", quality);
        if (bytes.byteLength <= LARGEST_BYTES) return bytes;
      }
      side = Math.round(side * SHRINK);
      if (side < SMALLEST_SIDE) throw new Failure("这张照片压缩不到 300 KB，请换一张再试。", "photo_too_large");
    }
  } finally {
    if ("close" in picture) picture.close();
  }
}

type Picture = ImageBitmap | HTMLImageElement;

/** Decoded upright and, where the browser can, already small: a weak phone cannot hold 48 megapixels twice. */
async function decoded(file: File): Promise<Picture> {
  try {
    const size = await shownSize(file);
    const scale = Math.min(1, LARGEST_SIDE / Math.max(size.width, size.height));
    const target = { resizeWidth: Math.round(size.width * scale), resizeHeight: Math.round(size.height * scale) };
    return await createImageBitmap(file, { imageOrientation: "from-image", resizeQuality: "medium", ...target });
  } catch {
    return asElement(file);
  }
}

/** Width and height as shown, that is after turning; asked of an element, which decodes only when drawn. */
async function shownSize(file: File): Promise<{ width: number; height: number }> {
  const image = await asElement(file);
  return { width: image.naturalWidth, height: image.naturalHeight };
}

async function asElement(file: File): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    return image;
  } catch {
    throw new Failure("这个文件不是能打开的图片，请重新拍一张。", "photo_unreadable");
  } finally {
    URL.revokeObjectURL(url);
  }
}

function drawn(picture: Picture, side: number, lines: string[]): HTMLCanvasElement {
  const width = "naturalWidth" in picture ? picture.naturalWidth : picture.width;
  const height = "naturalHeight" in picture ? picture.naturalHeight : picture.height;
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Failure("手机内存不足，照片处理不了，请关闭其他应用后再拍。", "photo_memory");
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  write(pen, canvas.width, canvas.height, lines);
  return canvas;
}

/** White on a dark band along the lower edge, wrapped to the width: readable on any picture. */
function write(pen: CanvasRenderingContext2D, width: number, height: number, lines: string[]): void {
  const size = Math.max(14, Math.round(Math.min(width, height) / 26));
  const margin = Math.round(size * 0.6);
  pen.font = `600 ${size}px "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`;
  const wrapped = lines.flatMap((line) => wrap(pen, line, width - 2 * margin));
  const step = Math.round(size * 1.35);
  const top = height - wrapped.length * step - margin;
  pen.fillStyle = "rgba(0, 0, 0, 0.62)";
  pen.fillRect(0, top - margin / 2, width, height - top + margin / 2);
  pen.fillStyle = "#ffffff";
  pen.textBaseline = "top";
  for (const [place, line] of wrapped.entries()) pen.fillText(line, margin, top + place * step);
}

function wrap(pen: CanvasRenderingContext2D, line: string, width: number): string[] {
  const rows: string[] = [];
  let row = "";
  for (const letter of line) {
    if (row !== "" && pen.measureText(row + letter).width > width) {
      rows.push(row);
      row = "";
    }
    row += letter;
  }
  return row === "" ? rows : [...rows, row];
}

function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => {
        if (blob === null) reject(new Failure("手机内存不足，照片处理不了，请关闭其他应用后再拍。", "photo_memory"));
        else void blob.arrayBuffer().then((buffer) => resolve(new Uint8Array(buffer)), reject);
      },
      type,
      quality,
    );
  });
}
