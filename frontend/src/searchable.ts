// `data-searchable`: a long select gets a field above it; what is typed there leaves only the options that hold every word.
import { tr } from "./words";

const ROWS = 6;

/** Equip every such select below `within` once. Without scripts the select works as it is. */
export function searchableSelects(within: ParentNode): void {
  for (const select of within.querySelectorAll<HTMLSelectElement>("select[data-searchable]:not([data-searching])")) {
    select.dataset.searching = "yes";
    equip(select);
  }
}

function equip(select: HTMLSelectElement): void {
  const all = [...select.options];
  const field = document.createElement("input");
  field.type = "search";
  field.className = "form-control mb-1";
  field.placeholder = tr("输入文字查找");
  field.setAttribute("aria-label", `${select.labels[0]?.textContent ?? ""} ${tr("输入文字查找")}`);
  field.autocomplete = "off";
  select.before(field);
  field.addEventListener("input", () => {
    const words = field.value.trim().toLowerCase().split(/\s+/);
    const chosen = select.value;
    const fitting = all.filter((one) => words.every((word) => one.text.toLowerCase().includes(word)));
    const only = field.value.trim() && fitting.length === 1 ? fitting[0] : undefined;
    select.replaceChildren(...all.filter((one) => one.value === "" || one.value === chosen || fitting.includes(one)));
    select.value = only?.value ?? chosen;
    select.size = field.value.trim() ? Math.min(ROWS, Math.max(2, select.options.length)) : 1;
    if (only && only.value !== chosen) select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // searching is not sending
  });
  select.addEventListener("change", () => {
    select.size = 1;
  });
}
