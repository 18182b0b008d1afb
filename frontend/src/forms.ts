// Small comforts of plain forms.
import { toast } from "./toast";
import { tr } from "./words";

/** `data-autosubmit`: a filter form sends itself when a choice changes; words and dates wait for the button. */
export function autoSubmit(): void {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLSelectElement)) return;
    field.closest<HTMLFormElement>("form[data-autosubmit]")?.requestSubmit();
  });
}

/** A form sent once cannot be sent again by an impatient second click. The browser's "back" makes it usable again. */
export function blockSecondSubmit(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  });
}

/** `data-fill-position="id"`: a button that writes where this device is into the field, as "longitude,latitude". */
export function fillPosition(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest<HTMLButtonElement>("[data-fill-position]");
    const field = document.getElementById(button?.dataset.fillPosition ?? "");
    if (!button || !(field instanceof HTMLInputElement)) return;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.longitude.toFixed(6)},${coords.latitude.toFixed(6)}`;
        button.disabled = false;
      },
      () => {
        toast({ text: tr("没有取得位置，请检查浏览器的定位权限，或直接填写经度和纬度。"), level: "warning" });
        button.disabled = false;
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}

/** `data-print`: a button that prints the page. */
export function printButtons(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element | null)?.closest("[data-print]")) print();
  });
}

/** `data-tick-all="name"`: a box that ticks all boxes of that name in its table; without scripts it stays hidden. */
export function tickAll(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("input[data-tick-all]")) box.hidden = false;
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    const table = box.closest("table");
    const all = table?.querySelector<HTMLInputElement>("input[data-tick-all]");
    if (!table || !all) return;
    const boxes = [...table.querySelectorAll<HTMLInputElement>(`tbody input[name="${all.dataset.tickAll}"]`)];
    if (box === all) for (const one of boxes) one.checked = all.checked;
    const ticked = boxes.filter((one) => one.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}
