import fc from "fast-check";
import { expect, test } from "vitest";

import { formatPath, parsePath } from "./config-path.ts";
import { readJson } from "./json-text.ts";
import { scriptPlaces } from "./literal-places.ts";
import { mask } from "./mask.ts";
import { Lines, type Place } from "./places.ts";

/** What is parsed from the places of a text must be what stands there. */
function expectPlaces(text: string, place: Place, value: unknown): void {
  expect(JSON.parse(valueAt(text, place.value))).toEqual(value);
  if (typeof value !== "object" || value === null) return;
  const names = Object.keys(value);
  expect([...place.parts.keys()].toSorted()).toEqual(names.toSorted());
  for (const [name, part] of place.parts) {
    const child: unknown = (value as Readonly<Record<string, unknown>>)[name];
    if (!Array.isArray(value)) expect(valueAt(text, part.key)).toBe(JSON.stringify(name));
    expectPlaces(text, part, child);
  }
}

/** The shortest text from there on that is JSON of its own. */
function valueAt(text: string, start: number): string {
  if (/[{["]/u.test(text[start] ?? "")) {
    for (let end = start + 1; end <= text.length; end += 1) {
      if (!/[}\]"]/u.test(text[end - 1] ?? "")) continue;
      try {
        const part = text.slice(start, end);
        JSON.parse(part);
        return part;
      } catch {
        // Not yet.
      }
    }
  }
  return /^[-+.\w]+/u.exec(text.slice(start))?.[0] ?? "";
}

const data = fc.jsonValue({ maxDepth: 4, depthSize: "small" });

test("JSON is read as JSON.parse reads it, and each part is where it is said to be", () => {
  fc.assert(
    fc.property(data, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const read = readJson(text);
      expect(read.value).toEqual(JSON.parse(text));
      expectPlaces(text, read.place, JSON.parse(text));
    }),
    { numRuns: 200 },
  );
});

test("an object in a module has the places that it has in JSON", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), data), (value) => {
      const json = JSON.stringify(value);
      const head = "// defineConfig({ a: 1 })\nexport default defineConfig(";
      const places = scriptPlaces(`${head}${json});`);
      expect(places).toEqual(shifted(readJson(json).place, head.length));
    }),
    { numRuns: 200 },
  );
});

function shifted({ key, value, parts }: Place, by: number): Place {
  const moved = [...parts].map(([name, part]) => [name, shifted(part, by)] as const);
  return { key: key + by, value: value + by, parts: new Map(moved) };
}

const scraps = fc.array(
  fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    '"',
    "'",
    "`",
    "${",
    "/",
    "/*",
    "*/",
    "//",
    "\n",
    "\\",
    "a",
    "export default",
    "...",
    "async ",
    "=>",
  ),
  { maxLength: 60 },
);

test("any text comes to an end, and keeps its length and lines when it is masked", () => {
  fc.assert(
    fc.property(scraps, (parts) => {
      const text = `export default {${parts.join("")}`;
      const masked = mask(text);
      expect(masked.length).toBe(text.length);
      expect(masked.split("\n").length).toBe(text.split("\n").length);
      expect(scriptPlaces(text)?.value).toBe(15);
    }),
    { numRuns: 2_000 },
  );
});

test("paths are read as they were written", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.nat())), (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }),
  );
});

test.each(["a..b", "a[", "a[x]", ".", 'a["\\x"]'])("%s is no path", (text) => {
  expect(() => parsePath(text)).toThrow(TypeError);
});

test("lines and columns are found from offsets, and offsets from them", () => {
  const lines = new Lines("ab\r\n\nc");
  expect([0, 2, 4, 5, 6].map((offset) => lines.at(offset))).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 3 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 3, column: 2 },
  ]);
  expect([1, 2, 3].map((line) => lines.line(line))).toEqual(["ab", "", "c"]);
  expect(lines.offset({ line: 3, column: 1 })).toBe(5);
  expect(lines.offset({ line: 9, column: 9 })).toBe(6);
});
