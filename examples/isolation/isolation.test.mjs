import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("what a policy denies is denied, and what somebody approved is known", async ({ skip }) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  const lines = output.trimEnd().split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "math      5",
      "event     processes subprocess.Popen",
      "denied    processes subprocess.Popen",
      "reached   libraries.allow",
      "file      files.read",
      "page      hello",
      "event     network socket.connect",
      "denied    203.0.113.7:80",
      "found     { processes: 1 }",
      "state     pending",
      "state     approved",
    ]),
  );
  // Where this machine has no sandbox, it says what is missing.
  const own = ["own file  here", "lent file true", "host file files.read"];
  const isSandboxed = lines.includes("own file  here");
  expect(lines.filter((line) => own.includes(line))).toEqual(isSandboxed ? own : []);
  if (!isSandboxed) expect(output).toContain("[");
});
