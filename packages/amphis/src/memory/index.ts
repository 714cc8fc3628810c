/*
 * Bytes that are shared instead of sent. An arena lends memory; a lease is what it lends; a tensor shows numbers in it; a reference names it
 * on the wire; a placement decides whether a value goes that way at all.
 */

// Memory and numbers in it
export { Arena } from "./arena.ts";
export type { AllocateOptions, AllocateWhenFreeOptions } from "./arena.ts";
export type { ArenaOptions } from "./arena-options.ts";
export type { ArenaFigures, HolderFigures } from "./arena-figures.ts";
export type { CheckedBytes, Lease } from "./lease.ts";
export { empty, fromBytes, fromNested, tensor, tensorOver, zeros } from "./make-tensor.ts";
export type { FromBytesOptions, NewTensorOptions, TensorOptions } from "./make-tensor.ts";
export { Tensor } from "./tensor.ts";
export type { Nested, ReadonlyView, TensorDescriptor, TensorInit, TensorMemory } from "./tensor.ts";
export { DTYPES, dtypeInfo, parseDtype } from "./dtype.ts";
export type { Dtype, DtypeInfo, Element, ParsedDtype, TypedArray } from "./dtype.ts";
export type { Layout, Order } from "./layout.ts";
export {
  bfloat16ToNumber,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
} from "./half-float.ts";

// Tensors in the memory of a device
export { DeviceTensor } from "./device-tensor.ts";
export type { DeviceFigures, DeviceShares, LentDeviceTensor } from "./device-shares.ts";

// Memory of several processes
export { expectMemoryOptions, SharedMemory } from "./shared-memory.ts";
export type { GuestEvent, SharedMemoryFigures, SharedMemoryOptions } from "./shared-memory.ts";
export { MemoryLink } from "./memory-link.ts";
export type {
  AcceptedReference,
  AnnouncedRegion,
  LentReference,
  MemoryLinkFigures,
  MemoryLinkInit,
  MemoryWire,
  SpilledFrame,
} from "./memory-link.ts";
export type { SpilledFrames } from "./spilled-frames.ts";

// Arrow tables
export { openTable } from "./arrow/open-table.ts";
export type { OpenTableOptions } from "./arrow/open-table.ts";
export { writeTable } from "./arrow/write-table.ts";
export type { AllocateTable, WritableTable } from "./arrow/write-table.ts";
export { ArrowTable } from "./arrow/arrow-table.ts";
export type { ArrowRow } from "./arrow/arrow-table.ts";
export type { ForeignData, ForeignTable } from "./arrow/foreign-table.ts";
export type { ForeignField, ForeignType } from "./arrow/foreign-type.ts";

export { Carrier, isBulk, isLeased } from "./carrier.ts";
export type { Bulk, Carried, CarrierOptions, Outgoing } from "./carrier.ts";
export { LeasedBytes } from "./leased-bytes.ts";

// Streams of large values
export { ChunkReader, ChunkWriter } from "./stream/index.ts";
export type {
  ChunkReaderInit,
  ChunkStreamInit,
  WriteBytesOptions,
  WriteOptions,
} from "./stream/index.ts";

// References
export { referenceKey, References, referenceToken } from "./reference.ts";
export type {
  ReferenceEvent,
  ReferenceFigures,
  ReferenceOptions,
  ReferenceRefusal,
  SignOptions,
} from "./reference.ts";
export type { ReferencePolicy } from "./reference-policy.ts";
export { referenceInfo } from "./reference-info.ts";
export type { ReferenceInfo } from "./reference-info.ts";

// Inline or shared
export { Placement } from "./placement.ts";
export type {
  Parcel,
  PlacementComparison,
  PlacementEvent,
  PlacementFigures,
  PlacementOptions,
} from "./placement.ts";
export type { Path, PathFigures } from "./latency-model.ts";
export type { FailureKind, SharedPathState } from "./shared-path.ts";
export { memoryStatus } from "./status.ts";
export type { MemoryParts, MemoryStatus } from "./status.ts";

// For those who bring memory
export { heapRegion } from "./region.ts";
export type { HeapSharing, OpenRegion, Region } from "./region.ts";
export type { PublishedSpan } from "./arena.ts";
export type { SizeFigures } from "./size-counts.ts";
export type { SpaceFigures } from "./space.ts";
export type { Clock } from "./clock.ts";
export type { WaitOptions } from "./waiting-line.ts";
