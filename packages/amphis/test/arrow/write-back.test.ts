import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openTable, type WritableTable, writeTable } from "../../src/memory/index.ts";
import { hasModule, python, runPython } from "../memory/python.ts";
import { bytesOf, GOLDEN, isSuitePresent, refusedFor, suite, WHY_ABSENT } from "./suite.ts";

/**
 * For each line: reads an original and what was written from it, both mapped, and says how they differ. Buffers must begin at multiples
 * of 64.
 */
const COMPARE = `
import json, sys
import pyarrow as pa
def opened(path):
    source = pa.memory_map(path)
    head = source.read_buffer(6).to_pybytes()
    source.seek(0)
    return (pa.ipc.open_file if head == b"ARROW1" else pa.ipc.open_stream)(source).read_all()
def buffers(table):
    for column in table.columns:
        for chunk in column.chunks:
            yield from (buffer for buffer in chunk.buffers() if buffer is not None)
def compare(original, written, start, stop):
    first, second = opened(original), opened(written)
    if start is not None:
        first = first.slice(start, stop - start)
    second.validate()
    if not first.schema.equals(second.schema, check_metadata=True):
        return f"schema {second.schema} instead of {first.schema}"
    if not first.equals(second):
        return "values"
    misplaced = [buffer for buffer in buffers(second) if buffer.address % 64 and buffer.size]
    return f"{len(misplaced)} buffers" if misplaced else "same"
def answer(line):
    try:
        return compare(*json.loads(line))
    except Exception as error:
        return repr(error)
print(json.dumps([answer(line) for line in sys.stdin]))`;

/** pyarrow has no Python class for these intervals; `open-table.test.ts` has them. */
const NOT_PYARROW = /generated_interval\./u;

/** apache-arrow 21 loses the values of unions of metadata V4. */
const NOT_APACHE = /1\.0\.0.*generated_union/u;

interface Case {
  readonly name: string;
  readonly by: string;
  readonly slice: readonly [number, number] | undefined;
  readonly table: () => WritableTable;
}

const readable = GOLDEN.filter((name) => refusedFor(name) === undefined && !NOT_PYARROW.test(name));
const apache = readable.filter((name) => !NOT_APACHE.test(name) && /cpp-21|1\.0\.0/u.test(name));

const CASES: readonly Case[] = [
  ...readable.map((name) => ({
    name,
    by: "openTable",
    slice: undefined,
    table: () => openTable({ bytes: bytesOf(name) }),
  })),
  ...apache.map((name) => ({
    name,
    by: "apache-arrow",
    slice: undefined,
    table: () => tableFromIPC(bytesOf(name)),
  })),
  ...apache.map((name) => ({
    name,
    by: "apache-arrow",
    slice: [1, 12] as const,
    table: () => tableFromIPC(bytesOf(name)).slice(1, 12),
  })),
];

const why = isSuitePresent ? "AMPHIS_PYTHON has no pyarrow" : WHY_ABSENT;

if (isSuitePresent && hasModule("pyarrow")) {
  describe("written back, and read by pyarrow,", () => {
    const folder = mkdtempSync(join(tmpdir(), "amphis-arrow-"));
    let answers: readonly string[] = [];

    beforeAll(() => {
      const lines = CASES.map(({ name, slice, table }, at) => {
        const target = join(folder, `${at}.arrows`);
        writeFileSync(target, writeTable(table()).bytes);
        return JSON.stringify([`${suite}/${name}`, target, ...(slice ?? [null, null])]);
      });
      const output = runPython(python as string, COMPARE, Buffer.from(lines.join("\n")));
      answers = JSON.parse(output.toString()) as readonly string[];
    });

    afterAll(() => rmSync(folder, { recursive: true }));

    for (const [at, { name, by, slice }] of CASES.entries()) {
      const rows = slice === undefined ? "" : `, rows ${slice.join(" to ")}`;
      test(`${name} as ${by} gives it${rows} is the same table`, () => {
        expect(answers[at]).toBe("same");
      });
    }
  });
} else {
  test("tables that are written back", ({ skip }) => skip(why));
}
