import { afterEach, expect, test } from "vitest";

import {
  callError,
  callStart,
  callStop,
  type LogOptions,
  logEvents,
  operationStop,
  type Unsubscribe,
  workerExit,
  type WorkerExit,
  workerLog,
} from "./index.ts";

const call = { call: 7, pool: "main", name: "numpy.linalg:norm", kind: "call" } as const;
const exit: WorkerExit = {
  pool: "main",
  worker: 2,
  death: "segfault",
  isExpected: false,
  calls: 4,
  ageMs: 1_500,
  inFlight: 1,
};

let leave: Unsubscribe = () => undefined;
afterEach(() => leave());

function logged(options: LogOptions = {}): string[] {
  const lines: string[] = [];
  leave = logEvents({ ...options, write: (line) => lines.push(line) });
  return lines;
}

function withoutTime(line: string | undefined): string | undefined {
  return line?.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, "");
}

test("event becomes one line with its level, its name and its fields", () => {
  const lines = logged({ minLevel: "debug" });
  callStop.publish({
    ...call,
    traceparent: undefined,
    worker: 2,
    times: { totalMs: 2.71999999, queueMs: undefined, pythonMs: 2 },
    bytes: { sent: 120 },
    attempts: 1,
  });
  expect(lines.map(withoutTime)).toEqual([
    "DEBUG   callStop call=7 pool=main name=numpy.linalg:norm kind=call worker=2 times.totalMs=2.72 times.pythonMs=2 bytes.sent=120 attempts=1",
  ]);
});

test("events below the level are left out, and are not listened to where that is certain", () => {
  const lines = logged({ minLevel: "warning" });
  expect(callStart.hasSubscribers).toBe(false);
  workerExit.publish({ ...exit, isExpected: true, death: "recycled" });
  workerExit.publish(exit);
  expect(lines.map(withoutTime)).toEqual([
    "ERROR   workerExit pool=main worker=2 death=segfault isExpected=false calls=4 ageMs=1500 inFlight=1",
  ]);
});

test("only events of the names that were given are logged", () => {
  const lines = logged({ names: ["workerExit"] });
  workerLog.publish({ pool: "main", worker: 1, time: 0, level: "error", message: "no" });
  workerExit.publish(exit);
  expect(lines).toHaveLength(1);
});

test("text from Python cannot break a line, forge one or command a terminal", () => {
  const lines = logged();
  const message = 'a "b"\n2026-01-01T00:00:00.000Z ERROR   forged\u001b[31m\u009b2J\u2028\u202e';
  workerLog.publish({ pool: "main", worker: 1, time: 0, level: "critical", message });
  expect(withoutTime(lines[0])).toBe(
    String.raw`ERROR   workerLog pool=main worker=1 time=0 level=critical message="a \"b\"\n2026-01-01T00:00:00.000Z ERROR   forged\u001b[31m\u009b2J\u2028\u202e"`,
  );
});

test.each([
  ["error", new TypeError("not a number"), 'error="not a number"'],
  ["text", "gone", "error=gone"],
  ["list", [1, "two words", [3]], 'error=[1,"two words",[3]]'],
  ["long list", Array.from({ length: 20 }, () => 0), `error=[${"0,".repeat(16)}+4]`],
  ["long text", "x ".repeat(1_000), `error="${"x ".repeat(512)}…"`],
  ["long word", "x".repeat(2_000), `error="${"x".repeat(1_024)}…"`],
  ["function", Math.max, 'error="function max() { [native code] }"'],
  ["symbol", Symbol("s"), 'error="Symbol(s)"'],
])("whatever was thrown is shown in the line: %s", (_, error, shown) => {
  const lines = logged();
  callError.publish({ ...call, times: { totalMs: 1 }, bytes: {}, attempts: 1, code: "X", error });
  expect(lines[0]?.endsWith(` code=X ${shown}`)).toBe(true);
});

test("names of figures cannot break a line either", () => {
  const lines = logged();
  const figures = { loss: 0.5, "a\nb": 1 };
  operationStop.publish({ operation: 1, name: "train step", durationMs: 2, figures });
  expect(withoutTime(lines[0])).toBe(
    String.raw`INFO    operationStop operation=1 name="train step" durationMs=2 figures.loss=0.5 figures."a\nb"=1`,
  );
});

test("error whose message cannot be read leaves the rest of the line", () => {
  const lines = logged();
  const error = Object.defineProperty(new Error("x"), "message", {
    get: () => {
      throw new Error("unreadable");
    },
  });
  callError.publish({ ...call, times: { totalMs: 1 }, bytes: {}, attempts: 1, code: "X", error });
  expect(lines[0]?.endsWith(" code=X error=unreadable")).toBe(true);
});

test("level that there is not is refused", () => {
  const minLevel = "toString" as unknown as "info";
  expect(() => logEvents({ minLevel })).toThrow(RangeError);
});
