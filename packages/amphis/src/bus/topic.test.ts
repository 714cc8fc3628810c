import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkTopic, checkTopicPattern, coversTopic, matchesTopic } from "./topic.ts";

/** What spec/bus.md says, level by level. */
function matches(pattern: string, topic: string): boolean {
  if (/^[*#]/.test(pattern) && topic.startsWith("$")) return false;
  return matchLevels(pattern.split("."), topic.split("."));
}

function matchLevels([first, ...rest]: string[], levels: string[]): boolean {
  if (first === undefined) return levels.length === 0;
  if (first === "#") return true;
  if (levels.length === 0) return false;
  return (first === "*" || first === levels[0]) && matchLevels(rest, levels.slice(1));
}

/** Every text of up to so many of these levels. */
function textsOf(levels: readonly string[], most: number): string[] {
  if (most === 0) return [];
  const shorter = textsOf(levels, most - 1);
  return [
    ...new Set([
      ...levels,
      ...shorter,
      ...shorter.flatMap((text) => levels.map((level) => `${text}.${level}`)),
    ]),
  ];
}

function deep(levels: number): string {
  return Array(levels).fill("a").join(".");
}

describe("a topic", () => {
  test.each([
    "a",
    "prices.eu.gold",
    "$endpoint.up.a",
    "a$.b",
    "a@b.c?",
    deep(64),
    "x".repeat(1_024),
  ])("may be %j", (topic) => {
    expect(checkTopic(topic)).toBeUndefined();
  });

  test.each([
    ["", "it is empty"],
    ["a..b", "a level is empty"],
    [".a", "a level is empty"],
    ["a.", "a level is empty"],
    ["a.*", "it contains *"],
    ["a.b#", "it contains #"],
    ["a\tb", "it contains a control character"],
    ["\udc00", "it is not valid Unicode"],
    [deep(65), "it has more than 64 levels"],
    ["x".repeat(1_025), "it is longer than 1024 bytes"],
    [".".repeat(10_000_000), "it is longer than 1024 bytes"],
  ])("must not be %.20j", (topic, reason) => {
    expect(() => checkTopic(topic)).toThrow(
      expect.objectContaining({ code: "NAME_INVALID", what: "topic", reason }),
    );
  });
});

describe("a topic pattern", () => {
  test.each(["#", "*", "a.#", "*.#", "a.*.b", "*.*", "$endpoint.#", `${deep(63)}.#`])(
    "may be %j",
    (pattern) => {
      expect(checkTopicPattern(pattern)).toBeUndefined();
    },
  );

  test.each([
    ["", "it is empty"],
    ["a..#", "a level is empty"],
    ["#.a", "# must be the last level"],
    ["a.#.#", "# must be the last level"],
    ["a*", "* and # must be a level of their own"],
    ["**", "* and # must be a level of their own"],
    ["a.#b", "* and # must be a level of their own"],
    ["😀*", "* and # must be a level of their own"],
    [`${deep(64)}.#`, "it has more than 64 levels"],
    ["x".repeat(1_025), "it is longer than 1024 bytes"],
  ])("must not be %.20j", (pattern, reason) => {
    expect(() => checkTopicPattern(pattern)).toThrow(
      expect.objectContaining({ code: "NAME_INVALID", what: "topic pattern", reason }),
    );
  });
});

test.each([
  ["a", "a", true],
  ["a", "b", false],
  ["a", "a.b", false],
  ["a.b", "a", false],
  ["a", "aa", false],
  ["aa", "a", false],
  ["*", "a", true],
  ["*", "a.b", false],
  ["*.b", "a.b", true],
  ["a.*", "a", false],
  ["#", "a", true],
  ["#", "a.b.c", true],
  ["a.#", "a", true],
  ["a.#", "a.b.c", true],
  ["a.#", "ab", false],
  ["a.*.#", "a", false],
  ["a.*.#", "a.b", true],
  ["#", "$a", false],
  ["*", "$a", false],
  ["*.b", "$a.b", false],
  ["$a", "$a", true],
  ["$a.*", "$a.b", true],
  ["a.*", "a.$b", true],
])("%j matches %j: %j", (pattern, topic, expected) => {
  expect(matchesTopic(pattern, topic)).toBe(expected);
});

const level = fc.constantFrom("a", "b", "ab", "$", "$a");
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join("."));
const pattern = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("*")), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open || levels.length === 0 ? ["#"] : [])].join("."));

test("a pattern matches what the naive reading of the rules says", () => {
  fc.assert(
    fc.property(pattern, topic, (pattern, topic) => {
      checkTopicPattern(pattern);
      expect(matchesTopic(pattern, topic)).toBe(matches(pattern, topic));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["#", "a.*.#", true],
  ["*.#", "#", true],
  ["#", "*.#", true],
  ["*.*.#", "#", false],
  ["a.#", "a", true],
  ["a.#", "a.#", true],
  ["a.*", "a.#", false],
  ["a.*.#", "a.#", false],
  ["a.b", "a.*", false],
  ["#", "$a", false],
  ["#", "$a.#", false],
  ["$a.#", "$a.b", true],
  ["a.*", "a.$b", true],
])("%j covers %j: %j", (outer, inner, expected) => {
  expect(coversTopic(outer, inner)).toBe(expected);
});

test("a pattern covers another exactly when it matches each of the other's topics", () => {
  const open = ["a", "$s", "*"];
  const patterns = [...textsOf(open, 3), "#", ...textsOf(open, 2).map((pattern) => `${pattern}.#`)];
  // "c" is in no pattern, and four levels are more than any of them names: if two patterns differ at all, they differ here.
  const topics = textsOf(["a", "$s", "c"], 4);
  const matched = new Map(
    patterns.map((pattern) => [pattern, topics.map((topic) => matches(pattern, topic))]),
  );
  const wrong: string[] = [];
  for (const [outer, byOuter] of matched) {
    for (const [inner, byInner] of matched) {
      const covers = byInner.every((is, index) => !is || byOuter[index]);
      if (coversTopic(outer, inner) !== covers) wrong.push(`${outer} over ${inner}: ${covers}`);
    }
  }
  expect(patterns.length).toBe(52);
  expect(wrong).toEqual([]);
});
