import {
  Attachment,
  decodeMemory,
  encodeFrame,
  encodeItem,
  encodeMemory,
  type Frame,
  FrameDecoder,
  isAmphisError,
  type ValueMap,
} from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { Arena } from "./arena.ts";
import { Carrier } from "./carrier.ts";
import { DeviceTensor } from "./device-tensor.ts";
import { MemoryLink } from "./memory-link.ts";
import { ChunkReader } from "./stream/index.ts";
import { Tensor } from "./tensor.ts";

const HANDLE = Uint8Array.of(1, 2, 3);

function meta(change: ValueMap = {}): ValueMap {
  return {
    device: "cuda:1",
    dtype: "float32",
    shape: [2, 3],
    strides: [-12, 4],
    byteLength: 24,
    id: 7,
    ...change,
  };
}

interface Guest {
  readonly link: MemoryLink;
  readonly carrier: Carrier;
  /** What it was told that it may forget. */
  readonly told: number[][];
  give(change?: ValueMap): DeviceTensor;
  letGo(...ids: number[]): void;
}

/** A guest of which this process has the link, and whose words are written here. */
function guest(holder = 1): Guest {
  const link = new MemoryLink({
    holder,
    arena: new Arena(),
    waitMs: 0,
    policy: undefined,
    regionOf: () => undefined,
    onRefused: () => undefined,
    onClosed: () => undefined,
  });
  const told: number[][] = [];
  link.attach({
    send: () => undefined,
    announce: () => undefined,
    retire: () => undefined,
    tell: (body) => {
      const said = decodeMemory(body);
      if (said.kind === "device-release") told.push([...said.ids]);
      return Promise.resolve();
    },
  });
  const carrier = new Carrier({ link });
  const give = (change?: ValueMap): DeviceTensor => {
    const opened = carrier.open(
      { kind: "inline", data: HANDLE },
      { format: "device", meta: meta(change) },
    );
    if (opened instanceof DeviceTensor) return opened;
    throw new TypeError("Cannot give: it is no device tensor");
  };
  const letGo = (...ids: number[]): void => {
    link.receive(encodeMemory({ kind: "device-release", ids }), 2 ** 20);
  };
  return { link, carrier, told, give, letGo };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isAmphisError(error)) return error.code;
    throw error;
  }
  return "none";
}

