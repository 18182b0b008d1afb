/** Finding sites on the phone by words: name, address, code, industry, village; every word must be found. */

import type { Site } from "../types.ts";

export const RISK_ORDER = ["red", "orange", "yellow", "blue"];

function matches(site: Site, words: string): boolean {
  const text = [site.name, site.address, site.code, site.industry_name, site.site_type_label, site.village_name].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Sites that match, those whose name begins so first. */
export function found(sites: readonly Site[], words: string): Site[] {
  const asked = words.trim();
  if (asked === "") return [...sites];
  const begins = (site: Site): number => (site.name.includes(asked) ? site.name.indexOf(asked) : 1000);
  return sites.filter((site) => matches(site, asked)).sort((one, other) => begins(one) - begins(other));
}
