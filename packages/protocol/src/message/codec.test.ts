import { describe, expect, test } from "vitest";

import { type CodecName, compactFor, json, msgpack } from "../codec/index.ts";
import { isAmphisError } from "../error/index.ts";
import type { Value } from "../value/index.ts";
import {
  Message,
  messageCodec,
  MessageDraft,
  type MessageCodecOptions,
  type MessageInit,
  type PayloadContracts,
} from "./index.ts";

const ID = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9e0f";
const NAMES: readonly CodecName[] = ["msgpack", "compact", "json"];

const least: MessageInit = { type: "heartbeat", payload: null, id: ID, timestamp: 0 };
const full: MessageInit = {
  type: "request",
  priority: "critical",
  ttlMs: 2_500,
  target: "größe/日本",
  id: ID,
  correlationId: ID,
  source: "api",
  timestamp: Number.MAX_SAFE_INTEGER,
  schema: "image.resize",
  version: 0xffff_ffff,
  metadata: { trace: "t", "7": [1, { n: null }] },
  payload: { width: 640, tags: ["a"] },
};

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The code of the error that it throws, if it throws one. */
function refusal(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isAmphisError(error) ? error.code : String(error);
  }
}

function nested(levels: number): Value {
  let value: Value = 1;
  for (let i = 0; i < levels; i += 1) value = [value];
  return value;
}

describe.each(NAMES)("a message in %s", (name) => {
  const codec = messageCodec(name);

  test.each([
    full,
    least,
    { ...full, correlationId: undefined },
    { ...least, ttlMs: 0, payload: undefined },
  ])("comes back with every field (%#)", (init) => {
    const message = new Message(init, 1_000);
    const back = codec.decode(codec.encode(message, 1_000), 9_000);
    expect({ ...back }).toEqual({
      ...message,
      payload: init.payload ?? null,
      deadline: init.ttlMs === undefined ? undefined : 9_000 + init.ttlMs,
    });
    expect(Object.isFrozen(back.metadata)).toBe(true);
  });

  test("is the same when only its draft was encoded, with a new id each time", () => {
    const draft = new MessageDraft(full, 1_000);
    const [one, other] = [codec.encodeDraft(draft), codec.encodeDraft(draft)].map((bytes) =>
      codec.decode(bytes, 1_000),
    );
    expect(one).toMatchObject({ ...draft.message(), id: expect.stringMatching(UUID_V7) });
    expect(other?.id).toMatch(UUID_V7);
    expect(other?.id).not.toBe(one?.id);
  });

  test("shows its contract and payload to one who wants no more", () => {
    const { schema, version, payload } = full;
    const content = codec.decodeContent(codec.encode(new Message(full)));
    expect(content).toMatchObject({ schema, version, payload });
  });

  test("is refused by its content when it is refused as a whole", () => {
    const bytes = codec.encode(new Message(full, 0), 0);
    let refused = 0;
    for (const [at, byte] of bytes.entries()) {
      for (const wrong of [0, 0xc0, 0xc4, byte ^ 1, byte ^ 0x80]) {
        const damaged = bytes.with(at, wrong);
        const code = refusal(() => codec.decode(damaged));
        expect(refusal(() => codec.decodeContent(damaged))).toBe(code);
        if (code !== undefined) refused += 1;
      }
      const cut = bytes.subarray(0, at);
      expect(refusal(() => codec.decodeContent(cut))).toBe(refusal(() => codec.decode(cut)));
    }
    expect(refused).toBeGreaterThan(bytes.length);
  });

  test("carries the TTL that is left, and counts it from its arrival", () => {
    const message = new Message({ ...full, ttlMs: 100 }, 1_000);
    expect(codec.decode(codec.encode(message, 1_030.5), 50)).toMatchObject({
      ttlMs: 69,
      deadline: 119,
    });
    expect(codec.decode(codec.encode(message, 5_000), 50).isExpired(50)).toBe(true);
  });

  test("gets another TTL, and nothing else changes", () => {
    for (const init of [full, least]) {
      const message = new Message({ ...init, ttlMs: 300 }, 0);
      const changed = codec.withTtl(codec.encode(message, 0), 70_000);
      expect(codec.decode(changed, 0)).toEqual(message.with({ ttlMs: 70_000 }, 0));
      expect(codec.withTtl(changed, 300)).toEqual(codec.encode(message, 0));
    }
  });

  test("shows its head as it decodes, at an offset too", () => {
    for (const init of [full, least]) {
      const bytes = codec.encode(new Message(init, 0), 0);
      const { type, priority, ttlMs, target, source } = codec.decode(bytes);
      expect(codec.peek(bytes)).toEqual({ type, priority, ttlMs, target });
      expect(codec.peekSource(bytes)).toBe(source);
      expect(codec.peekSource(Buffer.concat([Buffer.from("!!!"), bytes]), 3)).toBe(source);
      expect(codec.peek(Buffer.concat([Buffer.from("!!!"), bytes]), 3)).toEqual({
        type,
        priority,
        ttlMs,
        target,
      });
    }
  });

  test("is read from a Buffer at an offset", () => {
    const bytes = codec.encode(new Message(full, 0), 0);
    expect({ ...codec.decode(Buffer.concat([Buffer.from("!!!"), bytes]).subarray(3), 0) }).toEqual({
      ...codec.decode(bytes, 0),
    });
  });

  test("that is cut anywhere, or longer, is refused with the typed error", () => {
    const bytes = codec.encode(new Message(full));
    const typed = expect.objectContaining({
      code: expect.stringMatching(/^(DECODE_FAILED|MESSAGE_INVALID)$/) as string,
    }) as Error;
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => codec.decode(bytes.subarray(0, length))).toThrow(typed);
    }
    expect(() => codec.decode(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
    );
  });

  test.each([
    [{ payload: [() => 1] as never }, "$.payload[0]"],
    [{ payload: () => 1 }, "$.payload"],
    [{ metadata: { a: { b: [Symbol("x")] } } as never }, "$.metadata.a.b[0]"],
  ])("that cannot be encoded says where (%#)", (changes, path) => {
    expect(() => codec.encode(new Message({ ...full, ...changes } as MessageInit))).toThrow(
      expect.objectContaining({ code: "VALUE_UNSUPPORTED", path }) as Error,
    );
    expect(codec.decode(codec.encode(new Message(least)))).toMatchObject({ type: "heartbeat" });
  });

  test.each([128, 512])(
    "nests its payload and metadata up to the limit of %d levels",
    (maxDepth) => {
      const limited = messageCodec(name, { maxDepth });
      const most = new Message({
        ...least,
        payload: nested(maxDepth),
        metadata: { m: nested(maxDepth - 1) },
      });
      expect(limited.decode(limited.encode(most)).payload).toEqual(most.payload);
      const error = expect.objectContaining({ code: "DEPTH_EXCEEDED", limit: maxDepth }) as Error;
      expect(() => limited.encode(most.with({ payload: nested(maxDepth + 1) }))).toThrow(error);
      expect(() => limited.encode(most.with({ metadata: { m: nested(maxDepth) } }))).toThrow(error);
    },
  );

  test("is decoded with the options of the codec", () => {
    const options: MessageCodecOptions = { maps: "map", exactFloats: true };
    const back = messageCodec(name, options).decode(codec.encode(new Message(full)));
    expect(back.payload).toEqual(
      new Map<string, Value>([
        ["width", 640],
        ["tags", ["a"]],
      ]),
    );
    expect(back.metadata).toEqual({ trace: "t", "7": [1, new Map([["n", null]])] });
    expect(() => messageCodec(name, { maxDepth: 0 })).toThrow(/^Cannot make codec: maxDepth/);
  });
});

