// Golden bodies of what a worker and a program say to each other (spec/worker.md): both languages read them and write the same bytes, and
// refuse the malformed ones at the same place.

const OPTIONS = {
  ttlMs: 250,
  idempotent: true,
  stream: false,
  result: "handle",
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  timed: true,
  nested: true,
};
const ENTRY = { time: 1_700_000_000_000.5, level: "warning", logger: "app", message: "slow" };

/** @type {readonly (readonly [name: string, body: string, value: unknown])[]} */
const GOOD = [
  ["call without options", "call", ["math:sqrt", [2], {}, {}]],
  ["call with all options", "call", ["m:f", [], { a: null }, OPTIONS]],
  [
    "program",
    "program",
    [
      [
        ["name", "pandas:read_csv"],
        ["value", 1],
      ],
      {},
    ],
  ],
  [
    "program with every step",
    "program",
    [
      [
        ["name", "m"],
        ["get", 1, "a"],
        ["set", 1, "a", 2],
        ["delete", 1, "a"],
        ["call", 1, [2], { b: 3 }],
        ["item", 1, "k"],
        ["setItem", 1, "k", 2],
        ["deleteItem", 1, "k"],
        ["value", [1, { c: null }]],
      ],
      { stream: true, result: "value" },
    ],
  ],
  ["result", "result", [null]],
  ["result with figures", "result", [1.5, { decode: 0, run: 4_000_000_000, encode: 7 }]],
  ["callback of a function", "callback", [7, "call", [1, "x"], { key: true }]],
  ["callback of an iterable", "callback", [9_007_199_254_740_991, "next", [], {}]],
  ["release", "release", [[1, 2, 9_007_199_254_740_991]]],
  ["release of nothing", "release", [[]]],
  ["cancel", "cancel", ["the caller went away"]],
  ["cancel with a code", "cancel", ["too slow", "REQUEST_TIMEOUT"]],
  ["log", "log", { ...ENTRY, call: 0 }],
  [
    "log with everything",
    "log",
    { ...ENTRY, call: 3, stream: "stderr", file: "/a.py", line: 1, exception: "E" },
  ],
  ["event", "event", { event: "dump" }],
  ["event with fields", "event", { event: "stacks", text: "Thread 1" }],
];

/** @type {readonly (readonly [name: string, body: string, value: unknown, path: string])[]} */
const BAD = [
  ["mode of result", "call", ["f", [], {}, { result: "pickle" }], "$[3].result"],
  ["trace context", "call", ["f", [], {}, { traceparent: 1 }], "$[3].traceparent"],
  ["nested that is no bool", "call", ["f", [], {}, { nested: 1 }], "$[3].nested"],
  ["no steps", "program", [[], {}], "$[0]"],
  ["step that is unknown", "program", [[["eval", "1"]], {}], "$[0][0][0]"],
  ["step that is no list", "program", [["name"], {}], "$[0][0]"],
  ["step that is too short", "program", [[["set", 1, "a"]], {}], "$[0][0]"],
  ["attribute that is no name", "program", [[["get", 1, 2]], {}], "$[0][0][2]"],
  ["arguments that are no list", "program", [[["call", 1, {}, {}]], {}], "$[0][0][2]"],
  ["keywords that are no map", "program", [[["call", 1, [], []]], {}], "$[0][0][3]"],
  ["figures that are no ints", "result", [1, { decode: 1.5, run: 1, encode: 1 }], "$[1].decode"],
  ["figures that are missing", "result", [1, { decode: 1, run: 1 }], "$[1].encode"],
  ["callback of a name", "callback", ["f", "call", [], {}], "$[0]"],
  ["callback by an unknown method", "callback", [1, "throw", [], {}], "$[1]"],
  ["callback without keywords", "callback", [1, "call", []], "$"],
  ["release of a name", "release", [["x"]], "$[0][0]"],
  ["release of a negative number", "release", [[-1]], "$[0][0]"],
  ["cancel with a number", "cancel", ["r", 1], "$[1]"],
  ["log of no level", "log", { ...ENTRY, level: "loud", call: 0 }, "$.level"],
  ["log without a call", "log", ENTRY, "$.call"],
  ["log of another stream", "log", { ...ENTRY, call: 0, stream: "stdin" }, "$.stream"],
  ["event without a name", "event", { text: "x" }, "$.event"],
  ["event that is a list", "event", ["ready"], "$"],
];

/** @type {import("./runner/generator.mjs").Generator["generate"]} */
export async function generate(root) {
  const { msgpack } = await import(new URL("packages/protocol/bundle/index.js", root).href);
  const codec = msgpack();
  /** @param {unknown} value */
  const hex = (value) => Buffer.from(codec.encode(value)).toString("hex");
  const rows = [
    ...GOOD.map(([name, body, value]) => ({ name, body, hex: hex(value) })),
    ...BAD.map(([name, body, value, path]) => ({ name, body, hex: hex(value), path })),
  ];
  const text = `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
  return new Map([["spec/vectors/bodies.json", text]]);
}
