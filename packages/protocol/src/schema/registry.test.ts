import { describe, expect, test } from "vitest";

import { json, msgpack } from "../codec/index.ts";
import { type ErrorCode, isAmphisError } from "../error/index.ts";
import { Message, messageCodec } from "../message/index.ts";
import type { Value } from "../value/index.ts";
import { defineSchema, SchemaRegistry, t } from "./index.ts";

const V1 = defineSchema("user", 1, t.object({ name: t.string(), age: t.u8() }));
const V2 = defineSchema(
  "user",
  2,
  t.object({
    name: t.string(),
    age: t.u8(),
    nick: t.optional(t.string()),
    tags: t.optional(t.array(t.string())),
  }),
);

function codeOf(act: () => unknown): ErrorCode | undefined {
  try {
    act();
  } catch (error) {
    return isAmphisError(error) ? (error.code as ErrorCode) : undefined;
  }
  return undefined;
}

function errorOf<C extends ErrorCode>(
  code: C,
  act: () => unknown,
): { readonly context: unknown; readonly message: string } {
  try {
    act();
  } catch (error) {
    if (isAmphisError(error, code)) return error;
    throw error;
  }
  throw new Error(`Nothing was thrown, expected ${code}`);
}

function request(payload: Value, schema: string, version: number): Message {
  return new Message({ type: "request", payload, schema, version });
}

describe("registry", () => {
  test("finds a schema by name and version, and the latest by name", () => {
    const registry = new SchemaRegistry();
    registry.register(V2);
    registry.register(V1);
    expect(registry.get("user", 1).schema).toBe(V1.schema);
    expect(registry.latest("user").version).toBe(2);
    expect(registry.find("user", 3)).toBeUndefined();
  });

  test("takes the same schema twice and refuses another one", () => {
    const registry = new SchemaRegistry();
    const first = registry.register(V1);
    expect(
      registry.register({ ...V1, schema: JSON.parse(JSON.stringify(V1.schema)) as object }),
    ).toBe(first);
    expect(
      errorOf("SCHEMA_CONFLICT", () => registry.register({ ...V1, schema: { type: "string" } }))
        .context,
    ).toEqual({ schema: "user", version: 1 });
  });

  test("refuses a version that breaks the one before, with the reasons", () => {
    const registry = new SchemaRegistry();
    registry.register(V1);
    const breaking = defineSchema("user", 2, t.object({ name: t.string(), age: t.string() }));
    expect(errorOf("SCHEMA_INCOMPATIBLE", () => registry.register(breaking)).context).toEqual({
      schema: "user",
      version: 2,
      reasons: ["$.age: type changed from u8 to string"],
    });
    expect(registry.find("user", 2)).toBeUndefined();
  });

  test("refuses an older version that the newer one breaks", () => {
    const registry = new SchemaRegistry();
    registry.register(V2);
    expect(
      codeOf(() =>
        registry.register(
          defineSchema("user", 1, t.object({ name: t.string(), gone: t.string() })),
        ),
      ),
    ).toBe("SCHEMA_INCOMPATIBLE");
  });

  test("names what may have been meant by an unknown schema", () => {
    const registry = new SchemaRegistry();
    registry.register(V1);
    registry.register(defineSchema("order", 1, t.object({})));
    expect(errorOf("SCHEMA_UNKNOWN", () => registry.get("usr", 1)).context).toEqual({
      schema: "usr",
      version: 1,
      known: ["user"],
    });
    expect(errorOf("SCHEMA_UNKNOWN", () => registry.get("user", 7)).context).toEqual({
      schema: "user",
      version: 7,
      known: ["user@1"],
    });
  });
});

describe("dispatch", () => {
  test("gives the checked payload and the message to the handler, and returns what it returns", () => {
    const registry = new SchemaRegistry();
    registry.handle(V1, (payload, message) => [payload.name.toUpperCase(), message.version]);
    expect(registry.dispatch(request({ name: "ada", age: 36 }, "user", 1))).toEqual(["ADA", 1]);
  });

  test("refuses a payload that does not satisfy the schema of the handler", () => {
    const registry = new SchemaRegistry();
    registry.handle(V1, () => "handled");
    const refused = errorOf("VALIDATION_FAILED", () =>
      registry.dispatch(request({ name: "ada", age: 300 }, "user", 1)),
    );
    expect(refused.message).toBe("Cannot accept value of user@1: $.age: expected u8, received 300");
  });

  test("prefers the handler of the version and falls back to the nearest", () => {
    const registry = new SchemaRegistry();
    registry.handle(V1, () => "one");
    registry.register(V2);
    expect(registry.dispatch(request({ name: "ada", age: 36, nick: "a" }, "user", 2))).toBe("one");
    registry.handle(V2, () => "two");
    expect(registry.dispatch(request({ name: "ada", age: 36 }, "user", 2))).toBe("two");
    expect(registry.dispatch(request({ name: "ada", age: 36 }, "user", 1))).toBe("one");
  });

  test("tells a schema without a handler from an unknown one", () => {
    const registry = new SchemaRegistry();
    registry.register(V1);
    expect(codeOf(() => registry.dispatch(request({ name: "ada", age: 36 }, "user", 1)))).toBe(
      "HANDLER_MISSING",
    );
    expect(codeOf(() => registry.dispatch(request(null, "usr", 1)))).toBe("SCHEMA_UNKNOWN");
    expect(codeOf(() => registry.dispatch(new Message({ type: "event", payload: 1 })))).toBe(
      "SCHEMA_UNKNOWN",
    );
  });
});

describe("evolution", () => {
  const older = new SchemaRegistry();
  older.register(V1);
  const newer = new SchemaRegistry();
  newer.register(V1);
  newer.register(V2);
  const oldValue = { name: "ada", age: 36 };
  const newValue = { name: "ada", age: 36, nick: "a", tags: ["x", "y"] };

  test("an old reader takes what a new writer sent, in compact without the properties that it does not know", () => {
    const bytes = messageCodec("compact", { contracts: newer }).encode(
      request(newValue, "user", 2),
    );
    expect(messageCodec("compact", { contracts: older }).decode(bytes).payload).toEqual(oldValue);
  });

  test("a new reader takes what an old writer sent", () => {
    const bytes = messageCodec("compact", { contracts: older }).encode(
      request(oldValue, "user", 1),
    );
    expect(messageCodec("compact", { contracts: newer }).decode(bytes).payload).toEqual(oldValue);
    expect(newer.get("user", 2).codec.decode(older.get("user", 1).codec.encode(oldValue))).toEqual(
      oldValue,
    );
  });

  test.each([
    ["msgpack", msgpack()],
    ["json", json()],
  ] as const)("both directions pass in %s, where unknown properties stay", (_, codec) => {
    expect(older.get("user", 1).validator.check(codec.decode(codec.encode(newValue)))).toBe(true);
    expect(newer.get("user", 2).validator.check(codec.decode(codec.encode(oldValue)))).toBe(true);
  });
});
