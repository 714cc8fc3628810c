import { isAmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { checkName, excerptOf } from "./name.ts";

const KINDS = ["member", "endpoint", "capability", "group"] as const;

describe.each(KINDS)("the name of a %s", (what) => {
  test.each(["a", "images.resize", "Größe 😀", "x".repeat(255), "ß".repeat(127), "a-b_c/d:e"])(
    "may be %j",
    (name) => {
      expect(checkName(what, name)).toBeUndefined();
    },
  );

  test.each([
    ["", "it is empty"],
    ["x".repeat(256), "it is longer than 255 bytes"],
    ["ß".repeat(128), "it is longer than 255 bytes"],
    ["x".repeat(1_000_000), "it is longer than 255 bytes"],
    ["a\nb", "it contains a control character"],
    ["a\0", "it contains a control character"],
    ["a\x7f", "it contains a control character"],
    ["a\ud800", "it is not valid Unicode"],
    ["a*", "it contains *"],
    ["a?", "it contains ?"],
    ["a#", "it contains #"],
    ["@a", "it contains @"],
    ["$a", "it contains $"],
  ])("must not be %j", (name, reason) => {
    expect(() => checkName(what, name)).toThrow(
      expect.objectContaining({ code: "NAME_INVALID", what, received: excerptOf(name), reason }),
    );
  });

  test.each([[undefined], [null], [1], [{}], [["a"]]])("is no %o", (name) => {
    expect(() => checkName(what, name as never)).toThrow(TypeError);
  });
});

test.each([".a", "a.", "a..b", "."])("an endpoint has no empty level as in %j", (name) => {
  expect(() => checkName("endpoint", name)).toThrow(
    expect.objectContaining({ code: "NAME_INVALID", reason: "a level is empty" }),
  );
  expect(checkName("member", name)).toBeUndefined();
});

test("an endpoint has at most 62 levels, so that its health is a topic", () => {
  expect(checkName("endpoint", Array(62).fill("a").join("."))).toBeUndefined();
  expect(() => checkName("endpoint", Array(63).fill("a").join("."))).toThrow(
    expect.objectContaining({ code: "NAME_INVALID", reason: "it has more than 62 levels" }),
  );
});

test("an error shows the beginning of a name, as valid Unicode", () => {
  const check = (): void => checkName("member", `${"x".repeat(99)}😀${"y".repeat(1_000)}`);
  expect(check).toThrow(
    expect.objectContaining({ received: `${"x".repeat(99)}\ufffd…` }) as unknown as Error,
  );
  let caught: unknown;
  try {
    checkName("group", "\udfff");
  } catch (error) {
    caught = error;
  }
  expect(isAmphisError(caught, "NAME_INVALID") && caught.received).toBe("\ufffd");
  expect((caught as Error).message).toBe('Cannot use group "\ufffd": it is not valid Unicode');
});
