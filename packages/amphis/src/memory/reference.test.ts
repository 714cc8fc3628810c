import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import {
  decodeReference,
  encodeReference,
  isAmphisError,
  type Reference,
  type UnsignedReference,
} from "@amphis/protocol";

import { Arena } from "./arena.ts";
import {
  type ReferenceEvent,
  referenceKey,
  type ReferenceOptions,
  References,
  referenceToken,
} from "./reference.ts";
import { referenceInfo } from "./reference-info.ts";

interface Row {
  readonly name: string;
  readonly key: string;
  readonly hex: string;
  readonly holder: number;
  readonly now: number;
  readonly published: readonly {
    readonly generation: number;
    readonly arena: number;
    readonly offset: number;
    readonly byteLength: number;
  }[];
  readonly codes: readonly (string | null)[];
}

const ROWS = JSON.parse(
  readFileSync(new URL("../../../../spec/vectors/references.json", import.meta.url), "utf8"),
) as readonly Row[];

const KEY = referenceKey();

function refusalOf(references: References, reference: Reference, holder: number): string | null {
  try {
    references.verify(reference, holder);
    return null;
  } catch (error) {
    if (isAmphisError(error)) return error.code;
    throw error;
  }
}

/** A lease of 1,024 bytes for holder 3 at a time that stands still. */
function given(options: Partial<ReferenceOptions> = {}) {
  const arena = new Arena();
  const events: ReferenceEvent[] = [];
  const references = new References({
    key: KEY,
    memory: arena,
    now: () => 1_000,
    onRefused: (event) => events.push(event),
    ...options,
  });
  return { arena, events, references, lease: arena.allocate(1_024) };
}

test.each(ROWS.map((row) => [row.name, row] as const))("golden reference: %s", (_name, row) => {
  const references = new References({
    key: Buffer.from(row.key, "hex"),
    memory: { published: (wanted) => row.published.find((span) => span.generation === wanted) },
    now: () => row.now,
  });
  const reference = decodeReference(Buffer.from(row.hex, "hex"));
  expect(Buffer.from(encodeReference(reference)).toString("hex")).toBe(row.hex);
  expect(row.codes.map(() => refusalOf(references, reference, row.holder))).toEqual(row.codes);
});

test("a reference is accepted by its holder and says what it was made of", () => {
  const { lease, references } = given();
  const descriptor = { dtype: "float64", shape: [8], strides: [8] };
  const reference = references.sign(lease, {
    holder: 3,
    byteOffset: 64,
    byteLength: 64,
    descriptor,
  });
  expect(decodeReference(encodeReference(reference))).toEqual(reference);
  expect(refusalOf(references, reference, 3)).toBe(null);
  expect(referenceInfo(reference, 1_000)).toEqual({
    arena: lease.arena,
    generation: lease.generation,
    offset: lease.offset + 64,
    byteLength: 64,
    holder: 3,
    expires: "1970-01-01T00:01:01.000Z",
    isExpired: false,
    isForOneUse: false,
    dtype: "float64",
    shape: [8],
  });
  expect(references.figures()).toMatchObject({ signed: 1, accepted: 1 });
});

describe("forging", () => {
  test("every flipped bit of an encoded reference is refused", () => {
    const { lease, references } = given();
    const bytes = encodeReference(
      references.sign(lease, { holder: 3, descriptor: { dtype: "int8", shape: [1_024] } }),
    );
    const judge = (changed: Uint8Array): string | null => {
      try {
        return refusalOf(references, decodeReference(changed), 3);
      } catch (error) {
        return isAmphisError(error) ? error.code : String(error);
      }
    };
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(judge(changed), `bit ${bit}`).toMatch(/^[A-Z_]+$/);
    }
    expect(references.figures().accepted).toBe(0);
  });

  test.each(["arena", "generation", "offset", "byteLength", "holder", "expiresAt"] as const)(
    "every flipped bit of %s is a forgery",
    (field) => {
      const { lease, references } = given();
      const reference = references.sign(lease, { holder: 3 });
      const bits = field === "generation" ? 32 : 53;
      for (let bit = 0; bit < bits; bit += 1) {
        const changed = Number(BigInt(reference[field]) ^ (1n << BigInt(bit)));
        const forged = { ...reference, [field]: changed };
        expect(refusalOf(references, forged, forged.holder), `bit ${bit}`).toBe("REFERENCE_FORGED");
      }
    },
  );

  test.each([
    ["its descriptor is changed", (one: Reference) => ({ ...one, descriptor: { dtype: "int8" } })],
    ["its token is short", (one: Reference) => ({ ...one, token: one.token.subarray(0, 31) })],
    [
      "another connection signed it",
      (one: Reference) => ({ ...one, token: referenceToken(referenceKey(), one) }),
    ],
  ])("a reference is refused and told of when %s", (_name, forge) => {
    const { events, lease, references } = given();
    const forged = forge(references.sign(lease, { holder: 3 }));
    expect(refusalOf(references, forged, 3)).toBe("REFERENCE_FORGED");
    expect(events).toEqual([{ code: "REFERENCE_FORGED", reference: forged }]);
    expect(references.figures().refused.REFERENCE_FORGED).toBe(1);
  });
});

