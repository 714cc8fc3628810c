import { beforeAll, describe, expect, test } from "vitest";

import { openTable, writeTable } from "../../src/memory/index.ts";
import { hasModule, python, runPython } from "../memory/python.ts";
import { plain, sampleTable, TYPES } from "./sample.ts";

/** Reads tables, turns each into what a library has and back, and writes it again, or says why that cannot be. */
const ECHO = `
import struct, sys
sys.path.insert(0, "python/src")
from amphis._internal.errors import AmphisError
from amphis._internal.memory.arrow import open_table, to_pandas, to_polars, write_table
turn = {"pyarrow": lambda table: table, "pandas": to_pandas, "polars": to_polars}[LIBRARY]
source, target = sys.stdin.buffer, sys.stdout.buffer
while head := source.read(8):
    try:
        table = turn(open_table(source.read(struct.unpack("<q", head)[0])))
        answer = write_table(table, lambda count: memoryview(bytearray(b"\\xee" * count)))
    except AmphisError as error:
        answer = f"{error.code.name}: {error}".encode()
    target.write(struct.pack("<q", len(answer)))
    target.write(answer)
`;

const REFUSED = /^ARROW_UNSUPPORTED: Cannot use table: a column that/u;

/** What a library has another type for, or none. */
const CHANGED: Readonly<Record<string, Readonly<Record<string, readonly unknown[] | RegExp>>>> = {
  pyarrow: {},
  pandas: { map: REFUSED, "sparse union": REFUSED, "dense union": REFUSED },
  polars: {
    "decimal 256": REFUSED,
    "date in ms": [1_772_236_800_000n, null, -86_400_000n],
    time: [1_000n, null, 86_399_999_999_000n],
    interval: REFUSED,
    "sparse union": REFUSED,
    "dense union": REFUSED,
  },
};

const hasLibraries = ["pyarrow", "pandas", "polars"].every(hasModule);

/** Sends one table for each type through Python, all in one process. */
function echo(library: string): readonly Buffer[] {
  const tables = TYPES.map((row) => writeTable(sampleTable([row])).bytes);
  const input = Buffer.concat(tables.flatMap((bytes) => [lengthOf(bytes), bytes]));
  const script = ECHO.replace("LIBRARY", JSON.stringify(library));
  const output = runPython(python as string, script, input);
  const answers: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const end = at + 8 + Number(output.readBigInt64LE(at));
    answers.push(output.subarray(at + 8, end));
    at = end;
  }
  return answers;
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(bytes.length)).buffer);
}

if (hasLibraries) {
  describe("a column through Python", { timeout: 60_000 }, () => {
    for (const library of ["pyarrow", "pandas", "polars"]) {
      let answers: readonly Buffer[] = [];
      beforeAll(() => {
        answers = echo(library);
      });

      for (const [at, [name, , given, opened = given]] of TYPES.entries()) {
        const expected = CHANGED[library]?.[name] ?? opened;
        if (expected instanceof RegExp) {
          test(`of ${name} is refused by ${library}`, () => {
            expect(answers[at]?.toString()).toMatch(expected);
          });
        } else {
          test(`of ${name} comes back from ${library}`, () => {
            const { children } = openTable({ bytes: Uint8Array.from(answers[at] ?? []) });
            expect(plain([...(children[0] ?? [])])).toEqual(plain(expected));
          });
        }
      }
    }
  });
} else {
  test("a table through Python", ({ skip }) =>
    skip("AMPHIS_PYTHON lacks pyarrow, pandas or polars"));
}
