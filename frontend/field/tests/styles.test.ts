import { expect, it } from "vitest";

const files = import.meta.glob<string>("../src/**/*.vue", { eager: true, query: "?raw", import: "default" });

/** Rules of a component whose selector is a class and nothing else. */
function rules(source: string): [string, string][] {
  const style = /<style>([\s\S]*?)<\/style>/.exec(source)?.[1] ?? "";
  return [...style.matchAll(/^\.([\w-]+) \{([^}]*)\}/gm)].map(([, name, body]) => [name ?? "", (body ?? "").replace(/\s+/g, " ").trim()]);
}

it("gives a class one look: styles of pages once opened stay and lie over those of the others", () => {
  const looks = new Map<string, string>();
  const found: string[] = [];
  for (const [file, source] of Object.entries(files)) {
    for (const [name, body] of rules(source)) {
      if ((looks.get(name) ?? body) !== body) found.push(`.${name} in ${file}`);
      looks.set(name, body);
    }
  }
  expect(looks.size).toBeGreaterThan(50);
  expect(found).toEqual([]);
});
