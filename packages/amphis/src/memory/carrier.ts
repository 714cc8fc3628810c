import {
  AmphisError,
  type Attachment,
  type FrameAttachment,
  type ReferenceDescriptor,
  type ValueMap,
} from "@amphis/protocol";

import type { ArrowTable } from "./arrow/arrow-table.ts";
import { openTable } from "./arrow/open-table.ts";
import { isWritableTable, type WritableTable, writeTable } from "./arrow/write-table.ts";
import type { DeviceShares } from "./device-shares.ts";
import { DeviceTensor } from "./device-tensor.ts";
import type { Path } from "./latency-model.ts";
import { Lease } from "./lease.ts";
import { LeasedBytes } from "./leased-bytes.ts";
import type { MemoryLink } from "./memory-link.ts";
import { Placement } from "./placement.ts";
import { Tensor, type TensorMemory, writeTo } from "./tensor.ts";
import { decodeTensor } from "./tensor-meta.ts";

/** What travels beside a body: `tensor`, `arrow`, `bytes` and `device` in the format of its attachment. */
export type Bulk = Tensor | WritableTable | Uint8Array | Lease | LeasedBytes | DeviceTensor;

/** Whether something travels beside a body. Asks by shape for tables of packages that Amphis does not know. */
export function isBulk(thing: object): thing is Bulk {
  return (
    thing instanceof Tensor ||
    thing instanceof Uint8Array ||
    isLeased(thing) ||
    thing instanceof DeviceTensor ||
    isWritableTable(thing)
  );
}

/** Whether it is bytes that were put into shared memory on purpose. */
export function isLeased(thing: object): thing is Lease | LeasedBytes {
  return thing instanceof LeasedBytes || thing instanceof Lease;
}

/** What comes out of an attachment. Shared memory and device tensors are held until they are released or collected. */
export type Carried = Tensor | ArrowTable | TensorMemory | DeviceTensor;

/** A value on its way out. */
export interface Outgoing {
  readonly attachment: FrameAttachment;
  /** For the attachment value in the body. */
  readonly format: string;
  readonly meta: ValueMap;
  /** Which way it takes. */
  readonly path: Path;
  /** Whether bytes had to be copied for it. */
  readonly isCopied: boolean;
  /** Tells that the other side has the value, so that the next choice is a better one. */
  delivered(): void;
  /** For a frame that was not sent after all: takes back what was lent. */
  cancel(): void;
}

export interface CarrierOptions {
  /** Memory shared with the peer. @default none: everything goes inline */
  readonly link?: MemoryLink | undefined;
  /** Chooses the path of each value, and may be shared by all connections. @default one of its own */
  readonly placement?: Placement | undefined;
  /** Larger values go inline only where shared memory fails, as frames have a limit. @default none */
  readonly maxInlineBytes?: number | undefined;
}

/** The bytes of a value, before it is known which way they take. */
interface Load {
  readonly format: string;
  /** Undefined: known once they are written. */
  readonly byteLength: number | undefined;
  /** Where they are, with how to read them there. */
  readonly place: Written | undefined;
  /** Whether that is memory of this process that nobody takes back, in one piece. */
  readonly isPlain: boolean;
  /** Puts them into memory that is asked for once. */
  readonly write: (allocate: (byteLength: number) => TensorMemory) => Written;
}

interface Written {
  readonly memory: TensorMemory;
  readonly meta: ValueMap;
}

type Sent = Pick<Outgoing, "attachment" | "meta" | "path" | "isCopied" | "cancel">;

/**
 * Takes large values to a peer and from it: what lies in shared memory already travels as it is, all else the way that is expected to be
 * faster, and inline whenever shared memory fails.
 */
export class Carrier {
  readonly placement: Placement;
  readonly #link: MemoryLink | undefined;
  readonly #maxInlineBytes: number;

  constructor({
    link,
    placement = new Placement(),
    maxInlineBytes = Number.POSITIVE_INFINITY,
  }: CarrierOptions = {}) {
    this.#maxInlineBytes = maxInlineBytes;
    this.#link = link;
    this.placement = placement;
  }

