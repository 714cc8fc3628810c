import {
  AmphisError,
  type Hello,
  isAmphisError,
  Message,
  type MessageType,
  type Reference,
} from "@amphis/protocol";
import { create, type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";

import {
  decodeProto,
  EnvelopeSchema,
  errorFromProto,
  errorToProto,
  type ExecuteRequest,
  executeRequestFromProto,
  executeRequestToProto,
  ExecuteRequestSchema,
  executeResponseFromProto,
  ExecuteResponseSchema,
  executeResponseToProto,
  helloFromProto,
  HelloSchema,
  helloToProto,
  messageFromProto,
  messageToProto,
  referenceFromProto,
  referenceToProto,
  SharedMemoryReferenceSchema,
  streamElementFromProto,
  StreamElementSchema,
  streamElementToProto,
  type StreamElement,
  WireErrorSchema,
} from "../index.ts";

const reference: Reference = {
  arena: 1,
  generation: 0xffff_ffff,
  offset: Number.MAX_SAFE_INTEGER,
  byteLength: 64,
  holder: 7,
  expiresAt: 0,
  descriptor: { dtype: "f8", shape: [2, 4], strides: [-32, 8], newer: { a: 1 } },
  token: new Uint8Array(32).fill(3),
};
const error = new AmphisError(
  "SEQUENCE_BROKEN",
  "Cannot take stream item 2: item 1 comes next",
  { expected: 1, actual: 2 },
  { correlationId: "c" },
);
const id = "01890a5d-ac96-774b-bcce-b302099a8057";

function throughBytes<T extends DescMessage>(schema: T, message: MessageShape<T>): MessageShape<T> {
  return decodeProto(schema, toBinary(schema, message));
}

function invalid(path: string, expected: string): Error {
  return expect.objectContaining({
    code: "BODY_INVALID",
    context: expect.objectContaining({ path, expected }) as unknown,
  }) as Error;
}

describe("a message", () => {
  const types: readonly MessageType[] = ["request", "response", "event", "error", "heartbeat"];

  test.each(types)("of type %s comes back with every field", (type) => {
    const message = new Message({
      type,
      payload: [1, { a: 1.5 }],
      priority: "critical",
      ttlMs: 60_000,
      target: "math:sqrt",
      source: "client",
      id,
      correlationId: "01890a5d-ac96-774b-bcce-b302099a8058",
      timestamp: 1_763_692_800_123,
      schema: "math.sqrt",
      version: 4_294_967_295,
      metadata: { trace: "ab", nested: { n: 2n ** 60n } },
    });
    const back = messageFromProto(throughBytes(EnvelopeSchema, messageToProto(message)));
    const { deadline: _, ttlMs, ...fields } = back;
    expect(message).toMatchObject(fields);
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(60_000);
  });

  test("with nothing but a type comes back with the defaults", () => {
    const back = messageFromProto(
      throughBytes(
        EnvelopeSchema,
        messageToProto(new Message({ type: "event", payload: null, id, timestamp: 0 })),
      ),
    );
    expect(back).toMatchObject({
      type: "event",
      priority: "normal",
      target: "",
      source: "",
      version: 1,
      metadata: {},
      payload: null,
      id,
      timestamp: 0,
    });
    expect([back.ttlMs, back.correlationId, back.schema]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  const whole = messageToProto(new Message({ type: "event", payload: null, id }));
  test.each([
    [{ type: 0 }, ".type", "a type"],
    [{ type: 99 }, ".type", "a type"],
    [{ priority: 99 }, ".priority", "a priority"],
    [{ id: new Uint8Array(3) }, ".id", "16 bytes"],
    [{ correlationId: new Uint8Array(0) }, ".correlation_id", "16 bytes"],
    [{ ttlMs: 2n ** 60n }, ".ttl_ms", "an int from 0 to 9007199254740991"],
    [{ timestampMs: 2n ** 60n }, ".timestamp_ms", "an int from 0 to 9007199254740991"],
    [{ payload: undefined }, ".payload", "a value with a kind"],
    [
      {
        metadata: {
          entries: [
            {
              key: { kind: { case: "integer", value: 1n } },
              value: { kind: { case: "nil", value: {} } },
            },
          ],
        },
      },
      ".metadata",
      "a map with string keys",
    ],
  ])("with %o is refused", (change, path, expected) => {
    const wrong = create(EnvelopeSchema, { ...whole, ...change } as never);
    expect(() => messageFromProto(wrong)).toThrow(invalid(`$${path}`, expected));
  });

  test("with control characters in its source is refused by the rules of messages", () => {
    expect(() => messageFromProto(create(EnvelopeSchema, { ...whole, source: "\u0000" }))).toThrow(
      expect.objectContaining({ code: "MESSAGE_INVALID", field: "source" }) as Error,
    );
  });
});

describe("a call", () => {
  const request: ExecuteRequest = {
    function: "numpy.linalg:norm",
    args: [
      { kind: "value", value: [3, 4] },
      { kind: "reference", reference },
    ],
    kwargs: new Map([
      ["ord", { kind: "value", value: 2 }],
      ["__proto__", { kind: "reference", reference }],
    ]),
    options: { ttlMs: 250, idempotent: true, stream: false },
  };

  test("comes back, values in place and references alike", () => {
    expect(
      executeRequestFromProto(throughBytes(ExecuteRequestSchema, executeRequestToProto(request))),
    ).toEqual(request);
    const least = { ...request, args: [], kwargs: new Map(), options: {} };
    expect(
      executeRequestFromProto(throughBytes(ExecuteRequestSchema, executeRequestToProto(least))),
    ).toEqual(least);
  });

  test("is refused with the path", () => {
    const parameter = { place: { case: "value", value: {} } };
    expect(() => executeRequestFromProto(create(ExecuteRequestSchema, {}))).toThrow(
      invalid("$.function", "a name"),
    );
    expect(() =>
      executeRequestFromProto(create(ExecuteRequestSchema, { function: "f", args: [{}] })),
    ).toThrow(invalid("$.args[0]", "a value or a reference"));
    expect(() =>
      executeRequestFromProto(
        create(ExecuteRequestSchema, {
          function: "f",
          kwargs: [{ name: "a", parameter }],
        } as never),
      ),
    ).toThrow(invalid("$.kwargs[0]", "a value with a kind"));
  });

  test("is answered by a result or an error", () => {
    const result = { kind: "result", result: { kind: "value", value: 5 } } as const;
    expect(
      executeResponseFromProto(throughBytes(ExecuteResponseSchema, executeResponseToProto(result))),
    ).toEqual(result);
    const failed = executeResponseFromProto(
      throughBytes(ExecuteResponseSchema, executeResponseToProto({ kind: "error", error })),
    );
    expect(failed).toMatchObject({
      kind: "error",
      error: { code: "SEQUENCE_BROKEN", context: { expected: 1, actual: 2 } },
    });
    expect(() => executeResponseFromProto(create(ExecuteResponseSchema, {}))).toThrow(
      invalid("$", "a result or an error"),
    );
  });
});

test.each<StreamElement>([
  { kind: "item", sequence: 0, item: { kind: "value", value: { a: [1] } } },
  { kind: "item", sequence: 1, item: { kind: "reference", reference } },
  { kind: "chunk", sequence: 2, data: Uint8Array.of(1, 2), last: false },
  { kind: "chunk", sequence: 2, data: new Uint8Array(0), last: true },
  { kind: "end", sequence: Number.MAX_SAFE_INTEGER },
])("a stream element comes back: %o", (element) => {
  expect(
    streamElementFromProto(throughBytes(StreamElementSchema, streamElementToProto(element))),
  ).toEqual(element);
});

test("a stream element may be an error, and must be something", () => {
  const back = streamElementFromProto(
    throughBytes(StreamElementSchema, streamElementToProto({ kind: "error", sequence: 3, error })),
  );
  expect(back).toMatchObject({ kind: "error", sequence: 3, error: { code: "SEQUENCE_BROKEN" } });
  expect(() => streamElementFromProto(create(StreamElementSchema, {}))).toThrow(
    invalid("$", "an item, a chunk, the end or an error"),
  );
  expect(() =>
    streamElementFromProto(create(StreamElementSchema, { sequence: 2n ** 63n })),
  ).toThrow(invalid("$.sequence", "an int from 0 to 9007199254740991"));
});

describe("an error", () => {
  test("keeps code, context, causes, origin and correlation id", () => {
    const outer = new AmphisError(
      "BODY_INVALID",
      "Cannot read call: $ must be a list",
      { body: "call", path: "$", expected: "a list" },
      { cause: error },
    );
    const back = errorFromProto(throughBytes(WireErrorSchema, errorToProto(outer)));
    expect(isAmphisError(back, "BODY_INVALID") && back.path).toBe("$");
    expect(back.cause).toMatchObject({
      code: "SEQUENCE_BROKEN",
      correlationId: "c",
      retryable: false,
      context: { expected: 1, actual: 2 },
    });
    expect(
      errorFromProto(throughBytes(WireErrorSchema, errorToProto(new TypeError("x")))),
    ).toMatchObject({
      code: "REMOTE_FAILURE",
      message: "x",
      origin: { language: "javascript", type: "TypeError" },
    });
  });

  test("is made of anything thrown, also of what has no form in it", () => {
    const odd = new AmphisError("BODY_INVALID", "half \ud800", {
      body: () => 1,
      path: "$",
      expected: "",
    } as never);
    expect(errorFromProto(throughBytes(WireErrorSchema, errorToProto(odd)))).toMatchObject({
      message: "half \ufffd",
      context: {},
    });
    expect(errorFromProto(throughBytes(WireErrorSchema, errorToProto(undefined)))).toMatchObject({
      code: "REMOTE_FAILURE",
    });
  });

  test("without a code is refused", () => {
    expect(() => errorFromProto(create(WireErrorSchema, {}))).toThrow(invalid("$.code", "a code"));
    expect(() => errorFromProto(create(WireErrorSchema, { code: "X", cause: {} }))).toThrow(
      invalid("$.cause.code", "a code"),
    );
  });
});

describe("a reference", () => {
  test("comes back, with keys of a newer peer in its descriptor", () => {
    expect(
      referenceFromProto(throughBytes(SharedMemoryReferenceSchema, referenceToProto(reference))),
    ).toEqual(reference);
  });

  const whole = referenceToProto(reference);
  test.each([
    [{ token: new Uint8Array(31) }, "$.token", "32 bytes"],
    [{ offset: 2n ** 53n }, "$.offset", "an int from 0 to 9007199254740991"],
    [
      { descriptor: { entries: [entry("shape", { case: "text", value: "2" })] } },
      "$.descriptor.shape",
      "a list of ints",
    ],
    [
      { descriptor: { entries: [entry("dtype", { case: "integer", value: 2n })] } },
      "$.descriptor.dtype",
      "a string",
    ],
  ])("with %o is refused", (change, path, expected) => {
    expect(() =>
      referenceFromProto(create(SharedMemoryReferenceSchema, { ...whole, ...change } as never)),
    ).toThrow(invalid(path, expected));
  });

  function entry(key: string, kind: unknown): unknown {
    return { key: { kind: { case: "text", value: key } }, value: { kind } };
  }
});

test("a hello comes back, and is held to the rules of hellos", () => {
  const hello: Hello = {
    product: "amphis 0.1.0 (node)",
    versions: [1, 2],
    codecs: ["msgpack", "json"],
    limits: { maxFrameBytes: 67_108_864, maxDepth: 128 },
    capabilities: ["shared-memory"],
  };
  const message = helloToProto(hello);
  expect(helloFromProto(throughBytes(HelloSchema, message))).toEqual(hello);
  expect(() => helloFromProto(create(HelloSchema, { ...message, lowestVersion: 3 }))).toThrow(
    invalid("$.versions[1]", "an int from 3 to 255"),
  );
  expect(() => helloFromProto(create(HelloSchema, { ...message, maxDepth: 0n }))).toThrow(
    invalid("$.limits.maxDepth", "an int from 1 to 9007199254740991"),
  );
});
