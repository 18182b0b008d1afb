// The console's script: behaviour that every page shares, and islands fetched only where a page has one.
import "@tabler/core/dist/js/tabler.esm.js";

import { confirmPlainForms } from "./confirm";
import { autoSubmit, blockSecondSubmit, fillPosition, printButtons, tickAll } from "./forms";
import { startIslands } from "./islands";
import { setUpRequests } from "./requests";
import { searchableSelects } from "./searchable";
import { reachableScrollers } from "./scrollers";
import { showCarriedMessages } from "./toast";

setUpRequests();
confirmPlainForms();
autoSubmit();
blockSecondSubmit();
fillPosition();
printButtons();
tickAll();
showCarriedMessages(document);
searchableSelects(document);
reachableScrollers(document);

async function startMaps(within: ParentNode): Promise<void> {
  const places = [...within.querySelectorAll<HTMLElement>("[data-map-url]:not([data-map-state])")];
  if (places.length === 0) return;
  for (const place of places) place.dataset.mapState = "loading"; // before waiting: nobody else starts the same map
  const { drawMap } = await import("./map");
  await Promise.all(places.map(drawMap));
}

void startMaps(document);
startIslands(document);
document.addEventListener("htmx:load", (event) => {
  const { elt } = (event as CustomEvent<{ elt: HTMLElement }>).detail;
  void startMaps(elt.parentElement ?? document);
  startIslands(elt.parentElement ?? document);
  searchableSelects(elt.parentElement ?? document);
  reachableScrollers(elt.parentElement ?? document);
});