describe("refusing", () => {
  test("a reference is stale when its memory went back, and when somebody else has it", () => {
    const { arena, lease, references } = given();
    const reference = references.sign(lease, { holder: 3 });
    lease.release();
    expect(refusalOf(references, reference, 3)).toBe("REFERENCE_STALE");
    const next = arena.allocate(1_024);
    expect(next.offset).toBe(reference.offset);
    references.sign(next, { holder: 3 });
    expect(refusalOf(references, reference, 3)).toBe("REFERENCE_STALE");
  });

  test("a reference expires at its time", () => {
    let now = 0;
    const { lease, references } = given({ now: () => now, policy: { maxAgeMs: 100 } });
    const reference = references.sign(lease, { holder: 3 });
    now = 99;
    expect(refusalOf(references, reference, 3)).toBe(null);
    now = 100;
    expect(refusalOf(references, reference, 3)).toBe("REFERENCE_EXPIRED");
  });

  test("a rightly signed reference beyond its lease is refused", () => {
    const { lease, references } = given();
    const { token: _token, ...good } = references.sign(lease, { holder: 3 });
    const signed = (change: Partial<UnsignedReference>): Reference => {
      const unsigned = { ...good, ...change };
      return { ...unsigned, token: referenceToken(KEY, unsigned) };
    };
    for (const change of [
      { byteLength: 1_025 },
      { offset: good.offset + 1 },
      { arena: good.arena + 1 },
      { offset: Number.MAX_SAFE_INTEGER, byteLength: 2 },
    ]) {
      expect(refusalOf(references, signed(change), 3)).toBe("REFERENCE_OUT_OF_BOUNDS");
    }
  });

  test("a reference for one use is refused the second time, and another for the same bytes is not", () => {
    const { lease, references } = given({ policy: { singleUse: true } });
    const [first, second] = [
      references.sign(lease, { holder: 3 }),
      references.sign(lease, { holder: 3 }),
    ];
    expect(refusalOf(references, first, 3)).toBe(null);
    expect(refusalOf(references, first, 3)).toBe("REFERENCE_REPLAYED");
    expect(refusalOf(references, second, 3)).toBe(null);
  });

  test("one used by the wrong holder is not used up", () => {
    const { lease, references } = given({ policy: { singleUse: true } });
    const reference = references.sign(lease, { holder: 3 });
    expect(refusalOf(references, reference, 4)).toBe("REFERENCE_HOLDER");
    expect(refusalOf(references, reference, 3)).toBe(null);
  });
});

describe("policy", () => {
  test("a change holds for the next reference and leaves those that were signed", () => {
    const { lease, references } = given();
    const before = references.sign(lease, { holder: 3 });
    references.setPolicy({ holders: [4], maxBytes: 512, maxAgeMs: 0 });
    expect(() => references.sign(lease, { holder: 3, byteLength: 1 })).toThrow(
      expect.objectContaining({ code: "REFERENCE_HOLDER" }),
    );
    expect(() => references.sign(lease, { holder: 4 })).toThrow(
      expect.objectContaining({ code: "REFERENCE_OUT_OF_BOUNDS" }),
    );
    expect(references.sign(lease, { holder: 4, byteLength: 512 }).expiresAt).toBe(0);
    expect(refusalOf(references, before, 3)).toBe(null);
  });

  test.each([
    [{ byteOffset: 1_025 }],
    [{ byteLength: 1_025 }],
    [{ byteOffset: -1 }],
    [{ byteOffset: 1_000, byteLength: 25 }],
    [{ byteLength: Number.NaN }],
  ])("a reference beyond the lease is not signed: %o", (options) => {
    const { lease, references } = given();
    expect(() => references.sign(lease, { holder: 3, ...options })).toThrow(
      expect.objectContaining({ code: "REFERENCE_OUT_OF_BOUNDS" }),
    );
  });

  test("a released lease is not signed", () => {
    const { lease, references } = given();
    lease.release();
    expect(() => references.sign(lease, { holder: 3 })).toThrow(
      expect.objectContaining({ code: "LEASE_RELEASED" }),
    );
  });

  test("a short key is refused", () => {
    expect(() => given({ key: new Uint8Array(31) })).toThrow(RangeError);
  });
});
