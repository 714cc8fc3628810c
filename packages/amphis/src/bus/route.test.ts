import { describe, expect, test } from "vitest";

import type { Bus } from "./bus.ts";
import { WAYS } from "../../test/bus/three-ways.ts";
import { rejection } from "../../test/wait.ts";

/** Endpoints that say which of them was reached. */
async function register(bus: Bus, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await bus.register(name, (_, { endpoint, message }) => `${endpoint} for ${message.target}`, {
      capabilities: [`${name}-like`],
    });
  }
}

describe.each(WAYS)("a route $way", ({ open }) => {
  test("leads targets elsewhere that no endpoint has as its name", async () => {
    const { caller, callee } = await open();
    await register(callee, "new", "old.kept");
    await caller.route({ pattern: "old.*", to: "new" });
    expect(await caller.request("old.gone")).toBe("new for old.gone");
    expect(await caller.request("old.kept")).toBe("old.kept for old.kept");
    const error = await rejection(caller.request("old.gone.deep"));
    expect(error).toMatchObject({ code: "ENDPOINT_NOT_FOUND" });
  });

  test("wins by priority, then by how exact it is, then by age", async () => {
    const { caller, callee } = await open();
    await register(callee, "a", "b", "c");
    await caller.route({ pattern: "x.*", to: "a" });
    const exact = await callee.route({ pattern: "x.one", to: "b" });
    await caller.route({ pattern: "x.o*", to: "c" });
    expect(await caller.request("x.one")).toBe("b for x.one");
    await exact.close();
    expect(await caller.request("x.one")).toBe("c for x.one");
    const high = await caller.route({ pattern: "**", to: "a", priority: 1 });
    expect(await caller.request("x.one")).toBe("a for x.one");
    await high.close();
    await high.close();
    expect(await caller.request("x.one")).toBe("c for x.one");
  });

  test("may lead to a capability, and by default", async () => {
    const { caller, callee } = await open();
    await register(callee, "a");
    await caller.route({ pattern: "**", to: "@a-like", priority: -1 });
    expect(await caller.request("whatever.it.is")).toBe("a for whatever.it.is");
    expect(await caller.request("@nobody")).toBe("a for @nobody");
  });

  test("that leads to nobody gives way to the next", async () => {
    const { caller, callee } = await open();
    await register(callee, "a");
    await caller.route({ pattern: "x", to: "nobody", priority: 9 });
    await caller.route({ pattern: "x", to: "a" });
    expect(await caller.request("x")).toBe("a for x");
  });

  test("refuses what is no glob, no target and no priority", async () => {
    const { caller } = await open();
    expect(await rejection(caller.route({ pattern: "", to: "a" }))).toMatchObject({
      code: "NAME_INVALID",
    });
    expect(await rejection(caller.route({ pattern: "a", to: "b*" }))).toMatchObject({
      code: "NAME_INVALID",
    });
    const bad = caller.route({ pattern: "a", to: "b", priority: 0.5 });
    expect(await rejection(bad)).toBeInstanceOf(RangeError);
  });
});
