// Islands: parts of a page that bring a script of their own, fetched only where the page has one.
//
// A template says `data-island="name"`; the module exports `start(element)`. Once started the element carries
// `data-island-state`: loading, then ready or failed. Without scripts the element's own content is all there is.
interface Island {
  start(place: HTMLElement): Promise<void> | void;
}

const ISLANDS: Record<string, () => Promise<Island>> = {
  "one-map": () => import("./onemap/page"),
  area: () => import("./onemap/area"),
  point: () => import("./onemap/point"),
  plan: () => import("./plan"),
};

/** Start every island below `within` that has not been started. */
export function startIslands(within: ParentNode): void {
  for (const place of within.querySelectorAll<HTMLElement>("[data-island]:not([data-island-state])")) {
    place.dataset.islandState = "loading"; // before waiting: nobody else starts the same one
    void start(place);
  }
}

async function start(place: HTMLElement): Promise<void> {
  const name = place.dataset.island ?? "";
  try {
    const island = await ISLANDS[name]?.();
    if (!island) throw new Error(`no island named ${name}`);
    await island.start(place);
    place.dataset.islandState = "ready";
  } catch (error) {
    console.error("island", name, error);
    place.dataset.islandState = "failed";
  }
}
