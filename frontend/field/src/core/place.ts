/** Where the phone is. */

import { Failure } from "./failures.ts";

export interface Place {
  longitude: number;
  latitude: number;
  /** Radius in metres within which the phone is, by its own word; null when put on the map by hand. */
  accuracy_m: number | null;
  /** Milliseconds, phone's clock. */
  at: number;
  by: "position" | "hand";
}

/** No position; `code`: unsupported, denied, unavailable, timeout. */
export class PlaceFailure extends Failure {}

const GOOD_ENOUGH_M = 30;
const LIMIT_MS = 20_000;
const FRESH_MS = 30_000;

let last: Place | null = null;

/** The latest position known, however old. */
export const lastPlace = (): Place | null => last;

/**
 * The phone's position: the first within 30 m, else the best that came within the limit. Raises `PlaceFailure` with words that say what to do.
 * A position of the last 30 seconds is given again at once.
 */
export function currentPlace(options: { limitMs?: number; isFresh?: boolean } = {}): Promise<Place> {
  if (last !== null && !options.isFresh && Date.now() - last.at < FRESH_MS && (last.accuracy_m ?? Infinity) <= GOOD_ENOUGH_M) {
    return Promise.resolve(last);
  }
  if (!("geolocation" in navigator)) {
    return Promise.reject(new PlaceFailure("这个浏览器不能定位，请在地图上点选位置。", "unsupported"));
  }
  return new Promise((resolve, reject) => watchUntilGood(options.limitMs ?? LIMIT_MS, resolve, reject));
}

function watchUntilGood(limitMs: number, resolve: (place: Place) => void, reject: (failure: PlaceFailure) => void): void {
  let best: Place | null = null;
  const finish = (failure: PlaceFailure | null): void => {
    navigator.geolocation.clearWatch(watching);
    clearTimeout(timer);
    if (best !== null) resolve((last = best));
    else reject(failure ?? new PlaceFailure("定位超时：请走到窗边或室外再试，或在地图上点选位置。", "timeout"));
  };
  const timer = setTimeout(() => finish(null), limitMs);
  const watching = navigator.geolocation.watchPosition(
    ({ coords }) => {
      const { longitude, latitude, accuracy } = coords;
      if (best === null || accuracy < (best.accuracy_m ?? Infinity)) {
        best = { longitude, latitude, accuracy_m: Math.round(accuracy), at: Date.now(), by: "position" };
      }
      if (accuracy <= GOOD_ENOUGH_M) finish(null);
    },
    (error) => {
      if (error.code === error.PERMISSION_DENIED) {
        finish(new PlaceFailure("没有定位权限：请在手机设置里允许本应用（或微信）使用位置，或在地图上点选位置。", "denied"));
      } else if (error.code === error.POSITION_UNAVAILABLE) {
        finish(new PlaceFailure("手机定位没有打开或暂时定不到，请打开定位服务，或在地图上点选位置。", "unavailable"));
      } // a time-out of one attempt: the limit above decides
    },
    { enableHighAccuracy: true, timeout: limitMs, maximumAge: 0 },
  );
}

/** A position put on the map by hand. */
export function placeByHand(longitude: number, latitude: number): Place {
  return { longitude, latitude, accuracy_m: null, at: Date.now(), by: "hand" };
}
