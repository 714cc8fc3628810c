import { AmphisError } from "@amphis/protocol";

import type { DeviceHold } from "./device-shares.ts";
import type { DeviceTensorInit } from "./device-tensor-meta.ts";
import type { Dtype } from "./dtype.ts";

/**
 * Names a tensor in the memory of a device, which a Python process has.
 *
 * Its elements never come here: it is sent on to any guest of this machine as it is, and opens there as the tensor itself. Its process
 * keeps it until it is released here and by every guest that got it; collecting a forgotten one is the net.
 */
export class DeviceTensor implements Disposable {
  /** Where it is, as its process says it: `cuda:0`. */
  readonly device: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from one index to the next, by dimension. */
  readonly strides: readonly number[];
  /** Bytes of its elements. */
  readonly byteLength: number;
  readonly #id: number;
  readonly #onReleased: (tensor: DeviceTensor) => void;
  #hold: DeviceHold | undefined;

  /** Made where an attachment is opened; owns one share of the hold. */
  constructor(
    { id, device, dtype, shape, strides, byteLength }: DeviceTensorInit,
    hold: DeviceHold,
    onReleased: (tensor: DeviceTensor) => void,
  ) {
    this.device = device;
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
    this.strides = Object.freeze([...strides]);
    this.byteLength = byteLength;
    this.#id = id;
    this.#hold = hold;
    this.#onReleased = onReleased;
    Object.freeze(this);
  }

  get isReleased(): boolean {
    return this.#hold === undefined;
  }

  /** For whoever takes it for memory. @throws {AmphisError} DEVICE_MISMATCH, always */
  get bytes(): never {
    return this.view();
  }

  /** For whoever takes it for a tensor of this process. @throws {AmphisError} DEVICE_MISMATCH, always */
  view(): never {
    throw new AmphisError(
      "DEVICE_MISMATCH",
      `Cannot show elements: they are on ${this.device}; let Python copy them to the host (tensor.cpu().numpy() of torch, ` +
        "cupy.asnumpy(tensor)) and return that",
      { expected: "cpu", actual: this.device },
    );
  }

  /** For sending. @throws {AmphisError} DEVICE_TENSOR_GONE when it was released, or its process ended */
  hold(): DeviceHold {
    if (this.#hold === undefined) {
      const id = this.#id;
      const message = `Cannot use device tensor ${id}: it was released`;
      throw new AmphisError("DEVICE_TENSOR_GONE", message, { id });
    }
    this.#hold.check();
    return this.#hold;
  }

  /** Lets go of it. Twice is as good as once. */
  release(): void {
    const hold = this.#hold;
    if (hold === undefined) return;
    this.#hold = undefined;
    this.#onReleased(this);
    hold.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
