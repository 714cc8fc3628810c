import { AmphisError } from "@amphis/protocol";
import type { Batch } from "@uwdata/flechette";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plain, sampleTable } from "../../../test/arrow/sample.ts";
import type { ArrowTable } from "./arrow-table.ts";
import { openTable } from "./open-table.ts";
import { writeTable } from "./write-table.ts";

const GUARD_BYTES = 256;
const SAMPLE = writeTable(sampleTable()).bytes;

/** The bytes amid others that must never be seen. */
function guarded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(bytes.length + 2 * GUARD_BYTES).fill(0xee);
  all.set(bytes, GUARD_BYTES);
  return all.subarray(GUARD_BYTES, GUARD_BYTES + bytes.length);
}

/** Every buffer of a column that shows memory. */
function* buffersOf(batch: Batch<unknown>): Generator<ArrayBufferView> {
  const {
    validity,
    values,
    offsets,
    typeIds,
    data,
    children,
    dictionary: keys,
  } = batch as Batch<unknown> & {
    readonly typeIds?: Int8Array;
    readonly data?: readonly Uint8Array[];
    readonly dictionary?: { readonly data: readonly Batch<unknown>[] };
  };
  for (const buffer of [validity, values, offsets, typeIds, ...(data ?? [])]) {
    if (buffer) yield buffer;
  }
  for (const inner of [...(children ?? []), ...(keys?.data ?? [])]) yield* buffersOf(inner);
}

function outside(opened: ArrowTable, bytes: Uint8Array): readonly ArrayBufferView[] {
  const end = bytes.byteOffset + bytes.byteLength;
  return opened.children
    .flatMap((column) => column.data.flatMap((batch) => [...buffersOf(batch)]))
    .filter(
      ({ buffer, byteOffset, byteLength }) =>
        buffer === bytes.buffer && (byteOffset < bytes.byteOffset || byteOffset + byteLength > end),
    );
}

function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AmphisError && error.code.startsWith("ARROW_")) return error.code;
    throw error;
  }
}

/** Opens bytes and reads all that can be read; anything but an error of this part gets out. */
function readAll(bytes: Uint8Array): void {
  refusal(() => {
    const opened = openTable({ bytes });
    expect(outside(opened, bytes)).toEqual([]);
    for (const column of opened.children) {
      for (let row = 0; row < Math.min(column.length, 100); row += 1) {
        refusal(() => plain(column.at(row)));
      }
    }
  });
}

describe("bytes of somebody else", () => {
  test("end in a table or a typed error, and never show what is beside them", () => {
    const change = fc.tuple(fc.nat(SAMPLE.length - 1), fc.integer({ min: 0, max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (all) => {
        const bytes = guarded(SAMPLE);
        for (const [at, value] of all) bytes[at] = value;
        readAll(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test("end in a table or a typed error when words of their metadata are extreme", () => {
    const words = [0, 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_ff, 0xff_ff_ff_f8, 64];
    const change = fc.tuple(fc.nat(SAMPLE.length / 4 - 1), fc.constantFrom(...words));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (all) => {
        const bytes = guarded(SAMPLE);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        for (const [at, value] of all) view.setUint32(at * 4, value, true);
        readAll(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test("that are noise are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        // Nothing, or the end of a stream, is no table either.
        expect(refusal(() => openTable({ bytes: noise }))).toMatch(/^ARROW_/u);
      }),
    );
  });

  test("that are cut short are refused, or are whole batches", () => {
    for (let length = 0; length < SAMPLE.length; length += 7) {
      readAll(guarded(SAMPLE.subarray(0, length)));
    }
    expect(refusal(() => openTable({ bytes: SAMPLE.subarray(0, 600) }))).toBe("ARROW_INVALID");
  });
});
