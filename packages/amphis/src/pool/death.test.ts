import { expect, test } from "vitest";

import { CrashHistory } from "./crash-history.ts";
import { judgeDeath } from "./death.ts";

const usage = { userMs: 1_900, systemMs: 150, maxRssBytes: 1 };

test.for([
  [
    { signal: "SIGSEGV", isCoreDumped: true },
    "segfault",
    "died of SIGSEGV (segfault, core dumped)",
  ],
  [{ signal: "SIGBUS" }, "segfault", "died of SIGBUS (segfault)"],
  [{ signal: "SIGABRT" }, "abort", "died of SIGABRT (abort)"],
  [{ signal: "SIGIOT" }, "abort", "died of SIGABRT (abort)"],
  [{ signal: "SIGILL" }, "illegal instruction", "died of SIGILL (illegal instruction)"],
  [{ signal: "SIGFPE" }, "arithmetic fault", "died of SIGFPE (arithmetic fault)"],
  [{ signal: "SIGXCPU" }, "cpu limit", "died of SIGXCPU (cpu limit)"],
  [{ signal: "SIGKILL", usage }, "cpu limit", "died of SIGKILL (cpu limit)"],
  [{ signal: "SIGKILL", isOutOfMemory: true }, "out of memory", "died of SIGKILL (out of memory)"],
  [{ signal: "SIGKILL" }, "killed", "died of SIGKILL (killed)"],
  [{ signal: "SIGHUP" }, "killed", "died of SIGHUP (killed)"],
  [{ signal: "SIGXFSZ" }, "file size limit", "died of SIGXFSZ (file size limit)"],
  [{ exitCode: 3 }, "exit", "ended with exit code 3"],
  [{}, "lost", "cannot be reached any more"],
  [undefined, "lost", "cannot be reached any more"],
] as const)("%o is %s", ([exit, kind, text]) => {
  const death = judgeDeath({ exit, stderr: "", killedFor: undefined, cpuSeconds: 2 });
  expect(death).toMatchObject({ kind, text });
});

test("the stack of Python is taken from the last report of the fault handler, and nothing else", () => {
  const stderr = [
    "a warning",
    "Fatal Python error: Aborted",
    "",
    "Current thread 0x1 (most recent call first):",
    '  File "old.py", line 1 in old',
    "another warning",
    "Fatal Python error: Segmentation fault",
    "",
    "Thread 0x00007f9ff62406c0 (most recent call first):",
    '  File "a.py", line 3 in run',
    "",
    "Current thread 0x00007f9ff7beab80 (most recent call first):",
    '  File "b.py", line 4 in crash',
    "  ...",
    "",
    "Extension modules: numpy (total: 1)",
    "noise of another process",
  ].join("\n");
  const { pythonStack } = judgeDeath({
    exit: undefined,
    stderr,
    killedFor: undefined,
    cpuSeconds: undefined,
  });
  expect(pythonStack.split("\n")[0]).toBe("Fatal Python error: Segmentation fault");
  expect(pythonStack).toContain("in crash");
  expect(pythonStack).not.toContain("old.py");
  expect(pythonStack).not.toContain("noise");
});

test("what says nothing of a fatal error has no stack", () => {
  const evidence = { exit: undefined, killedFor: undefined, cpuSeconds: undefined };
  expect(judgeDeath({ ...evidence, stderr: "Traceback\n  File" }).pythonStack).toBe("");
});

test("the history names calls in which workers die again and again, the worst first", () => {
  const history = new CrashHistory();
  const crash = (call: string | undefined, kind: "segfault" | "abort"): void =>
    history.add({
      time: 0,
      worker: 1,
      pid: 1,
      kind,
      text: "",
      call,
      device: undefined,
      pythonStack: "",
    });
  for (let n = 0; n < 3; n += 1) crash("bad", "segfault");
  for (let n = 0; n < 4; n += 1) crash("worse", "abort");
  for (let n = 0; n < 5; n += 1) crash(undefined, "segfault");
  crash("bad", "abort");
  expect(history.patterns()).toEqual([
    { call: "worse", kind: "abort", count: 4 },
    { call: "bad", kind: "segfault", count: 3 },
  ]);
  expect(history.remark("bad", "segfault")).toBe(", as in 3 of the last 13 crashes");
  expect(history.remark("bad", "abort")).toBe("");
  for (let n = 0; n < 40; n += 1) crash("new", "segfault");
  expect(history.crashes).toHaveLength(32);
  expect(history.total).toBe(53);
});
