import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("workers die, hang and take too much, and the program goes on each time", async ({ skip }) => {
  if (process.platform !== "linux") skip("the limit of memory is kept on Linux alone");
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    "segfault SIGSEGV in fragile:segfault",
    "true",
    "42",
    "rejected [ 2, 4, 6, 8, 10, 12 ]",
    "done",
    "1",
    "Cannot get result of fragile:spin: it was not done within 200 ms",
    "6",
    "CALL_TIMEOUT",
    "8",
    "nobody waits for it",
    "WORKER_CRASHED",
    "HANDLE_GONE",
    "SESSION_CLOSED",
    "MemoryError Work on smaller parts, or raise the memory limit of the worker",
    "2",
    "3 { call: 'fragile:segfault', kind: 'segfault', count: 3 }",
    "3",
    "tidy",
    "",
  ]);
});
