import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Account } from "../src/core/account.ts";
import { takePhotos } from "../src/core/photo.ts";
import { setTeller } from "../src/core/tell.ts";
import { freshPhone } from "./phone.ts";

type Listener = () => void;

/** A chooser of files that hears the browser only where a test lets it. */
class Chooser {
  files: File[] = [];
  private readonly heard = new Map<string, Listener>();
  setAttribute(): void {}
  remove(): void {}
  click(): void {}
  addEventListener(name: string, listener: Listener): void {
    this.heard.set(name, listener);
  }
  choose(...files: File[]): void {
    this.files = files;
    this.heard.get("change")?.();
  }
}

const PEN = { drawImage() {}, fillRect() {}, fillText() {}, measureText: (words: string) => ({ width: words.length }) };
const CANVAS = { getContext: () => PEN, toBlob: (answer: (blob: Blob) => void) => answer(new Blob([new Uint8Array(100)])) };

/** Pictures named "bad…" are none. */
class Picture {
  naturalWidth = 40;
  naturalHeight = 30;
  onload: Listener = () => undefined;
  onerror: Listener = () => undefined;
  set src(url: string) {
    queueMicrotask(url.startsWith("bad") ? this.onerror : this.onload);
  }
}

let mine: Account;
let choosers: Chooser[];
beforeEach(async () => {
  ({ mine } = await freshPhone());
  choosers = [];
  const createElement = (name: string): unknown => {
    if (name === "canvas") return { ...CANVAS };
    const chooser = new Chooser();
    choosers.push(chooser);
    return chooser;
  };
  vi.stubGlobal("document", { createElement, body: { append: () => undefined } });
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("Image", Picture);
  vi.spyOn(URL, "createObjectURL").mockImplementation((file) => (file as File).name);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const file = (name: string): File => new File([name], name);

test("pictures count as chosen only when there are some: older browsers never tell that nothing was", async () => {
  const told: string[] = [];
  void takePhotos({ draft: "d", onChosen: () => told.push("first") });
  const second = takePhotos({ draft: "d", onChosen: () => told.push("second") });
  choosers[1]!.choose(file("good.jpg"));
  expect(await second).toHaveLength(1);
  expect(told).toEqual(["second"]);
});

test("a picture that cannot be opened does not cost those before it", async () => {
  const told: unknown[] = [];
  setTeller((error) => told.push(error));
  const taking = takePhotos({ draft: "d", source: "album", limit: 3 });
  choosers[0]!.choose(file("one.jpg"), file("bad.jpg"));
  expect(await taking).toHaveLength(1);
  expect(told).toMatchObject([{ code: "photo_unreadable" }]);
  expect(await mine.database.photos.count()).toBe(1);
});

test("with none kept, the failure is the caller's", async () => {
  const taking = takePhotos({ draft: "d" });
  choosers[0]!.choose(file("bad.jpg"));
  await expect(taking).rejects.toMatchObject({ code: "photo_unreadable" });
});
