import { afterEach, describe, expect, test, vi } from "vitest";

import { formatUuid, Uuid, uuidv7, writeUuid } from "./index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the bytes of a uuid", () => {
  const text = "0198c7f2-8a1b-7c3d-9e4f-5a6b7c8d9eff";

  test("are its text and back, at any offset", () => {
    const bytes = new Uint8Array(20);
    expect(writeUuid(text, bytes, 3)).toBe(true);
    expect(Buffer.from(bytes).toString("hex")).toBe("0000000198c7f28a1b7c3d9e4f5a6b7c8d9eff00");
    expect(formatUuid(bytes, 3)).toBe(text);
  });

  test.each([
    text.toUpperCase(),
    text.slice(1),
    `${text}0`,
    text.replace("f", "g"),
    text.replace("-", "0"),
    text.replace("0", "\u0130"),
    text.replace("0", "\u0660"),
    "",
  ])("are not written for %j", (bad) => {
    expect(writeUuid(bad, new Uint8Array(16), 0)).toBe(false);
  });
});

describe("uuidv7", () => {
  function millisecondsOf(id: string): number {
    return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  }

  test("is a UUID of version 7 and of the variant of RFC 9562, made now", () => {
    const before = Date.now();
    const id = uuidv7();
    expect(Uuid.isText(id)).toBe(true);
    expect(id[14]).toBe("7");
    expect("89ab").toContain(id[19]);
    expect(millisecondsOf(id)).toBeGreaterThanOrEqual(before);
  });

  test("sorts in the order of making, also in one millisecond and when the clock goes back", () => {
    const clock = vi.spyOn(Date, "now");
    let now = Date.now() + 1_000;
    const ids: string[] = [];
    for (const step of [0, 1, -5_000, 0, 10_000]) {
      now += step;
      clock.mockReturnValue(now);
      // More than the 12 bits of the counter hold.
      for (let i = 0; i < 5_000; i += 1) ids.push(uuidv7());
    }
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    expect(millisecondsOf(ids.at(-1) ?? "")).toBeGreaterThanOrEqual(now);
  });
});
