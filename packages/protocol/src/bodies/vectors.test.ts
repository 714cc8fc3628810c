import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import {
  decodeCall,
  decodeCallback,
  decodeCancel,
  decodeEvent,
  decodeLog,
  decodeProgram,
  decodeRelease,
  decodeResult,
  encodeCall,
  encodeCallback,
  encodeCancel,
  encodeEvent,
  encodeLog,
  encodeProgram,
  encodeRelease,
  encodeResult,
} from "./index.ts";

interface Row {
  readonly name: string;
  readonly body: string;
  readonly hex: string;
  readonly path?: string;
}

const rows = JSON.parse(
  readFileSync(new URL("../../../../spec/vectors/bodies.json", import.meta.url), "utf8"),
) as readonly Row[];

/** Reads a body and writes it again. */
const AGAIN: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  call: (bytes) => encodeCall(decodeCall(bytes)),
  program: (bytes) => encodeProgram(decodeProgram(bytes)),
  result: (bytes) => encodeResult(decodeResult(bytes)),
  callback: (bytes) => encodeCallback(decodeCallback(bytes)),
  release: (bytes) => encodeRelease(decodeRelease(bytes)),
  cancel: (bytes) => encodeCancel(decodeCancel(bytes)),
  log: (bytes) => encodeLog(decodeLog(bytes)),
  event: (bytes) => encodeEvent(decodeEvent(bytes)),
};

function again({ body, hex }: Row): string {
  const act = AGAIN[body];
  if (act === undefined) throw new Error(`Cannot read ${body}: there is no such body`);
  return Buffer.from(act(Buffer.from(hex, "hex"))).toString("hex");
}

describe("golden bodies", () => {
  const good = rows.filter(({ path }) => path === undefined);
  test.each(good)("$name is read, and written to the same bytes", (row) => {
    expect(again(row)).toBe(row.hex);
  });

  const bad = rows.filter(({ path }) => path !== undefined);
  test.each(bad)("$name is refused with its path", (row) => {
    expect(() => again(row)).toThrow(
      expect.objectContaining({
        code: "BODY_INVALID",
        body: row.body,
        path: row.path,
      }) as Error,
    );
  });
});
