import { expect, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { call, opened } from "./opened.ts";

const blocking = (name: string, args: readonly unknown[] = []) =>
  ({ kind: "call", name, function: `work:${name}`, args }) as const;

test.for([
  ["segfault", [], { death: "segfault", signal: "SIGSEGV" }],
  ["abort", [], { death: "abort", signal: "SIGABRT" }],
  ["leave", [7], { death: "exit", exitCode: 7 }],
  ["kill_itself", ["SIGKILL"], { death: "killed", signal: "SIGKILL" }],
  ["complain_and_leave", ["no disk\n"], { death: "exit", exitCode: 3, stderr: "no disk\n" }],
] as const)("a blocking call of %s says how its worker died", async ([name, args, expected]) => {
  const logs: string[] = [];
  const pool = await opened({
    breaker: { crashes: 1_000 },
    onLog: ({ message }) => void logs.push(message),
  });
  let error: unknown;
  // Who blocks waits only for a moment, in which a busy machine may have told nothing.
  do {
    error = await rejection(
      (async () => pool.submitSync(blocking(name, args), { timeoutMs: 20_000 }))(),
    );
    await call(pool, "echo", ["there is a worker"]);
  } while ((error as { death?: string }).death === "lost");
  expect(error).toMatchObject({ code: "WORKER_CRASHED", call: name, ...expected });
  if (name === "segfault") {
    expect(error).toHaveProperty("pythonStack", expect.stringContaining("in segfault"));
  }
  await until(() => pool.status().crashes.at(-1)?.kind === expected.death);
  if (name === "complain_and_leave") expect(new Set(logs)).toEqual(new Set(["no disk"]));
});