describe("a device tensor", () => {
  test("shows what it is and nothing of its elements", () => {
    const tensor = guest().give();
    const { device, dtype, shape, strides, byteLength } = tensor;
    expect([device, dtype, shape, strides, byteLength]).toEqual([
      "cuda:1",
      "float32",
      [2, 3],
      [-12, 4],
      24,
    ]);
    expect(Object.isFrozen(tensor) && Object.isFrozen(shape)).toBe(true);
    expect(() => tensor.view()).toThrow("let Python copy them to the host");
    const bytes = new Tensor(tensor, { dtype: "uint8", shape: [24], strides: [1], byteOffset: 0 });
    expect(codeOf(() => bytes.at(0))).toBe("DEVICE_MISMATCH");
  });

  test("goes back to its guest by the guest's number, and to another without one", () => {
    const [owner, other] = [guest(), guest()];
    const tensor = owner.give({ unshared: "it is empty", own: 5, more: 1 });
    const home = owner.carrier.carry(tensor);
    expect(home.attachment).toEqual({ kind: "inline", data: HANDLE });
    expect(home.meta).toEqual(meta({ id: 1, own: 7, unshared: "it is empty" }));
    expect(home.format).toBe("device");
    const away = other.carrier.carry(tensor);
    expect(away.meta).toEqual(meta({ id: 1, unshared: "it is empty" }));
    expect(away.attachment.data).toEqual(HANDLE);
  });

  test("is forgotten by its guest when the last of all shares is let go, and only then", () => {
    const [owner, other] = [guest(), guest()];
    const tensor = owner.give();
    owner.carrier.carry(tensor);
    other.carrier.carry(tensor);
    const { cancel } = other.carrier.carry(tensor);
    tensor.release();
    other.letGo(1);
    cancel();
    cancel();
    expect(owner.told).toEqual([]);
    owner.letGo(1);
    expect(owner.told).toEqual([[7]]);
    expect(owner.link.figures().devices).toEqual({
      named: 0,
      shares: 0,
      lost: 0,
      unknownReleases: 0,
    });
  });

  test("that was opened twice is forgotten when both are released", () => {
    const owner = guest();
    const [one, two] = [owner.give(), owner.give()];
    one.release();
    one[Symbol.dispose]();
    expect([one.isReleased, two.isReleased, owner.told]).toEqual([true, false, []]);
    two.release();
    expect(owner.told).toEqual([[7]]);
  });

  test("that others release at the same time goes in few frames", async () => {
    const owner = guest();
    const ids = Array.from({ length: 10_000 }, (_, at) => at + 1);
    for (const tensor of ids.map((id) => owner.give({ id }))) tensor.release();
    await new Promise(setImmediate);
    expect(owner.told.flat()).toEqual(ids);
    expect(owner.told.map(({ length }) => length)).toEqual([1, 4_096, 4_096, 1_807]);
  });

  test("is gone when it was released, or its guest ended", () => {
    const [owner, other] = [guest(), guest()];
    const released = owner.give();
    released.release();
    expect(() => owner.carrier.carry(released)).toThrow("Cannot use device tensor 7: it was");
    const orphan = owner.give({ id: 8 });
    const share = other.carrier.carry(orphan);
    owner.link.close();
    expect(codeOf(() => other.carrier.carry(orphan))).toBe("DEVICE_TENSOR_GONE");
    expect(codeOf(() => owner.give({ id: 9 }))).toBe("DEVICE_TENSOR_GONE");
    share.cancel();
    orphan.release();
    expect(owner.told).toEqual([[7]]);
  });

  test("that a guest had is let go when the guest ends", () => {
    const [owner, other] = [guest(), guest()];
    const tensor = owner.give();
    other.carrier.carry(tensor);
    tensor.release();
    other.link.close();
    expect(owner.told).toEqual([[7]]);
    expect(codeOf(() => other.carrier.carry(owner.give({ id: 8 })))).toBe("DEVICE_TENSOR_GONE");
  });

  test("in a stream that is over, or as a chunk out of order, is let go", async () => {
    const owner = guest();
    const chunk = (sequence: number, id: number): Frame => {
      const value = new Attachment(0, "device", meta({ id }));
      const body = encodeItem({ sequence, value });
      const attachments = [{ kind: "inline" as const, data: HANDLE }];
      const [frame] = new FrameDecoder().feed(
        encodeFrame({ kind: "item", callId: 3, body, attachments }),
      );
      if (frame === undefined) throw new Error("it is no whole frame");
      return frame;
    };
    const send = (): Promise<void> => Promise.resolve();
    const reader = new ChunkReader({ callId: 3, carrier: owner.carrier, send, window: 4 });
    const first = reader.next();
    reader.take(chunk(0, 1));
    expect((await first).value).toBeInstanceOf(DeviceTensor);
    reader.take(chunk(1, 2));
    reader.take(chunk(5, 3));
    reader.take(chunk(2, 4));
    await expect(reader.next()).rejects.toMatchObject({ code: "SEQUENCE_BROKEN" });
    await new Promise(setImmediate);
    expect(owner.told.flat().toSorted()).toEqual([1, 2, 3, 4]);
  });

  test("is refused where nothing could let it go", () => {
    const tensor = guest().give();
    expect(codeOf(() => new Carrier().carry(tensor))).toBe("DEVICE_UNAVAILABLE");
    const attachment = { kind: "inline", data: HANDLE } as const;
    const value = { format: "device", meta: meta() };
    expect(codeOf(() => new Carrier().open(attachment, value))).toBe("DEVICE_UNAVAILABLE");
  });
});

describe("a guest", () => {
  test("that lets go of what it does not have is counted, and nothing else happens", () => {
    const [owner, other] = [guest(), guest()];
    const tensor = owner.give();
    other.carrier.carry(tensor);
    other.letGo(1, 1, 7, 99);
    owner.letGo(1, 7);
    expect(other.link.figures().devices).toMatchObject({ shares: 0, unknownReleases: 3 });
    expect(owner.link.figures().devices).toMatchObject({ named: 1, unknownReleases: 2 });
    expect(owner.told).toEqual([]);
  });

  test("that names more tensors than there may be is refused, and goes on when some are released", () => {
    const { give } = guest();
    const tensors = Array.from({ length: 65_536 }, (_, at) => give({ id: at + 1 }));
    expect(codeOf(() => give({ id: 65_537 }))).toBe("MEMORY_REFUSED");
    tensors[0]?.release();
    expect(give({ id: 65_537 }).device).toBe("cuda:1");
  });

  test.each<[ValueMap, string]>([
    [{ device: "cuda" }, "BODY_INVALID"],
    [{ device: `cuda:${"0".repeat(11)}` }, "BODY_INVALID"],
    [{ device: null }, "BODY_INVALID"],
    [{ id: 0 }, "BODY_INVALID"],
    [{ id: 1.5 }, "BODY_INVALID"],
    [{ byteLength: 23 }, "BODY_INVALID"],
    [{ unshared: 1 }, "BODY_INVALID"],
    [{ dtype: ">f4" }, "DTYPE_UNSUPPORTED"],
    [{ dtype: "object" }, "DTYPE_UNSUPPORTED"],
    [{ shape: [2] }, "TENSOR_INVALID"],
    [{ shape: [2 ** 40, 2 ** 40] }, "TENSOR_INVALID"],
    [{ shape: [2 ** 52], strides: [0], byteLength: 2 ** 53 - 1 }, "TENSOR_INVALID"],
    [{ strides: [2 ** 52, 2 ** 52] }, "TENSOR_INVALID"],
  ])("that says %j is refused with %s, and names nothing", (change, code) => {
    const { give, link } = guest();
    expect(codeOf(() => give(change))).toBe(code);
    expect(link.figures().devices.named).toBe(0);
  });
});
