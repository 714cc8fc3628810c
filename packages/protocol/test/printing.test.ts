import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { json } from "../src/codec/index.ts";
import { FrameDecoder } from "../src/frame/index.ts";
import { messageCodec } from "../src/message/index.ts";
import { formatFrame, formatMessage, formatValue, type PrintStyle } from "../src/print/index.ts";

interface Row {
  readonly name: string;
  readonly style: PrintStyle;
  readonly color?: true;
  readonly json?: string;
  readonly message?: string;
  readonly frame?: string;
  readonly text: string;
}

const rows = JSON.parse(
  readFileSync(new URL("../../../spec/vectors/printing.json", import.meta.url), "utf8"),
) as Row[];
const codec = json({ exactFloats: true, maps: "map" });
const messages = messageCodec("json", { exactFloats: true, maps: "map" });

function print(row: Row): string {
  const options = { style: row.style, color: row.color === true };
  if (row.json !== undefined) return formatValue(codec.decode(Buffer.from(row.json)), options);
  if (row.message !== undefined) {
    return formatMessage(messages.decode(Buffer.from(row.message)), options);
  }
  const [frame] = new FrameDecoder().feed(Buffer.from(row.frame ?? "", "hex"));
  if (frame === undefined) throw new Error(`Cannot print: ${row.name} holds no whole frame`);
  return formatFrame(frame, options);
}

describe("printed text is that of spec/vectors/printing.json", () => {
  test.each(rows)("$name", (row) => {
    expect(print(row)).toBe(row.text);
  });
});
