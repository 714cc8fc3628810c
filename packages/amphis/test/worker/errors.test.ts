import { describe, expect, test } from "vitest";

import { placeError, rejection as placed, RemoteObject } from "../../src/worker/index.ts";
import { rejection } from "../wait.ts";
import { callOf, sharedWorker, startWorker } from "./started.ts";

const shared = sharedWorker();

/** A call as a facade makes it: errors get the call site. */
function placedCall(name: string, ...args: readonly unknown[]): Promise<unknown> {
  const { conversation } = shared();
  return new Promise((resolve) => {
    const reject = (error: unknown): void => resolve(placed(error));
    conversation.start(callOf(name, args), { resolve, reject });
  });
}

describe("an exception of Python", () => {
  test("is a typed error with everything on it", async () => {
    const { call } = shared();
    expect(await rejection(call("fail", "bad"))).toMatchObject({
      code: "PYTHON_ERROR",
      category: "python",
      type: "ValueError",
      text: "bad",
      traceback: [{ function: "fail", source: "raise error" }],
      origin: { language: "python", type: "ValueError" },
    });
  });

  test("has its causes", async () => {
    const { call } = shared();
    expect(await rejection(call("fail_with_cause"))).toMatchObject({
      type: "RuntimeError",
      text: "outer",
      cause: {
        code: "PYTHON_ERROR",
        type: "ValueError",
        text: "inner",
        stack: expect.stringMatching(
          /inner\n {4}at fail \(.*work\.py:\d+\)[^]*work\.py:\d+\)$/u,
        ) as string,
      },
    });
  });

  test("leaves no live object behind, unless exceptions are kept", async () => {
    const dropped = await rejection(shared().call("fail", "x"));
    expect((dropped as { context: object }).context).not.toHaveProperty("handle");
    const { call, conversation } = await startWorker({ keepsExceptions: true });
    const kept = (await rejection(call("fail", "y"))) as { context: { handle?: unknown } };
    const { handle } = kept.context;
    if (handle !== undefined) {
      expect(handle).toBeInstanceOf(RemoteObject);
      expect(await call("text", handle)).toBe("ValueError('y')");
    }
    expect(conversation.inFlight).toBe(0);
  });

  test("shows the frames of Python, innermost first, and then who called", async () => {
    async function inner(): Promise<unknown> {
      return await placedCall("fail_with_cause");
    }
    async function outer(): Promise<void> {
      await inner();
    }
    const error = (await rejection(outer())) as Error;
    const names = (error.stack ?? "")
      .split("\n")
      .map((line) => line.trim().replace(/^at (async )?/u, ""));
    expect(names[0]).toMatch(/^AmphisError: .*outer/u);
    expect(names[1]).toMatch(/^fail_with_cause \(.*work\.py:\d+\)$/u);
    expect(names[2]).toMatch(/^inner /u);
    expect(names[3]).toMatch(/^outer /u);
  });

  test("gets its call site once", async () => {
    const error = (await rejection(placedCall("fail", "x"))) as Error;
    const { stack } = error;
    expect(placeError(error, placedCall)).toBe(error);
    await rejection(placed(error));
    expect(error.stack).toBe(stack);
  });

  test("an error of a callback keeps its stack", async () => {
    const own = new Error("mine");
    const { stack } = own;
    const callback = (): never => {
      throw own;
    };
    expect(await rejection(placedCall("apply", callback))).toBe(own);
    expect(own.stack).toBe(stack);
  });
});
