// What scrolls sideways must be reachable without a mouse: browsers before Chromium 130 do not see to it themselves.
import { tr } from "./words";

const SCROLLERS = ".table-responsive, .map-side, .plan-grids";

/** Make every box that scrolls a stop of the Tab key, named after its heading; again whenever the window's width changes. */
export function reachableScrollers(within: ParentNode): void {
  for (const box of within.querySelectorAll<HTMLElement>(SCROLLERS)) {
    if (box.dataset.watched) continue;
    box.dataset.watched = "yes";
    new ResizeObserver(() => reach(box)).observe(box);
  }
}

function reach(box: HTMLElement): void {
  if (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight) {
    box.removeAttribute("tabindex");
    box.removeAttribute("role");
    return;
  }
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  const heading = box.closest(".card")?.querySelector("h2, h3") ?? document.querySelector("h1");
  if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", heading?.textContent?.trim() || tr("表格"));
}
