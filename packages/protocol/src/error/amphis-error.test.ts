import { readFileSync } from "node:fs";

import { describe, expect, expectTypeOf, test, vi } from "vitest";

import {
  AmphisError,
  type ErrorCode,
  ERRORS,
  isAmphisError,
  type ValidationFailure,
} from "./index.ts";

interface Row {
  readonly code: ErrorCode;
  readonly number: number;
  readonly category: string;
  readonly retryable: boolean;
  readonly remedy: string;
}

const { errors } = JSON.parse(
  readFileSync(new URL("../../../../spec/errors.json", import.meta.url), "utf8"),
) as { readonly errors: readonly Row[] };

function tooLarge(): AmphisError<"FRAME_TOO_LARGE"> {
  return new AmphisError(
    "FRAME_TOO_LARGE",
    "Cannot read frame: too large",
    { limit: 10, actual: 11 },
    { cause: "why", correlationId: "c" },
  );
}

describe("an Amphis error", () => {
  test.each(errors)(
    "$code has what spec/errors.json says",
    ({ code, number, category, retryable, remedy }) => {
      expect(new AmphisError<string>(code, "Cannot", {})).toMatchObject({
        code,
        number,
        category,
        retryable,
        remedy,
        name: "AmphisError",
      });
    },
  );

  test("covers the whole table", () => {
    expect(Object.keys(ERRORS)).toEqual(errors.map(({ code }) => code));
  });

  test("is an Error with its context as fields, a cause and a correlation id", () => {
    const error = tooLarge();
    expect(error).toBeInstanceOf(Error);
    expect([
      error.message,
      error.cause,
      error.correlationId,
      error.context,
      (error as unknown as { limit: number }).limit,
    ]).toEqual(["Cannot read frame: too large", "why", "c", { limit: 10, actual: 11 }, 10]);
    expect(Object.isFrozen(error.context)).toBe(true);
    expect(Object.hasOwn(new AmphisError("DEPTH_EXCEEDED", "Cannot", { limit: 1 }), "cause")).toBe(
      false,
    );
  });

  test("keeps its own fields whatever the context names", () => {
    const context = {
      code: "X",
      message: "no",
      stack: "no",
      cause: "no",
      name: "no",
      number: -1,
      retryable: true,
      remedy: 1,
      origin: 1,
      correlationId: 1,
      toString: 1,
      constructor: 1,
      limit: 3,
    };
    const error = new AmphisError<string>("DEPTH_EXCEEDED", "Cannot", context);
    expect(error).toMatchObject({
      code: "DEPTH_EXCEEDED",
      message: "Cannot",
      name: "AmphisError",
      number: 2002,
      retryable: false,
      limit: 3,
    });
    expect([error.cause, error.origin, error.correlationId, String(error)]).toEqual([
      undefined,
      undefined,
      undefined,
      "AmphisError: Cannot",
    ]);
    expect(error.context).toEqual(context);
    const polluting = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    expect(new AmphisError<string>("X", "Cannot", polluting)).toBeInstanceOf(AmphisError);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("of a newer peer keeps what the wire says", () => {
    const remote = {
      number: 7_777,
      category: "future",
      retryable: true,
      origin: { language: "python" },
    };
    const error = new AmphisError<string>("FROM_THE_FUTURE", "Cannot", { a: 1 }, { remote });
    expect(error).toMatchObject({
      number: 7_777,
      category: "future",
      retryable: true,
      origin: { language: "python" },
      a: 1,
    });
    expect(error.remedy).toContain("Update this program");
    expect(new AmphisError<string>("constructor", "Cannot", {})).toMatchObject({
      number: 0,
      category: "remote",
    });
  });
});

describe("isAmphisError", () => {
  test("narrows to the fields of the code", () => {
    const error: unknown = tooLarge();
    expect(isAmphisError(error, "DEPTH_EXCEEDED")).toBe(false);
    if (!isAmphisError(error, "FRAME_TOO_LARGE")) throw new Error("unreachable");
    expectTypeOf(error.limit).toEqualTypeOf<number>();
    expectTypeOf(error.code).toEqualTypeOf<"FRAME_TOO_LARGE">();
    expect(error.limit).toBe(10);
    const other: unknown = error;
    if (isAmphisError(other)) expectTypeOf(other.code).toEqualTypeOf<string>();
    if (isAmphisError(other, "VALIDATION_FAILED")) {
      expectTypeOf(other.failures).toEqualTypeOf<readonly ValidationFailure[]>();
    }
    // @ts-expect-error no such code
    expect(isAmphisError(error, "NO_SUCH_CODE")).toBe(false);
  });

  test("knows the errors of another copy of the package", async () => {
    vi.resetModules();
    const copy = await import("./index.ts");
    const error = new copy.AmphisError("DEPTH_EXCEEDED", "Cannot", { limit: 1 });
    expect(error).not.toBeInstanceOf(AmphisError);
    expect([
      isAmphisError(error),
      isAmphisError(error, "DEPTH_EXCEEDED"),
      copy.isAmphisError(tooLarge()),
    ]).toEqual([true, true, true]);
  });

  test.each([[null], [undefined], ["AmphisError"], [new Error("x")], [{ code: "DEPTH_EXCEEDED" }]])(
    "says no to %o",
    (value) => {
      expect(isAmphisError(value)).toBe(false);
    },
  );
});