test("no other codec has messages", () => {
  expect(() => messageCodec("xml" as CodecName)).toThrow(
    expect.objectContaining({ code: "CODEC_UNKNOWN" }) as Error,
  );
});

describe("in msgpack", () => {
  const codec = messageCodec("msgpack");
  const id = Buffer.from(ID.replaceAll("-", ""), "hex");
  const fields: readonly Value[] = [0, 1, null, "", id, null, "", 0, null, 1, {}, "payload"];

  test("fields of a newer version are ignored, whatever they are", () => {
    expect(codec.decode(msgpack().encode([...fields, { newer: [1] }, "more"])).payload).toBe(
      "payload",
    );
    expect(() =>
      codec.decode(msgpack().encode([...fields, nested(200)].slice(0, 12).concat([nested(100)]))),
    ).not.toThrow();
  });

  test("every legal form of an id is read", () => {
    const bytes = Buffer.from(msgpack().encode(fields));
    const at = bytes.indexOf(Buffer.from("c410", "hex"));
    for (const head of ["c50010", "c600000010"]) {
      expect(
        codec.decode(
          Buffer.concat([bytes.subarray(0, at), Buffer.from(head, "hex"), bytes.subarray(at + 2)]),
        ).id,
      ).toBe(ID);
    }
  });

  test.each<readonly [number, Value, string]>([
    [0, 5, "type"],
    [0, "request", "type"],
    [1, 4, "priority"],
    [2, -1, "ttlMs"],
    [2, 2n ** 60n, "ttlMs"],
    [3, null, "target"],
    [4, null, "id"],
    [4, new Uint8Array(15), "id"],
    [4, ID, "id"],
    [5, new Uint8Array(17), "correlationId"],
    [6, 1, "source"],
    [7, 0.5, "timestamp"],
    [8, 1, "schema"],
    [9, 0, "version"],
    [9, null, "version"],
    [10, [], "metadata"],
    [10, new Map([[1, 2]]), "metadata"],
  ])("field %d that is %o is refused by the name of %s", (index, value, field) => {
    const bytes = msgpack().encode(fields.with(index, value));
    expect(() => codec.decode(bytes)).toThrow(
      expect.objectContaining({ code: "MESSAGE_INVALID", field }) as Error,
    );
    if (index >= 3 && index < 7) {
      expect(() => codec.peekSource(bytes)).toThrow(
        expect.objectContaining({ code: "MESSAGE_INVALID" }) as Error,
      );
    }
    if (index < 4) {
      expect(() => codec.peek(bytes)).toThrow(
        expect.objectContaining({ code: "MESSAGE_INVALID", field }) as Error,
      );
    }
  });

  test.each<Value>([null, {}, [], fields.slice(0, 11)])("%o is no message", (value) => {
    expect(() => codec.decode(msgpack().encode(value))).toThrow(
      expect.objectContaining({ code: "DECODE_FAILED" }) as Error,
    );
  });
});

