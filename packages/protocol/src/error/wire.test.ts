import { describe, expect, test } from "vitest";

import { AmphisError, decodeError, encodeError } from "./index.ts";

const wire = encodeError(new AmphisError("DEPTH_EXCEEDED", "Cannot encode", { limit: 3 }));

function chain(length: number): Error | undefined {
  return length === 0 ? undefined : new Error(`cause ${length}`, { cause: chain(length - 1) });
}

function depthOf(error: unknown): number {
  return error instanceof Error && error.cause !== undefined ? 1 + depthOf(error.cause) : 0;
}

describe("an error on the wire", () => {
  test("is a plain map", () => {
    expect(wire).toEqual({
      code: "DEPTH_EXCEEDED",
      number: 2002,
      category: "codec",
      message: "Cannot encode",
      retryable: false,
      context: { limit: 3 },
    });
  });

  test("comes back with everything it had", () => {
    const cause = new AmphisError("FRAME_TRUNCATED", "Cannot read", { expected: 2, actual: 1 });
    const error = new AmphisError(
      "DECODE_FAILED",
      "Cannot decode",
      { codec: "json", offset: 1, reason: "why" },
      { cause, correlationId: "c" },
    );
    const back = decodeError(encodeError(error));
    expect(back).toMatchObject({
      code: error.code,
      message: error.message,
      context: error.context,
      correlationId: "c",
      number: error.number,
      reason: "why",
    });
    expect(back.cause).toMatchObject({
      code: "FRAME_TRUNCATED",
      retryable: true,
      context: { expected: 2, actual: 1 },
    });
    expect(encodeError(back)).toEqual(encodeError(error));
  });

  test.each([
    [new TypeError("bad"), "bad", "TypeError"],
    ["text", "Something that is no error was thrown: text", "string"],
    [undefined, "Something that is no error was thrown: undefined", "undefined"],
  ])("that is not ours says where %o came from", (thrown, message, type) => {
    expect(encodeError(thrown)).toMatchObject({
      code: "REMOTE_FAILURE",
      number: 9001,
      category: "remote",
      message,
      context: {},
      origin: { language: "javascript", type },
    });
  });

  test("has at most 8 causes, both ways", () => {
    const error = chain(20);
    expect(depthOf(decodeError(encodeError(error)))).toBe(8);
    const deep = Array.from({ length: 20 }).reduce<object>((cause) => ({ ...wire, cause }), wire);
    expect(depthOf(decodeError(deep))).toBe(8);
    const endless = new Error("x");
    endless.cause = endless;
    expect(depthOf(decodeError(encodeError(endless)))).toBe(8);
  });

  test("of an unknown code keeps its number, category and whether to retry", () => {
    const future = {
      ...wire,
      code: "NEWER",
      number: 5_005,
      category: "newer",
      retryable: true,
      origin: { language: "python", type: "ValueError", traceback: "t" },
    };
    expect(encodeError(decodeError(future))).toEqual(future);
  });

  test("takes nil for what may be left out", () => {
    const { cause, origin, correlationId, context } = decodeError({
      ...wire,
      cause: null,
      origin: null,
      correlationId: null,
      context: null,
    });
    expect([cause, origin, correlationId, context]).toEqual([undefined, undefined, undefined, {}]);
  });
});

describe("a wire form that is none is refused with the path", () => {
  test.each([
    [null, "$", "a map"],
    [[], "$", "a map"],
    [new Uint8Array(3), "$", "a map"],
    [{}, "$.code", "a string"],
    [{ ...wire, code: 1 }, "$.code", "a string"],
    [{ ...wire, message: undefined }, "$.message", "a string"],
    [{ ...wire, number: "1" }, "$.number", "a number"],
    [{ ...wire, number: 1n }, "$.number", "a number"],
    [{ ...wire, category: null }, "$.category", "a string"],
    [{ ...wire, retryable: 1 }, "$.retryable", "a boolean"],
    [{ ...wire, context: [] }, "$.context", "a map"],
    [{ ...wire, correlationId: 1 }, "$.correlationId", "a string"],
    [{ ...wire, origin: "python" }, "$.origin", "a map"],
    [{ ...wire, origin: { type: 1 } }, "$.origin.type", "a string"],
    [{ ...wire, cause: { ...wire, cause: 1 } }, "$.cause.cause", "a map"],
    [Object.create(wire), "$.code", "a string"],
  ])("%o", (value, path, expected) => {
    expect(() => decodeError(value)).toThrow(
      expect.objectContaining({
        code: "BODY_INVALID",
        message: `Cannot read error: ${path} must be ${expected}`,
        context: { body: "error", path, expected },
      }) as Error,
    );
  });
});
