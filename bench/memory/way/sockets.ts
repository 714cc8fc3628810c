import { Packr } from "msgpackr";

import { Line } from "./python.ts";
import { bytesOf, touch, type Way } from "./way.ts";

const ONE = 1;

function head(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(number));
  return bytes;
}

/** Bytes over a Unix socket, into memory that is there already. */
export async function rawBytes(folder: string): Promise<Way> {
  const line = await Line.open("raw", folder);
  const answer = new Uint8Array(ONE);
  const targets = new Map<number, Float64Array<ArrayBuffer>>();
  return {
    toPython: async (bytes) => {
      line.socket.write(head(bytes));
      await line.ask(bytesOf(bytes), answer);
    },
    fromPython: async (bytes) => {
      const target = targets.get(bytes) ?? new Float64Array(bytes / 8);
      targets.set(bytes, target);
      await line.ask(head(-bytes), new Uint8Array(target.buffer));
      touch(target);
    },
    stop: () => line.close(),
  };
}

/** The array as bytes within MessagePack, as one would write by hand. */
export async function messagePack(folder: string): Promise<Way> {
  const line = await Line.open("messagepack", folder);
  const packr = new Packr({ useRecords: false });
  const call = async (value: unknown): Promise<unknown> => {
    const packed = packr.pack(value);
    line.socket.write(head(packed.length));
    const length = Buffer.alloc(8);
    await line.ask(packed, length);
    const body = Buffer.allocUnsafe(Number(length.readBigInt64LE()));
    await line.fill(body);
    return packr.unpack(body);
  };
  return {
    toPython: async (bytes) => void (await call(bytesOf(bytes))),
    fromPython: async (bytes) => {
      const answer = (await call(bytes)) as Buffer;
      touch(new Float64Array(Uint8Array.from(answer).buffer));
    },
    stop: () => line.close(),
  };
}
