import { Place, type ValueMap } from "@amphis/protocol";

import { type Dtype, parseDtype, unsupported } from "./dtype.ts";
import type { TensorInit } from "./tensor.ts";

/**
 * What an attachment says of the elements in it. Whether they lie inside of its bytes is proven when the tensor is made.
 *
 * @throws {AmphisError} BODY_INVALID; DTYPE_UNSUPPORTED, also for elements with the high byte first
 */
export function decodeTensor(meta: ValueMap): TensorInit {
  const place = new Place("tensor", meta);
  const most = Number.MAX_SAFE_INTEGER;
  const readOnly = place.key("readOnly");
  return {
    dtype: littleEndian(place.key("dtype").text()),
    shape: place
      .key("shape")
      .array(0)
      .map((length) => length.int(0, most)),
    strides: place
      .key("strides")
      .array(0)
      .map((stride) => stride.int(-most, most)),
    byteOffset: place.key("byteOffset").int(0, most),
    isReadOnly: !readOnly.isAbsent && readOnly.bool(),
  };
}

/** Whoever sends elements the other way round converts them first: bytes of shared memory are read as they are. */
function littleEndian(name: string): Dtype {
  const { dtype, byteOrder } = parseDtype(name);
  if (byteOrder === "little") return dtype;
  throw unsupported(name, "its high bytes come first; convert it where it is made");
}
