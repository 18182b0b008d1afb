/** Where the phone is, shared by pages that show distances: asked for once the user has allowed it, or touches "定位". */

import { onScopeDispose, type Ref, ref, shallowRef, type ShallowRef } from "vue";

import { currentPlace, lastPlace, type Place } from "../core/place.ts";
import { wordsOf } from "./say.ts";

const here: ShallowRef<Place | null> = shallowRef(null);
const words = ref("");
const isBusy = ref(false);

export interface Here {
  here: Readonly<ShallowRef<Place | null>>;
  /** Why there is no position, and what to do. */
  words: Readonly<Ref<string>>;
  isBusy: Readonly<Ref<boolean>>;
  locate(): Promise<void>;
}

/** `isAsked`: ask for the position at once where that needs no question to the user. */
export function useHere(isAsked = true): Here {
  here.value ??= lastPlace();
  if (isAsked) void locateIfAllowed();
  return { here, words, isBusy, locate };
}

/** Follows the phone while a page is open: for maps. */
export function followHere(): void {
  if (!("geolocation" in navigator)) return;
  let watching: number | null = null;
  let isGone = false;
  void mayLocate().then((may) => {
    if (!may || isGone) return;
    watching = navigator.geolocation.watchPosition(
      ({ coords }) => {
        const { longitude, latitude, accuracy } = coords;
        here.value = { longitude, latitude, accuracy_m: Math.round(accuracy), at: Date.now(), by: "position" };
      },
      () => undefined, // the button says why, when touched
      { enableHighAccuracy: true, maximumAge: 5_000 },
    );
  });
  onScopeDispose(() => {
    isGone = true;
    if (watching !== null) navigator.geolocation.clearWatch(watching);
  });
}

async function locate(): Promise<void> {
  if (isBusy.value) return;
  isBusy.value = true;
  words.value = "";
  try {
    here.value = await currentPlace();
  } catch (error) {
    words.value = wordsOf(error).join("\n");
  } finally {
    isBusy.value = false;
  }
}

async function locateIfAllowed(): Promise<void> {
  if (!(await mayLocate()) || isBusy.value) return;
  await locate();
  words.value = ""; // nobody asked
}

async function mayLocate(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false; // older browsers cannot say: the user touches the button
  }
}