  /**
   * Prepares a value to be sent. What goes inline without a copy must not be written to until it was sent.
   *
   * @throws {AmphisError} LEASE_RELEASED; ARROW_UNSUPPORTED and ARROW_INVALID for tables; DEVICE_TENSOR_GONE, and DEVICE_UNAVAILABLE for
   * device tensors where no memory is shared
   */
  carry(value: Bulk): Outgoing {
    if (value instanceof DeviceTensor) return this.#carryName(value);
    const load = loadOf(value);
    const start = performance.now();
    const asItIs = this.#lendAsItIs(load);
    const isChosen = asItIs === undefined;
    const sent = asItIs ?? this.#send(load);
    const parcel = { bytes: sent.byteLength, kind: load.format };
    return {
      ...sent,
      format: load.format,
      delivered: () => {
        // What needed no copy says nothing of values that do.
        if (isChosen) this.placement.succeeded(parcel, sent.path, performance.now() - start);
      },
    };
  }

  /**
   * What an attachment holds. It is checked before any of its bytes is shown.
   *
   * @throws {AmphisError} a code of `ReferenceRefusal`; MEMORY_REFUSED where no memory is shared; BODY_INVALID, DTYPE_UNSUPPORTED,
   * TENSOR_INVALID, ARROW_INVALID, ARROW_UNSUPPORTED, DEVICE_TENSOR_GONE; DEVICE_UNAVAILABLE for device tensors where no memory is shared
   */
  open(
    { kind, data }: FrameAttachment,
    { format, meta }: Pick<Attachment, "format" | "meta">,
  ): Carried {
    if (format === "device" && kind === "inline") return this.#shares().take(meta, data);
    if (kind === "inline") return read(format, meta, { bytes: aligned(data) });
    const memory = this.#accept(data);
    try {
      return read(format, meta, memory);
    } catch (error) {
      memory.release();
      throw error;
    }
  }

  #carryName(tensor: DeviceTensor): Outgoing {
    const { meta, data, takeBack: cancel } = this.#shares().lend(tensor);
    const attachment = { kind: "inline", data } as const;
    const delivered = (): void => undefined;
    return {
      attachment,
      format: "device",
      meta,
      path: "inline",
      isCopied: false,
      delivered,
      cancel,
    };
  }

  #shares(): DeviceShares {
    if (this.#link !== undefined) return this.#link.devices;
    const reason = "no memory is shared with the peer, which device tensors are let go by";
    const advice = "copy it to the host in Python and send that";
    throw new AmphisError(
      "DEVICE_UNAVAILABLE",
      `Cannot carry device tensor: ${reason}; ${advice}`,
      {
        reason,
      },
    );
  }

  #accept(data: Uint8Array): LeasedBytes {
    if (this.#link === undefined) {
      const reason = "no memory is shared with the peer";
      throw new AmphisError("MEMORY_REFUSED", `Cannot take reference: ${reason}`, { reason });
    }
    const { lease, byteOffset, byteLength } = this.#link.accept(data);
    return new LeasedBytes(lease, byteOffset, byteLength);
  }

  /** What lies in memory of the link needs no copy, however small it is. */
  #lendAsItIs({ place }: Load): Measured | undefined {
    const part = place === undefined ? undefined : partOf(place.memory);
    if (place === undefined || part === undefined) return undefined;
    // Released memory is a mistake of the caller, and no failure of shared memory.
    part.lease.check();
    const { byteLength } = part;
    const link = this.#link;
    if (link?.owns(part.lease) !== true) return undefined;
    const sent = this.#lend(link, part, place.meta);
    return sent === undefined ? undefined : { ...sent, byteLength, isCopied: false };
  }

  #send(load: Load): Measured {
    const { format, byteLength, place, isPlain } = load;
    const path = byteLength === undefined ? undefined : this.#choose(format, byteLength);
    if (path === "inline" && place !== undefined && isPlain) {
      return { ...inline(place.memory.bytes, place.meta), isCopied: false };
    }
    let lease: Lease | undefined;
    try {
      const { memory, meta } = load.write((bytes) => {
        lease = this.#allocate(bytes, path ?? this.#choose(format, bytes));
        return lease ?? { bytes: new Uint8Array(bytes) };
      });
      const link = this.#link;
      if (lease === undefined || link === undefined) return inline(memory.bytes, meta);
      // Nothing here shows the memory: a view of it costs more than small values themselves.
      const byteLength = memory.byteLength ?? memory.bytes.length;
      const sent = this.#lend(link, new LeasedBytes(lease, 0, byteLength), meta);
      return sent === undefined
        ? inline(Uint8Array.from(memory.bytes), meta)
        : { ...sent, byteLength };
    } finally {
      // The guest's share keeps it from here on.
      lease?.release();
    }
  }

  #choose(kind: string, bytes: number): Path {
    if (this.#link === undefined || bytes === 0) return "inline";
    const path = this.placement.choose({ bytes, kind });
    return bytes > this.#maxInlineBytes ? "shared" : path;
  }

  #allocate(bytes: number, path: Path): Lease | undefined {
    if (path === "inline") return undefined;
    try {
      return this.#link?.allocate(bytes);
    } catch (error) {
      this.placement.failed(error);
      return undefined;
    }
  }

  #lend(link: MemoryLink, part: LeasedBytes, meta: ValueMap): Sent | undefined {
    try {
      const { lease, byteOffset, byteLength } = part;
      const descriptor = meta as ReferenceDescriptor;
      const reference = link.lend(lease, { byteOffset, byteLength, descriptor });
      const attachment = { kind: "reference", data: reference.data } as const;
      const cancel = (): void => reference.takeBack();
      return { attachment, meta, path: "shared", isCopied: true, cancel };
    } catch (error) {
      this.placement.failed(error);
      return undefined;
    }
  }
}

