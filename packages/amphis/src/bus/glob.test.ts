import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkGlob, compileGlob } from "./glob.ts";

/** What spec/bus.md says, character by character. */
function matches(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === "*") {
    const any = rest[0] === "*";
    const behind = any ? rest.slice(1) : rest;
    for (let taken = 0; taken <= text.length; taken += 1) {
      if (!any && taken > 0 && text[taken - 1] === ".") return false;
      if (matches(behind, text.slice(taken))) return true;
    }
    return false;
  }
  const [character] = text;
  if (character === undefined) return false;
  return (first === "?" ? character !== "." : character === first) && matches(rest, text.slice(1));
}

describe("a glob", () => {
  test.each([
    ["a.b", "a.b", true],
    ["a.b", "axb", false],
    ["?", "a", true],
    ["?", ".", false],
    ["?", "", false],
    ["?", "😀", true],
    ["??", "😀", false],
    ["*", "", true],
    ["*", "abc", true],
    ["*", "a.b", false],
    ["a.*", "a.b", true],
    ["a.*", "a.", true],
    ["a.*", "a.b.c", false],
    ["**", "", true],
    ["**", "a.b\n.c", true],
    ["a.**", "a.b.c", true],
    ["a.**", "a", false],
    ["a**", "a.b", true],
    ["**.c", "a.b.c", true],
    ["*.c", "a.b.c", false],
    ["a.*.c", "a.b.c", true],
    ["a***c", "a.b.c", true],
    ["*a*b", "xaxb", true],
    ["@image*", "@images", true],
    ["[a](b)+$^|\\", "[a](b)+$^|\\", true],
    ["[ab]", "a", false],
  ])("%j matches %j: %j", (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  test("matches what the naive reading of the rules says", () => {
    const part = fc.constantFrom("a", "b", ".", "?", "*", "**", "😀");
    const letter = fc.constantFrom("a", "b", ".", "😀", "\ud83d");
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.array(letter, { maxLength: 8 }),
        (parts, letters) => {
          const text = letters.join("");
          const pattern = parts.join("");
          expect(compileGlob(pattern)(text)).toBe(matches([...pattern], [...text]));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("matches beyond the states of one word and two", () => {
    for (const length of [30, 31, 32, 33, 63, 64, 65, 1_022]) {
      const letters = "ab".repeat(512).slice(0, length);
      const matches = compileGlob(`${letters}?*`);
      expect([matches(`${letters}c`), matches(`${letters}cdef`), matches(letters)]).toEqual([
        true,
        true,
        false,
      ]);
      expect(compileGlob(`*${letters}`)(`${letters}${letters}`)).toBe(true);
      expect(compileGlob(`*${letters}`)(`${letters}${letters}c`)).toBe(false);
    }
  });

  test.each(["*a*a*a*a*a*a*a*a*b", "**a**a**a**a**a**a**b", `${"*?".repeat(500)}b`])(
    "of %.20j ends on a text that it nearly matches",
    (pattern) => {
      const matches = compileGlob(pattern);
      expect([matches("a".repeat(20_000)), matches(`${"a".repeat(20_000)}b`)]).toEqual([
        false,
        true,
      ]);
    },
  );

  test("answers each text by itself", () => {
    const matches = compileGlob("a*c");
    expect(["abc", "ab", "abc", "", "c", "ac"].map(matches)).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  test.each([
    ["", "it is empty"],
    ["*\n", "it contains a control character"],
    ["\ud800*", "it is not valid Unicode"],
    ["ß".repeat(513), "it is longer than 1024 bytes"],
    ["*".repeat(1_025), "it is longer than 1024 bytes"],
  ])("must not be %.20j", (pattern, reason) => {
    for (const refuse of [checkGlob, compileGlob]) {
      expect(() => refuse(pattern)).toThrow(
        expect.objectContaining({ code: "NAME_INVALID", what: "glob", reason }),
      );
    }
  });

  test("must be text", () => {
    expect(() => compileGlob(/a/ as never)).toThrow(TypeError);
  });
});
