import { Place, type ValueMap } from "@amphis/protocol";

import { type Dtype, dtypeInfo } from "./dtype.ts";
import { countOf, invalid, proveLayout } from "./layout.ts";
import { decodeTensor } from "./tensor-meta.ts";

/** What an attachment of the format `device` says (spec/channel.md). */
export interface DeviceTensorInit {
  /** The number by which its guest names it. */
  readonly id: number;
  readonly device: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly byteLength: number;
  /** Why nobody but its process can open it; undefined when others can. */
  readonly unshared: string | undefined;
}

const DEVICE = /^[a-z][a-z0-9-]{0,31}:\d{1,10}$/;

/** @throws {AmphisError} BODY_INVALID, DTYPE_UNSUPPORTED, TENSOR_INVALID */
export function decodeDeviceTensor(meta: ValueMap): DeviceTensorInit {
  const place = new Place("device tensor", meta);
  const most = Number.MAX_SAFE_INTEGER;
  const devicePlace = place.key("device");
  const device = devicePlace.text();
  if (!DEVICE.test(device)) throw devicePlace.invalid("a device, such as cuda:0");
  const { dtype, shape, strides } = decodeTensor({ ...meta, byteOffset: 0 });
  const byteLength = provenBytes(dtype, shape, strides);
  if (place.key("byteLength").int(0, most) !== byteLength) {
    throw place.key("byteLength").invalid(`${byteLength}, the bytes of its elements`);
  }
  const unshared = place.key("unshared");
  return {
    id: place.key("id").int(1, most),
    device,
    dtype,
    shape,
    strides,
    byteLength,
    unshared: unshared.isAbsent ? undefined : unshared.text(),
  };
}

/** For the guest that gets it: `id` is the number of its share, `own` the one by which it named the tensor itself. */
export function encodeDeviceTensor(
  init: DeviceTensorInit,
  { id, own }: { readonly id: number; readonly own: number | undefined },
): ValueMap {
  const { device, dtype, shape, strides, byteLength, unshared } = init;
  return {
    device,
    dtype,
    shape,
    strides,
    byteLength,
    id,
    ...(own === undefined ? {} : { own }),
    ...(unshared === undefined ? {} : { unshared }),
  };
}

/** Bytes of all elements when nothing lies between them. Where they lie in memory its process alone knows. */
function provenBytes(dtype: Dtype, shape: readonly number[], strides: readonly number[]): number {
  const { bytes } = dtypeInfo(dtype);
  // Up to half of what can be counted, on both sides of the element at index 0.
  const byteOffset = Math.floor(Number.MAX_SAFE_INTEGER / 2);
  proveLayout({ shape, strides, byteOffset }, bytes, Number.MAX_SAFE_INTEGER);
  const byteLength = countOf(shape) * bytes;
  // Elements may lie on each other.
  if (!Number.isSafeInteger(byteLength)) throw invalid("its elements have more bytes than 2^53");
  return byteLength;
}
