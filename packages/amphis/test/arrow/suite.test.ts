import { gunzipSync } from "node:zlib";

import { AmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { openTable } from "../../src/memory/index.ts";
import { expectedColumns } from "./integration-json.ts";
import { plain } from "./sample.ts";
import { bytesOf, GOLDEN, isSuitePresent, refusedFor, WHY_ABSENT } from "./suite.ts";

if (isSuitePresent) {
  describe("Arrow integration suite", () => {
    test("has the files that this test knows", () => {
      expect(GOLDEN.length).toBe(182);
    });

    for (const name of GOLDEN) {
      const feature = refusedFor(name);
      if (feature === undefined) {
        test(`${name} is equal to its JSON`, () => {
          const table = openTable({ bytes: bytesOf(name) });
          const json = gunzipSync(bytesOf(name.replace(/\.\w+$/u, ".json.gz"))).toString();
          const expected = expectedColumns(json);
          expect(table.children.length).toBe(expected.length);
          for (const [at, column] of table.children.entries()) {
            expect(plain([...column])).toEqual(expected[at]);
            expect(plain(column.toArray())).toEqual(expected[at]);
          }
        });
      } else {
        test(`${name} is refused for ${feature}`, () => {
          const open = () => openTable({ bytes: bytesOf(name) });
          expect(open).toThrow(AmphisError);
          expect(open).toThrow(`Cannot use table: ${feature} is not supported`);
        });
      }
    }
  });
} else {
  test("Arrow integration suite", ({ skip }) => skip(WHY_ABSENT));
}
