/** Signs of the app: outlines of Tabler, one line each. `<icon name="map" />`. */

import alert from "@tabler/icons/outline/alert-triangle.svg?raw";
import bell from "@tabler/icons/outline/bell.svg?raw";
import book from "@tabler/icons/outline/book.svg?raw";
import calendar from "@tabler/icons/outline/calendar.svg?raw";
import camera from "@tabler/icons/outline/camera.svg?raw";
import check from "@tabler/icons/outline/check.svg?raw";
import right from "@tabler/icons/outline/chevron-right.svg?raw";
import left from "@tabler/icons/outline/chevron-left.svg?raw";
import clock from "@tabler/icons/outline/clock.svg?raw";
import cloud from "@tabler/icons/outline/cloud-upload.svg?raw";
import offline from "@tabler/icons/outline/cloud-off.svg?raw";
import file from "@tabler/icons/outline/file-text.svg?raw";
import files from "@tabler/icons/outline/files.svg?raw";
import id from "@tabler/icons/outline/id-badge-2.svg?raw";
import list from "@tabler/icons/outline/list-check.svg?raw";
import map from "@tabler/icons/outline/map.svg?raw";
import pin from "@tabler/icons/outline/map-pin.svg?raw";
import phone from "@tabler/icons/outline/phone.svg?raw";
import photo from "@tabler/icons/outline/photo.svg?raw";
import plus from "@tabler/icons/outline/plus.svg?raw";
import qr from "@tabler/icons/outline/qrcode.svg?raw";
import refresh from "@tabler/icons/outline/refresh.svg?raw";
import route from "@tabler/icons/outline/route.svg?raw";
import search from "@tabler/icons/outline/search.svg?raw";
import send from "@tabler/icons/outline/send.svg?raw";
import settings from "@tabler/icons/outline/settings.svg?raw";
import trash from "@tabler/icons/outline/trash.svg?raw";
import user from "@tabler/icons/outline/user.svg?raw";
import x from "@tabler/icons/outline/x.svg?raw";

const sources = {
  alert, bell, book, calendar, camera, check, clock, cloud, file, files, id, left, list, map, offline, phone, photo, pin, plus,
  qr, refresh, right, route, search, send, settings, trash, user, x,
}; // prettier-ignore

export type IconName = keyof typeof sources;

/** The shapes of a sign, without Tabler's frame. */
export const shapesOf = (name: string): string =>
  (sources[name as IconName] ?? "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