interface Measured extends Sent {
  readonly byteLength: number;
}

function inline(data: Uint8Array, meta: ValueMap): Measured {
  const attachment = { kind: "inline", data } as const;
  const cancel = (): void => undefined;
  return { attachment, meta, path: "inline", isCopied: true, byteLength: data.length, cancel };
}

function partOf(memory: TensorMemory): LeasedBytes | undefined {
  if (memory instanceof LeasedBytes) return memory;
  return memory instanceof Lease ? new LeasedBytes(memory, 0, memory.byteLength) : undefined;
}

function loadOf(value: Exclude<Bulk, DeviceTensor>): Load {
  if (value instanceof Tensor) return loadOfTensor(value);
  if (value instanceof Uint8Array) return loadOfBytes({ bytes: value });
  if (value instanceof Lease || value instanceof LeasedBytes) return loadOfBytes(value);
  const write: Load["write"] = (allocate) => ({ memory: writeTable(value, allocate), meta: {} });
  return { format: "arrow", byteLength: undefined, place: undefined, isPlain: false, write };
}

function loadOfTensor(tensor: Tensor): Load {
  const { memory, byteOffset, descriptor } = tensor;
  const byteLength = tensor.size * tensor.itemBytes;
  const isPlain = partOf(memory) === undefined && tensor.isContiguous;
  const piece = isPlain ? memory.bytes.subarray(byteOffset, byteOffset + byteLength) : undefined;
  return {
    format: "tensor",
    byteLength,
    place:
      piece === undefined
        ? { memory, meta: descriptor }
        : { memory: { bytes: piece }, meta: { ...descriptor, byteOffset: 0 } },
    isPlain,
    write: (allocate) => {
      const target = allocate(byteLength);
      const copy = tensor.copyTo(target);
      return { memory: target, meta: (tensor.isReadOnly ? copy.asReadOnly() : copy).descriptor };
    },
  };
}

function loadOfBytes(memory: TensorMemory): Load {
  const { bytes } = memory;
  return {
    format: "bytes",
    byteLength: bytes.length,
    place: { memory, meta: {} },
    isPlain: partOf(memory) === undefined,
    write: (allocate) => {
      const target = allocate(bytes.length);
      writeTo(target, bytes);
      return { memory: target, meta: {} };
    },
  };
}

function read(format: string, meta: ValueMap, memory: TensorMemory): Carried {
  switch (format) {
    case "tensor":
      return new Tensor(memory, decodeTensor(meta));
    case "arrow":
      return openTable(memory);
    case "bytes":
      return memory;
    default:
      throw new AmphisError(
        "BODY_INVALID",
        `Cannot read attachment: there is no format ${JSON.stringify(format)}`,
        {
          body: "attachment",
          path: "$.format",
          expected: "tensor, arrow, bytes, or device inline",
        },
      );
  }
}

/** Bytes of a frame begin anywhere, and arrays of numbers do not. */
function aligned(data: Uint8Array): Uint8Array {
  return data.byteOffset % 8 === 0 ? data : Uint8Array.from(data);
}
