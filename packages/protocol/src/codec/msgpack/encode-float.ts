import type { ByteWriter } from "../bytes/index.ts";
import { FLOAT64 } from "./format.ts";

export function writeFloat(out: ByteWriter, value: number): void {
  out.ensure(9);
  out.bytes[out.at++] = FLOAT64;
  writeFloat64(out, value);
}

/** NaN is one value, whatever bits it had where it was read. */
export function writeFloat64(out: ByteWriter, value: number): void {
  const { view, at } = out;
  if (Number.isNaN(value)) {
    view.setUint32(at, 0x7ff8_0000);
    view.setUint32(at + 4, 0);
  } else {
    view.setFloat64(at, value);
  }
  out.at = at + 8;
}