test("a TTL beyond 2^53 is refused by peek too, in compact", () => {
  const bytes = Buffer.from("000101" + "fd" + "ffffffffffffffff" + "00", "hex");
  expect(() => messageCodec("compact").peek(bytes)).toThrow(
    expect.objectContaining({ code: "MESSAGE_INVALID", field: "ttlMs" }) as Error,
  );
});

describe("in json", () => {
  const codec = messageCodec("json");

  test("fields with their default are left out", () => {
    expect(Buffer.from(codec.encode(new Message(least))).toString()).toBe(
      `{"type":"heartbeat","id":"${ID}","timestamp":0,"payload":null}`,
    );
  });

  test.each<readonly [string, Value]>([
    ["message", null],
    ["id", { type: "event", timestamp: 0, payload: 1 }],
    ["timestamp", { type: "event", id: ID, payload: 1 }],
    ["payload", { type: "event", id: ID, timestamp: 0 }],
    ["type", { id: ID, timestamp: 0, payload: 1 }],
    ["correlationId", { type: "event", id: ID, timestamp: 0, payload: 1, correlationId: null }],
    ["metadata", { type: "event", id: ID, timestamp: 0, payload: 1, metadata: null }],
    ["id", { type: "event", id: ID.toUpperCase(), timestamp: 0, payload: 1 }],
  ])("a text with a wrong or missing %s is refused", (field, value) => {
    expect(() => codec.decode(json().encode(value))).toThrow(
      expect.objectContaining({ code: "MESSAGE_INVALID", field }) as Error,
    );
  });

  test("unknown fields are ignored", () => {
    expect(
      codec.decode(
        json().encode({ type: "event", id: ID, timestamp: 0, payload: 1, newer: [], deadline: 5 }),
      ).deadline,
    ).toBeUndefined();
  });
});

describe("in compact, a payload with a contract", () => {
  const size = compactFor<unknown>({
    type: "object",
    properties: { width: { "x-amphis": "u16" } },
    required: ["width"],
  });
  const contracts: PayloadContracts = {
    payloadCodec: (schema, version) => (schema === "size" && version === 3 ? size : undefined),
  };
  const codec = messageCodec("compact", { contracts });
  const message = new Message({ ...least, schema: "size", version: 3, payload: { width: 300 } });

  test("has the layout of the contract", () => {
    const bytes = codec.encode(message);
    expect(Buffer.from(bytes.subarray(-5)).toString("hex")).toBe("01" + "03" + "fb2c01");
    expect(codec.decode(bytes).payload).toEqual({ width: 300 });
    const other = message.with({ version: 4 });
    expect(codec.encode(other).length).toBeGreaterThan(bytes.length);
    expect(codec.decode(codec.encode(other)).payload).toEqual({ width: 300 });
  });

  test("says where it does not fit", () => {
    expect(() => codec.encode(message.with({ payload: { width: -1 } }))).toThrow(
      expect.objectContaining({ path: "$.payload.width" }) as Error,
    );
  });

  test("is refused where the contract is not known, but its head is read", () => {
    const bytes = codec.encode(message);
    const stranger = messageCodec("compact");
    expect(() => stranger.decode(bytes)).toThrow(
      expect.objectContaining({
        code: "SCHEMA_UNKNOWN",
        context: { schema: "size", version: 3, known: [] },
      }) as Error,
    );
    expect(stranger.peek(bytes)).toEqual({
      type: "heartbeat",
      priority: "normal",
      ttlMs: undefined,
      target: "",
    });
  });

  test("is refused when it is malformed", () => {
    const bytes = codec.encode(message);
    const typed = expect.objectContaining({ code: "DECODE_FAILED" }) as Error;
    for (const wrong of [
      Buffer.concat([bytes, Buffer.of(0)]),
      Buffer.from(bytes).fill(2, bytes.length - 5, bytes.length - 4),
      Buffer.from(bytes).fill(2, bytes.length - 4, bytes.length - 3),
    ]) {
      expect(() => codec.decode(wrong)).toThrow(typed);
    }
  });
});
