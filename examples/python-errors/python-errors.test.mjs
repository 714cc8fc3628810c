import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("exceptions come with their fields, causes and advice, and errors of TypeScript go and return", async ({
  skip,
}) => {
  needPython(skip, { modules: ["numpy"], since: "3.11" }); // which groups exceptions
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    "OverdrawnError in transfer of bank",
    "raise OverdrawnError(account, amount - balance)",
    "ann lacks 400 { account: 'ann', missing: 400 }",
    "there is no account bob",
    "KeyError 'bob'",
    "ValueError: 1 is missing",
    "OSError: no paper",
    "dot [ [ 3 ], [ 4 ] ]",
    "Make their shapes fit, with reshape(), transposed, or by taking a part",
    "jsno or json",
    "transfer(account: 'str', amount: 'int') -> 'int'",
    "RangeError: it is 0",
    "true it is 0",
    "",
  ]);
});
