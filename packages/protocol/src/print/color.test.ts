import { expect, test } from "vitest";

import { wantsColor } from "./index.ts";

test.each([
  [true, {}, true],
  [false, {}, false],
  [undefined, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, true],
  [true, { TERM: "dumb", FORCE_COLOR: "1" }, true],
  [false, { FORCE_COLOR: "0" }, false],
  [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
])("a stream with isTTY %s and environment %o wants colour: %s", (isTTY, env, wanted) => {
  expect(wantsColor({ isTTY }, env)).toBe(wanted);
});
