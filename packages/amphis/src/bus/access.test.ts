import { isAmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { heapBytes } from "../../test/heap.ts";
import { AccessRules, type Act, type AllowRule } from "./access.ts";

const ACTS: readonly Act[] = ["call", "publish", "subscribe", "register", "route"];

function allows(rules: AccessRules, member: string, act: Act, subject: string): boolean {
  try {
    rules.check(member, act, subject);
    return true;
  } catch (error) {
    if (isAmphisError(error, "ACCESS_DENIED")) return false;
    throw error;
  }
}

describe("access rules", () => {
  const rules = new AccessRules([
    {
      member: "worker*",
      call: ["images.*", "@gpu"],
      publish: ["prices.*.gold", "logs.#"],
      subscribe: ["prices.#", "orders.*", "$endpoint.up.#"],
      register: ["worker.**"],
    },
    { member: "worker.special", call: ["admin.**"] },
    { member: "router", route: true },
    { member: "**", call: ["clock.now"] },
  ]);

  test.each<[string, Act, string, boolean]>([
    ["worker", "call", "images.resize", true],
    ["worker-2", "call", "@gpu", true],
    ["worker", "call", "images.a.b", false],
    ["worker", "call", "admin.stop", false],
    ["worker.special", "call", "admin.stop", true],
    ["worker.special", "call", "images.resize", false],
    ["anyone", "call", "clock.now", true],
    ["worker", "call", "clock.now", true],
    ["worker", "publish", "prices.eu.gold", true],
    ["worker", "publish", "prices.eu.silver", false],
    ["worker", "publish", "logs", true],
    ["worker", "publish", "logs.a.b", true],
    ["anyone", "publish", "logs", false],
    ["worker", "subscribe", "prices.eu.*", true],
    ["worker", "subscribe", "prices.#", true],
    ["worker", "subscribe", "orders.*", true],
    ["worker", "subscribe", "orders.#", false],
    ["worker", "subscribe", "#", false],
    ["worker", "subscribe", "*.eu", false],
    ["worker", "subscribe", "$endpoint.up.a", true],
    ["worker", "subscribe", "$endpoint.#", false],
    ["worker", "register", "worker.a.b", true],
    ["worker", "register", "images.resize", false],
    ["worker", "route", "**", false],
    ["router", "route", "**", true],
    ["router", "publish", "logs", false],
    ["", "call", "images.resize", false],
  ])("let %j %s %j: %j", (member, act, subject, expected) => {
    const answers = [1, 2].map(() => allows(rules, member, act, subject));
    expect(answers).toEqual([expected, expected]);
  });

  test("allow everything when there are none", () => {
    const open = new AccessRules(undefined);
    expect(ACTS.map((act) => allows(open, "anyone", act, "#"))).toEqual(ACTS.map(() => true));
  });

  test("allow nothing when the list is empty", () => {
    const closed = new AccessRules([]);
    expect(ACTS.map((act) => allows(closed, "anyone", act, "a"))).toEqual(ACTS.map(() => false));
  });

  test("say who may not do what", () => {
    expect(() => rules.check("router", "publish", "logs")).toThrow(
      expect.objectContaining({
        code: "ACCESS_DENIED",
        context: { member: "router", act: "publish", subject: "logs" },
      }),
    );
  });

  test("answer rightly for more members than they remember", () => {
    for (let i = 0; i < 5_000; i += 1) {
      expect(allows(rules, `worker${i % 2_000}`, "call", "images.resize")).toBe(true);
      expect(allows(rules, `other${i % 2_000}`, "call", "images.resize")).toBe(false);
    }
  });

  test("remember a bounded number of members", () => {
    const before = heapBytes();
    for (let i = 0; i < 60_000; i += 1) {
      allows(rules, `${i}${"x".repeat(200)}`, "call", "clock.now");
    }
    expect([allows(rules, "a", "call", "clock.now"), heapBytes() - before < 5_000_000]).toEqual([
      true,
      true,
    ]);
  });

  test("do not change when the list that they were made of does", () => {
    const call = ["a"];
    const list: AllowRule[] = [{ member: "**", call }];
    const made = new AccessRules(list);
    call.push("b");
    list.push({ member: "**", call: ["c"] });
    expect(["a", "b", "c"].map((target) => allows(made, "m", "call", target))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each([
    [{ member: "" }],
    [{ member: "a", call: [""] }],
    [{ member: "a", publish: ["a..b"] }],
    [{ member: "a", subscribe: ["#.a"] }],
    [{ member: "a", register: ["\0"] }],
  ])("refuse the pattern in %j", (rule) => {
    expect(() => new AccessRules([rule])).toThrow(
      expect.objectContaining({ code: "NAME_INVALID" }),
    );
  });

  test.each([
    [null, "it is no object"],
    ["a", "it is no object"],
    [{}, "member must be a glob"],
    [{ member: "a", calls: ["b"] }, "there is no calls"],
    [{ member: "a", call: "b" }, "call must be a list of strings"],
    [{ member: "a", publish: [1] }, "publish must be a list of strings"],
    [{ member: "a", route: "yes" }, "route must be a boolean"],
  ])("refuse %j", (rule, reason) => {
    expect(() => new AccessRules([rule as never])).toThrow(
      new TypeError(`Cannot use rule of the bus: ${reason}`),
    );
  });
});
