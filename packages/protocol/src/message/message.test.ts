import { inspect } from "node:util";

import { describe, expect, expectTypeOf, test } from "vitest";

import { Uuid, type ValueMap } from "../value/index.ts";
import { Message, MessageBuilder, type MessageInit } from "./index.ts";

const ID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f";
const OTHER = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e10";

const full: MessageInit<{ readonly width: number }> = {
  type: "request",
  priority: "high",
  ttlMs: 250,
  target: "images",
  id: ID,
  correlationId: OTHER,
  source: "api",
  timestamp: 5,
  schema: "image.resize",
  version: 2,
  metadata: { trace: "t" },
  payload: { width: 640 },
};

describe("a message", () => {
  test("holds every field that it is given, and when it ends", () => {
    expect({ ...new Message(full, 1_000) }).toEqual({ ...full, deadline: 1_250 });
  });

  test("has a default for all but type and payload", () => {
    const before = Date.now();
    const { id, timestamp, ...rest } = new Message({ type: "event", payload: null });
    expect(Uuid.isText(id) && id[14]).toBe("7");
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(rest).toEqual({
      type: "event",
      payload: null,
      priority: "normal",
      target: "",
      source: "",
      version: 1,
      metadata: {},
      ttlMs: undefined,
      correlationId: undefined,
      schema: undefined,
      deadline: undefined,
    });
  });

  test("takes undefined for what is not given", () => {
    const init = {
      type: "event",
      payload: 1,
      ...Object.fromEntries(
        [
          "priority",
          "ttlMs",
          "target",
          "id",
          "correlationId",
          "source",
          "timestamp",
          "schema",
          "version",
          "metadata",
        ].map((key) => [key, undefined]),
      ),
    } as const;
    expect(new Message<number>(init)).toMatchObject({ priority: "normal", version: 1, target: "" });
  });

  test("cannot be changed, nor can its metadata, also not from outside", () => {
    const metadata: Record<string, number> = { a: 1 };
    const message = new Message({ ...full, metadata });
    metadata["a"] = 2;
    expect(message.metadata).toEqual({ a: 1 });
    expect(() => Object.assign(message, { target: "x" })).toThrow(TypeError);
    expect(() => Object.assign(message.metadata, { b: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(new Message({ type: "event", payload: 1 }).metadata)).toBe(true);
  });

  test("keeps metadata of any name", () => {
    const metadata = JSON.parse('{"__proto__":1,"constructor":2}') as ValueMap;
    expect(Object.entries(new Message({ ...full, metadata }).metadata)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test.each<readonly [string, unknown, string, string]>([
    ["type", "reply", "one of request, response, event, error, heartbeat", '"reply"'],
    ["type", undefined, "one of request, response, event, error, heartbeat", "nil"],
    ["priority", "urgent", "one of low, normal, high, critical", '"urgent"'],
    ["priority", null, "one of low, normal, high, critical", "nil"],
    ["ttlMs", -1, "an integer from 0 to 9007199254740991", "-1"],
    ["ttlMs", 0.5, "an integer from 0 to 9007199254740991", "0.5"],
    ["ttlMs", 5n, "an integer from 0 to 9007199254740991", "an int"],
    ["target", 1, "text of at most 1024 bytes without control characters", "1"],
    ["target", "a\nb", "text of at most 1024 bytes without control characters", '"a\\nb"'],
    ["target", "\u007f", "text of at most 1024 bytes without control characters", '"\u007f"'],
    [
      "source",
      "x".repeat(1_025),
      "text of at most 1024 bytes without control characters",
      `"${"x".repeat(40)}"`,
    ],
    [
      "source",
      "é".repeat(513),
      "text of at most 1024 bytes without control characters",
      `"${"é".repeat(40)}"`,
    ],
    ["schema", "\ud800", "text of at most 1024 bytes without control characters", '"\\ud800"'],
    ["id", ID.toUpperCase(), "a UUID in lower case", `"${ID.toUpperCase()}"`],
    ["id", "", "a UUID in lower case", '""'],
    ["correlationId", 7, "a UUID in lower case", "7"],
    ["timestamp", -1, "an integer from 0 to 9007199254740991", "-1"],
    ["version", 0, "an integer from 1 to 4294967295", "0"],
    ["version", 2 ** 32, "an integer from 1 to 4294967295", "4294967296"],
    ["metadata", [], "a map with string keys", "a list"],
    ["metadata", new Map(), "a map with string keys", "a map"],
    ["metadata", null, "a map with string keys", "nil"],
  ])("is refused with the %s %o", (field, value, expected, received) => {
    expect(() => new Message({ ...full, [field]: value })).toThrow(
      expect.objectContaining({
        code: "MESSAGE_INVALID",
        message: `Cannot make message: ${field} must be ${expected}, got ${received}`,
        context: { field, expected, received },
      }) as Error,
    );
  });

  test("of nothing is a mistake of the caller", () => {
    for (const nothing of [undefined, null, "request"]) {
      expect(() => new Message(nothing as never)).toThrow(TypeError);
    }
  });

  test("may have names of exactly 1,024 bytes", () => {
    expect(
      new Message({
        ...full,
        target: "é".repeat(512),
        source: "x".repeat(1_024),
        schema: "😀".repeat(256),
      }).target,
    ).toHaveLength(512);
  });
});

describe("time", () => {
  const message = new Message(full, 1_000.25);

  test.each([
    [1_000.25, 250, false],
    [1_000.75, 249, false],
    [1_249, 1, false],
    [1_249.5, 0, true],
    [1_250.25, 0, true],
    [99_999, 0, true],
    // A clock that was read before the message was made gives it no more than it had.
    [900, 250, false],
  ])("at %d leaves %d ms", (now, left, expired) => {
    expect([message.remainingMs(now), message.isExpired(now)]).toEqual([left, expired]);
  });

  test("never runs out without a TTL, and at once with a TTL of 0", () => {
    const lasting = new Message({ type: "event", payload: 1 }, 0);
    expect([lasting.remainingMs(1e15), lasting.isExpired(1e15)]).toEqual([undefined, false]);
    expect(new Message({ ...full, ttlMs: 0 }, 7).isExpired(7)).toBe(true);
  });

  test("is counted exactly for the longest TTL too", () => {
    expect(new Message({ ...full, ttlMs: Number.MAX_SAFE_INTEGER }, 1_000).remainingMs(1_000)).toBe(
      Number.MAX_SAFE_INTEGER,
    );
  });
});

describe("a message with changes", () => {
  test("keeps the rest, and what is left of its TTL", () => {
    const changed = new Message(full, 1_000).with({ target: "other", payload: "text" }, 1_100);
    expectTypeOf(changed.payload).toEqualTypeOf<string | { readonly width: number }>();
    expect({ ...changed }).toEqual({
      ...full,
      target: "other",
      payload: "text",
      ttlMs: 150,
      deadline: 1_250,
    });
    expect(new Message(full, 1_000).with({ ttlMs: 5 }, 1_100).deadline).toBe(1_105);
    expect(new Message(full, 1_000).with({ ttlMs: undefined }, 1_100).deadline).toBeUndefined();
  });

  test("is refused when they are wrong", () => {
    expect(() => new Message(full).with({ version: 0 })).toThrow(/version must be/);
  });
});

test("a reply goes back to the source, with priority and what is left of the TTL", () => {
  const { id, timestamp, ...reply } = new Message(full, 1_000).reply(
    { done: true },
    { schema: "image.done" },
    1_200,
  );
  expect(id).not.toBe(ID);
  expect(timestamp).not.toBe(5);
  expect(reply).toEqual({
    type: "response",
    payload: { done: true },
    target: "api",
    source: "images",
    priority: "high",
    correlationId: ID,
    ttlMs: 50,
    deadline: 1_250,
    schema: "image.done",
    version: 1,
    metadata: {},
  });
  expect(new Message({ type: "request", payload: 1 }).reply(2)).toMatchObject({
    target: "",
    source: "",
    ttlMs: undefined,
  });
});

describe("a builder", () => {
  test("builds the same message, step by step", () => {
    const built = MessageBuilder.of("request")
      .priority("high")
      .ttl(250)
      .to("images")
      .id(ID)
      .answering(OTHER)
      .from("api")
      .timestamp(5)
      .schema("image.resize", 2)
      .metadata("trace", "t")
      .payload({ width: 640 })
      .build();
    expectTypeOf(built).toEqualTypeOf<Message<{ width: number }>>();
    const { deadline, ...fields } = built;
    expect(fields).toEqual(full);
    expect(deadline).toBeGreaterThan(0);
  });

  test("is a template that no step changes", () => {
    const base = MessageBuilder.of("event").metadata("a", 1);
    const more = base.metadata("b", 2).to("x");
    expect(base.build()).toMatchObject({ metadata: { a: 1 }, target: "" });
    expect(more.build()).toMatchObject({ metadata: { a: 1, b: 2 }, target: "x" });
    expect(base.build().id).not.toBe(base.build().id);
    expect(base.schema("s").build().version).toBe(1);
  });

  test("says on build which field is wrong", () => {
    expect(() => MessageBuilder.of("event").ttl(-1).build()).toThrow(
      expect.objectContaining({ code: "MESSAGE_INVALID", field: "ttlMs" }) as Error,
    );
  });
});

test("inspect prints it whole, and in one line inside something else", () => {
  const message = new Message(full, 0);
  expect(inspect(message)).toBe(
    [
      "message request",
      `id: ${ID}`,
      `correlationId: ${OTHER}`,
      'source: "api"',
      'target: "images"',
      "timestamp: 1970-01-01T00:00:00.005Z",
      "priority: high",
      "ttlMs: 250",
      'schema: "image.resize"',
      "version: 2",
      "metadata: map of 1",
      '  trace: "t"',
      "payload: map of 1",
      "  width: 640",
    ].join("\n  "),
  );
  expect(inspect({ message }, { breakLength: Infinity })).toBe(
    `{ message: request id=${ID} correlationId=${OTHER} source="api" target="images" priority=high ttlMs=250 schema="image.resize" version=2 metadata={trace: "t"} payload={width: 640} }`,
  );
});
