import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

/** Why the story cannot run here, if so. */
function missing() {
  if (python === undefined) return "AMPHIS_PYTHON names no interpreter; run it with npm test";
  return process.platform === "linux" ? undefined : "the limit of memory is kept on Linux alone";
}

const reason = missing();
if (reason === undefined) {
  test("workers die, hang and take too much, and the program goes on each time", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
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
} else {
  test("recovery from crashes", ({ skip }) => skip(reason));
}
