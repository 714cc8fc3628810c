import {
  AmphisError,
  Complex,
  Decimal,
  Duration,
  isAmphisError,
  LocalDate,
  Timestamp,
  Tuple,
  Uuid,
  type Value,
} from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { TRANSPORTS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection } from "../../test/wait.ts";

const VALUES: readonly (readonly [string, Value])[] = [
  ["null", null],
  ["true", true],
  ["an integer", -7],
  ["a float", 0.5],
  ["a big integer", 2n ** 63n],
  ["text", "grüezi \u{1f600}"],
  ["empty text", ""],
  ["a list", [1, [2, "x"], null]],
  ["a map", { a: 1, b: { c: [true] } }],
  ["an instant", new Timestamp(1_763_692_800, 123_456_789)],
  ["a date", new LocalDate("2026-11-21")],
  ["a duration", new Duration(5, 6)],
  ["a uuid", new Uuid("018f3b2e-7c1a-7def-8123-456789abcdef")],
  ["a decimal", new Decimal("-12.50")],
  ["a complex number", new Complex(1, -2)],
  ["a tuple", new Tuple([1, "two"])],
];

describe.each([...WAYS, ...TRANSPORTS])("a request $way", ({ open }) => {
  test("comes back with the value that the handler returns", async () => {
    const { caller, callee } = await open();
    await callee.register("add", (payload) => {
      const { a, b } = payload as { a: number; b: number };
      return a + b;
    });
    expect(await caller.request("add", { a: 2, b: 3 })).toBe(5);
  });

  test.each(VALUES)("carries %s there and back", async (_, value) => {
    const { caller, callee } = await open();
    await callee.register("echo", async (payload) => payload);
    expect(await caller.request("echo", value)).toEqual(value);
  });

  test("carries bytes there and back", async () => {
    const { caller, callee } = await open();
    await callee.register("echo", (payload) => payload);
    const answer = await caller.request("echo", new Uint8Array([0, 127, 255]));
    expect([...(answer as Uint8Array)]).toEqual([0, 127, 255]);
  });

  test("shows the handler its endpoint, its sender, its metadata and the time left", async () => {
    const { caller, callee } = await open();
    await callee.register("show", (_, { endpoint, message, remainingMs = -1 }) => {
      const { source, target, priority, metadata } = message;
      return { endpoint, source, target, priority, metadata, hasTime: remainingMs > 0 };
    });
    const answer = await caller.request("show", null, {
      priority: "high",
      metadata: { trace: "t1" },
      timeoutMs: 10_000,
    });
    expect(answer).toEqual({
      endpoint: "show",
      source: "caller",
      target: "show",
      priority: "high",
      metadata: { trace: "t1" },
      hasTime: true,
    });
  });

  test("without an end has no deadline", async () => {
    const { caller, callee } = await open();
    await callee.register("left", (_, { remainingMs }) => remainingMs ?? "for ever");
    expect(await caller.request("left", null, { timeoutMs: Infinity })).toBe("for ever");
  });

  test("fails with the typed error that the handler throws, with context, origin and cause", async () => {
    const { caller, callee } = await open();
    await callee.register("fail", () => {
      const cause = new RangeError("disk is full");
      const context = { endpoint: "db", limit: 3 };
      throw new AmphisError("ENDPOINT_BUSY", "Cannot store: all slots are taken", context, {
        cause,
      });
    });
    const error = await rejection(caller.request("fail"));
    if (!isAmphisError(error, "ENDPOINT_BUSY")) throw error;
    expect(error.message).toBe("Cannot store: all slots are taken");
    expect(error.context).toEqual({ endpoint: "db", limit: 3 });
    expect((error.cause as Error).message).toContain("disk is full");
  });

  test("fails with what the handler throws that is no typed error", async () => {
    const { caller, callee } = await open();
    await callee.register("fail", async () => {
      throw new RangeError("too far");
    });
    const error = await rejection(caller.request("fail"));
    expect((error as Error).message).toContain("too far");
  });

  test("to nobody fails with ENDPOINT_NOT_FOUND and names what is near", async () => {
    const { caller, callee } = await open();
    await callee.register("images.resize", () => null);
    const error = await rejection(caller.request("images.resise"));
    expect(error).toMatchObject({
      code: "ENDPOINT_NOT_FOUND",
      context: { target: "images.resise", suggestion: "images.resize" },
    });
  });

  test("leaves nothing behind once it is answered", async () => {
    const { caller, callee } = await open();
    await callee.register("echo", (payload) => payload);
    await Promise.all(Array.from({ length: 200 }, async (_, i) => caller.request("echo", i)));
    expect(caller.stats).toMatchObject({ pendingCalls: 0, requests: 200 });
    expect(callee.stats.pendingCalls).toBe(0);
  });
});
