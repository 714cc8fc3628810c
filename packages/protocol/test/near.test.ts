import { expect, test } from "vitest";

import { nearNames } from "@amphis/protocol";

test("near names are those with few other characters, nearest first", () => {
  expect(nearNames("timeoutMS", ["timeout", "timeoutMs", "retry"])).toEqual([
    "timeoutMs",
    "timeout",
  ]);
  expect(nearNames("a", ["b", "c"])).toEqual([]);
});

test("a name that the other begins with is near, before those that share letters only", () => {
  const parameters = ["filepath", "sep", "delimiter", "iterator", "names"];
  expect(nearNames("seperator", parameters)).toEqual(["sep", "iterator"]);
  expect(nearNames("memory", ["memoryBytes", "files"])).toEqual(["memoryBytes"]);
});

test("a beginning of two letters says nothing", () => {
  expect(nearNames("ioloop", ["io"])).toEqual([]);
});
