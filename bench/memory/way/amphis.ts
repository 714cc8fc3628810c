import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import {
  Attachment,
  decodeErrorBody,
  decodeResult,
  encodeCall,
  type Frame,
  type FrameAttachment,
  type Value,
} from "@amphis/protocol";
import { Carrier, empty, Placement, SharedMemory, Tensor } from "amphis/memory";
import { type Connection, type Listener, sharedMemory } from "amphis/transport";

import { startPython, stopPython } from "./python.ts";
import { sourceOf, touch, type Way } from "./way.ts";

const GIB = 2 ** 30;

/** A Python process with a channel and shared memory, which answers one call at a time. */
export class Amphis {
  readonly memory: SharedMemory;
  readonly #connection: Connection;
  readonly #listener: Listener;
  readonly #child: ChildProcess;
  readonly #carrier: Carrier;
  #answer: (frame: Frame) => void = () => undefined;

  private constructor(
    memory: SharedMemory,
    connection: Connection,
    listener: Listener,
    child: ChildProcess,
  ) {
    this.memory = memory;
    this.#connection = connection;
    this.#listener = listener;
    this.#child = child;
    const placement = new Placement({ path: "shared" });
    this.#carrier = new Carrier({ link: connection.memory, placement });
    connection.receive((frame) => this.#answer(frame));
  }

  static async open(folder: string): Promise<Amphis> {
    const memory = await SharedMemory.open({
      regionBytes: GIB + 2 ** 21,
      maxBytes: 8 * GIB,
      keepBytes: 4 * GIB,
    });
    const address = `shm:${join(folder, "amphis.sock")}`;
    let accept: (connection: Connection) => void = () => undefined;
    const accepted = new Promise<Connection>((resolve) => {
      accept = resolve;
    });
    const listener = await sharedMemory({ memory }).listen(address, (each) => accept(each));
    const child = startPython("channel", address);
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`Cannot start: Python ended with ${String(code)}`);
    });
    const connection = await Promise.race([accepted, ended]);
    ended.catch(() => undefined);
    return new Amphis(memory, connection, listener, child);
  }

  async call(name: string, argument: Tensor | number): Promise<Tensor | Value> {
    const attachments: FrameAttachment[] = [];
    let value: Value = 0;
    if (argument instanceof Tensor) {
      const { attachment, format, meta } = this.#carrier.carry(argument);
      attachments.push(attachment);
      value = new Attachment(0, format, meta);
    } else {
      value = argument;
    }
    const answered = new Promise<Frame>((resolve) => {
      this.#answer = resolve;
    });
    const body = encodeCall({ function: name, args: [value], kwargs: {}, options: {} });
    await this.#connection.send({ kind: "call", callId: 1, body, attachments });
    const frame = await answered;
    if (frame.kind === "error") throw decodeErrorBody(frame.body);
    const { value: result } = decodeResult(frame.body);
    const [attachment] = frame.attachments;
    if (!(result instanceof Attachment) || attachment === undefined) return result;
    return this.#carrier.open(attachment, result) as Tensor;
  }

  async stop(): Promise<void> {
    await this.#connection.drain();
    await this.#listener.close();
    await stopPython(this.#child);
    this.memory.close();
  }
}

async function take(amphis: Amphis, name: string, bytes: number, isSeen: boolean): Promise<void> {
  const array = await amphis.call(name, bytes);
  if (!(array instanceof Tensor) || array.size !== bytes / 8) throw new Error("Cannot go on");
  if (isSeen) touch(array.view() as Float64Array);
  array.release();
}

/** Arrays that lie in shared memory, made on either side. Those that come back are not looked at: they may be on their way elsewhere. */
export function inPlace(folder: string): Promise<Way> {
  return shared(folder, false);
}

/** The same, where Node sees all of what comes back; a new view of so many bytes has V8 collect garbage. */
export function inPlaceSeen(folder: string): Promise<Way> {
  return shared(folder, true);
}

async function shared(folder: string, isSeen: boolean): Promise<Way> {
  const amphis = await Amphis.open(folder);
  const known = new Map<number, Tensor>();
  return {
    toPython: async (bytes) => {
      const array = known.get(bytes) ?? empty([bytes / 8], { arena: amphis.memory.arena });
      if (!known.has(bytes)) (array.view() as Float64Array).fill(1);
      known.set(bytes, array);
      await amphis.call("touch", array);
    },
    fromPython: (bytes) => take(amphis, "shared", bytes, isSeen),
    stop: () => amphis.stop(),
  };
}

/** Arrays of the program, which were made without a thought of sharing them. */
export async function ordinary(folder: string): Promise<Way> {
  const amphis = await Amphis.open(folder);
  return {
    toPython: async (bytes) => {
      await amphis.call("touch", asTensor(sourceOf(bytes)));
    },
    fromPython: (bytes) => take(amphis, "ordinary", bytes, true),
    stop: () => amphis.stop(),
  };
}

/** A tensor over the array itself. */
function asTensor(array: Float64Array<ArrayBuffer>): Tensor {
  const memory = { bytes: new Uint8Array(array.buffer) };
  const layout = { shape: [array.length], strides: [8], byteOffset: 0 };
  return new Tensor(memory, { dtype: "float64", ...layout });
}
