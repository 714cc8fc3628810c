import { AmphisError, type ValueMap } from "@amphis/protocol";

import { DeviceTensor } from "./device-tensor.ts";
import {
  decodeDeviceTensor,
  type DeviceTensorInit,
  encodeDeviceTensor,
} from "./device-tensor-meta.ts";

/** A frame that lets go names so many at most. */
const MOST_IN_FRAME = 4_096;
/** A guest that names more at the same time is refused, so that it cannot fill the memory of this process. */
const MOST_NAMED = 65_536;

export interface DeviceFigures {
  /** Tensors of the guest that this process or another guest has. */
  readonly named: number;
  /** Tensors that the guest was sent and has not let go. */
  readonly shares: number;
  /** Tensors that were forgotten instead of released. */
  readonly lost: number;
  /** Tensors that the guest let go and did not have. */
  readonly unknownReleases: number;
}

/** A tensor that was made ready to be sent. */
export interface LentDeviceTensor {
  /** What an attachment of the format `device` says and holds. */
  readonly meta: ValueMap;
  readonly data: Uint8Array;
  /** Takes the guest's share back, for a frame that was not sent after all. */
  takeBack(): void;
}

/**
 * One tensor of a guest, for all who have it: device tensors of this process, and guests that were sent it.
 *
 * The guest hears that it may forget the tensor when the last of them let go, once.
 */
export class DeviceHold {
  readonly owner: DeviceShares;
  readonly init: DeviceTensorInit;
  /** What opens it in another process. Nobody here looks into it. */
  readonly data: Uint8Array;
  #shares = 0;

  constructor(owner: DeviceShares, init: DeviceTensorInit, data: Uint8Array) {
    this.owner = owner;
    this.init = init;
    this.data = data;
  }

  retain(): this {
    this.#shares += 1;
    return this;
  }

  release(): void {
    this.#shares -= 1;
    if (this.#shares === 0) this.owner.forget(this.init.id);
  }

  /** @throws {AmphisError} DEVICE_TENSOR_GONE when the process that had it ended */
  check(): void {
    if (this.owner.isClosed) throw gone(this.init.id, "the process that had it ended");
  }
}

/** What one guest and this process have of each other's device tensors (spec/channel.md, "Device tensors"). */
export class DeviceShares {
  readonly #tell: (ids: readonly number[]) => Promise<void>;
  /** Tensors of the guest, by its numbers. */
  readonly #named = new Map<number, DeviceHold>();
  /** What the guest was sent, by numbers of this side. */
  readonly #shares = new Map<number, DeviceHold>();
  readonly #net = new FinalizationRegistry<DeviceHold>((hold) => {
    this.#lost += 1;
    hold.release();
  });
  #forgotten: number[] = [];
  #isTelling = false;
  #isClosed = false;
  #lastShare = 0;
  #lost = 0;
  #unknownReleases = 0;

  /** @param tell sends the guest the numbers of tensors that it may forget; resolves when it can be told more, and never rejects */
  constructor(tell: (ids: readonly number[]) => Promise<void>) {
    this.#tell = tell;
  }

  /** Whether the guest is gone, and all its tensors with it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Takes a tensor that the guest names. It keeps the tensor until the last share of it is let go.
   *
   * @throws {AmphisError} BODY_INVALID, DTYPE_UNSUPPORTED and TENSOR_INVALID; MEMORY_REFUSED for a guest that names too many
   */
  take(meta: ValueMap, data: Uint8Array): DeviceTensor {
    const init = decodeDeviceTensor(meta);
    const hold = this.#named.get(init.id) ?? this.#name(init, data);
    return this.#shown(hold);
  }

  /**
   * Gives the guest a share in a tensor, of whatever guest.
   *
   * @throws {AmphisError} DEVICE_TENSOR_GONE
   */
  lend(tensor: DeviceTensor): LentDeviceTensor {
    const hold = tensor.hold();
    if (this.#isClosed) throw gone(hold.init.id, "the process that is to get it ended");
    this.#lastShare += 1;
    const share = this.#lastShare;
    this.#shares.set(share, hold.retain());
    const own = hold.owner === this ? hold.init.id : undefined;
    return {
      meta: encodeDeviceTensor(hold.init, { id: share, own }),
      data: hold.data,
      takeBack: () => void this.#release(share),
    };
  }

  /** The guest lets go. What it does not have is counted, and nothing else happens. */
  released(ids: readonly number[]): void {
    for (const id of ids) if (!this.#release(id)) this.#unknownReleases += 1;
  }

  /** Nobody has the guest's tensor any more. */
  forget(id: number): void {
    if (!this.#named.delete(id) || this.#isClosed) return;
    this.#forgotten.push(id);
    if (!this.#isTelling) void this.#tellAll();
  }

  figures(): DeviceFigures {
    return {
      named: this.#named.size,
      shares: this.#shares.size,
      lost: this.#lost,
      unknownReleases: this.#unknownReleases,
    };
  }

  /** The guest is gone: nobody can use its tensors, and it has none of others. Works once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#named.clear();
    this.#forgotten = [];
    const shares = [...this.#shares.values()];
    this.#shares.clear();
    for (const hold of shares) hold.release();
  }

  #name(init: DeviceTensorInit, data: Uint8Array): DeviceHold {
    if (this.#isClosed) throw gone(init.id, "the process that had it ended");
    if (this.#named.size + this.#forgotten.length >= MOST_NAMED) {
      const reason = `the guest names more than ${MOST_NAMED} at the same time`;
      const message = `Cannot take device tensor ${init.id}: ${reason}`;
      throw new AmphisError("MEMORY_REFUSED", message, { reason });
    }
    // A copy, as bytes of a frame keep the whole frame.
    const hold = new DeviceHold(this, init, Uint8Array.from(data));
    this.#named.set(init.id, hold);
    return hold;
  }

  #shown(hold: DeviceHold): DeviceTensor {
    const tensor = new DeviceTensor(hold.init, hold.retain(), (released) => {
      this.#net.unregister(released);
    });
    this.#net.register(tensor, hold, tensor);
    return tensor;
  }

  #release(share: number): boolean {
    const hold = this.#shares.get(share);
    if (hold === undefined) return false;
    this.#shares.delete(share);
    hold.release();
    return true;
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    while (this.#forgotten.length > 0) await this.#tell(this.#forgotten.splice(0, MOST_IN_FRAME));
    this.#isTelling = false;
  }
}

function gone(id: number, why: string): AmphisError<"DEVICE_TENSOR_GONE"> {
  return new AmphisError("DEVICE_TENSOR_GONE", `Cannot use device tensor ${id}: ${why}`, { id });
}
