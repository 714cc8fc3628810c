import { once } from "node:events";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { NativeCore, RingConsumer } from "@amphis/native";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { rejection, until } from "../../../test/wait.ts";
import { nativeCore } from "../../native-core.ts";
import { descriptorOf } from "../peer-process.ts";
import type { Connection, Listener } from "../transport.ts";
import {
  decodeAnswer,
  decodeOffer,
  encodeAnswer,
  encodeOffer,
  isCapacity,
  ringLayout,
} from "./opening.ts";
import { type Incoming, RawSocket } from "./raw-socket.ts";
import { sharedMemory } from "./shared-memory.ts";

const CAPACITY = 0x1000;
const RINGS = {
  mode: "rings",
  capacity: CAPACITY,
  holder: 7,
  regionBytes: ringLayout(CAPACITY).regionBytes,
  key: new Uint8Array(32).fill(9),
} as const;

describe("the bytes of the opening", () => {
  test("come back as they went", () => {
    for (const takes of ["nothing", "rings", "references"] as const) {
      expect(decodeOffer(encodeOffer(takes))).toBe(takes);
    }
    expect(decodeAnswer(encodeAnswer(RINGS))).toEqual(RINGS);
    expect(decodeAnswer(encodeAnswer({ mode: "socket" }))).toEqual({ mode: "socket" });
    expect([127, 128, 129, 2 ** 30, 2 ** 31, 0, -128, 0.5].map(isCapacity)).toEqual([
      false,
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test.each([
    ["an offer of another protocol", () => decodeOffer(new Uint8Array(8).fill(65)), "magic"],
    [
      "an offer of another version",
      () => decodeOffer(changed(encodeOffer("rings"), 4, 2)),
      "version",
    ],
    [
      "an offer of more than is known",
      () => decodeOffer(changed(encodeOffer("rings"), 5, 3)),
      "takes",
    ],
    [
      "an offer with more in it",
      () => decodeOffer(changed(encodeOffer("rings"), 6, 1)),
      "reserved",
    ],
    ["half an offer", () => decodeOffer(new Uint8Array(4)), "length"],
    ["an answer of another mode", () => decodeAnswer(changed(encodeAnswer(RINGS), 5, 2)), "mode"],
    [
      "a capacity that is no power of two",
      () => decodeAnswer(changed(encodeAnswer(RINGS), 8, 1)),
      "capacity",
    ],
    [
      "a region that is too small for its rings",
      () => decodeAnswer(encodeAnswer({ ...RINGS, regionBytes: RINGS.regionBytes - 1 })),
      "regionBytes",
    ],
    [
      "a region larger than numbers",
      () => decodeAnswer(changed(encodeAnswer(RINGS), 23, 0xff)),
      "regionBytes",
    ],
    ["a key without a holder", () => decodeAnswer(encodeAnswer({ ...RINGS, holder: 0 })), "holder"],
    [
      "a holder without a key",
      () => decodeAnswer(encodeAnswer({ ...RINGS, key: new Uint8Array(32) })),
      "holder",
    ],
    [
      "rings in an answer that offers none",
      () => decodeAnswer(changed(encodeAnswer(RINGS), 5, 0)),
      "mode",
    ],
  ])("%s is refused by name", (_, decode, field) => {
    expect(decode).toThrow(
      expect.objectContaining({
        code: "FRAME_INVALID",
        context: expect.objectContaining({ field }) as unknown,
      }) as Error,
    );
  });
});

test("wrong options are refused at once", () => {
  for (const ringBytes of [0, 100, 64, 2 ** 31, Number.NaN]) {
    expect(() => sharedMemory({ ringBytes })).toThrow(RangeError);
  }
  for (const spinMs of [-1, Number.NaN, 1e6]) {
    expect(() => sharedMemory({ spinMs })).toThrow(RangeError);
  }
});

const opened: Disposable[] = [];
function closeOpened(): void {
  for (const thing of opened.splice(0)) thing[Symbol.dispose]();
}
afterEach(closeOpened);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amphis-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const native = await nativeCore();
const descriptors = (): number => readdirSync("/proc/self/fd").length;

function changed(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = byte;
  return copy;
}

/** A listener whose guests the test counts. */
async function host(): Promise<readonly [Listener, Connection[]]> {
  const accepted: Connection[] = [];
  const transport = sharedMemory({ ringBytes: CAPACITY });
  const listener = await transport.listen(`shm:${folder}/a.sock`, (each) => accepted.push(each));
  return [listener, accepted];
}

function describeRings(name: string, tests: (core: NativeCore) => void): void {
  if (native.kind === "available") {
    const { core } = native;
    describe(`${name}`, () => {
      tests(core);
    });
  } else test(`${name}`, ({ skip }) => skip(native.reason));
}

test("only who asks for signs of life waits for them", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const [listener, accepted] = await host();
    const plain = await sharedMemory().connect(listener.address);
    await until(() => accepted.length === 1);
    expect(vi.getTimerCount()).toBe(0);
    const careful = await sharedMemory().connect(listener.address, { heartbeatMs: 1_000 });
    expect(vi.getTimerCount()).toBe(1);
    await Promise.all([plain.close(), careful.close(), listener.close()]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

describeRings("a host", (core) => {
  const path = (): string => join(folder, "a.sock");

  test.each([
    ["nothing", (socket: Socket) => socket.end()],
    ["half an offer", (socket: Socket) => socket.end(encodeOffer("rings").subarray(0, 5))],
    ["an offer of another protocol", (socket: Socket) => socket.write("GET / HTTP/1.1\r\n\r\n")],
    [
      "an offer and a wrong word after it",
      (socket: Socket) => socket.write(Buffer.concat([encodeOffer("rings"), Uint8Array.of(9)])),
    ],
    ["an offer and no more", (socket: Socket) => socket.end(encodeOffer("rings"))],
  ])("lets go of a guest that says %s, and takes the next", async (_, say) => {
    const [listener, accepted] = await host();
    const before = descriptors();
    const socket = connect(path()).on("error", () => undefined);
    await once(socket, "connect");
    say(socket);
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    const connection = await sharedMemory().connect(listener.address);
    await until(() => accepted.length === 1);
    await connection.close();
    await listener.close();
    await until(() => descriptors() <= before);
  });

  test("that closes lets go of guests that have not agreed yet", async () => {
    const [listener] = await host();
    const socket = connect(path());
    const closed = once(socket, "close");
    await once(socket, "connect");
    socket.resume();
    await listener.close();
    await closed;
    expect(listener.connections.size).toBe(0);
  });

  test("is left over its socket by a guest that takes no rings", async () => {
    const [listener, accepted] = await host();
    const socket = connect(path());
    await once(socket, "connect");
    const raw = new RawSocket(core, descriptorOf(socket) ?? -1);
    raw.write(encodeOffer("nothing"));
    const answer = await raw.read(56, 3, AbortSignal.timeout(5_000));
    expect(decodeAnswer(answer.bytes)).toEqual({ mode: "socket" });
    expect(answer.descriptors).toEqual([]);
    await until(() => accepted.length === 1);
    raw.close();
    socket.destroy();
    await listener.close();
  });
});

describeRings("a host whose guest", (core) => {
  const MESSAGE = { kind: "event", body: new Uint8Array(100) } as const;

  /** A guest that does as it likes with what it gets. */
  async function guest(): Promise<readonly [RawSocket, Incoming]> {
    const socket = connect(join(folder, "a.sock"));
    await once(socket, "connect");
    const raw = new RawSocket(core, descriptorOf(socket) ?? -1);
    socket.destroy();
    raw.write(encodeOffer("rings"));
    return [raw, await raw.read(56, 3, AbortSignal.timeout(5_000))];
  }

  /** The ring from the host, whose records come with its doorbell. */
  function consume({ bytes, descriptors }: Incoming): RingConsumer {
    const answer = decodeAnswer(bytes);
    if (answer.mode === "socket") throw new Error("the host offered no rings");
    const region = core.adoptRegion(core.duplicate(descriptors[0] ?? -1), answer.regionBytes);
    const { ringBytes } = ringLayout(answer.capacity);
    const ring = region.consume({ offset: 0, byteLength: ringBytes });
    opened.push(ring, region);
    return ring;
  }

  test.each([
    [
      "fills the doorbell that is rung for it",
      ({ descriptors }: Incoming) => {
        const flags = constants.O_WRONLY | constants.O_NONBLOCK;
        const full = openSync(`/proc/self/fd/${descriptors[2]}`, flags);
        expect(() => {
          for (;;) writeSync(full, new Uint8Array(4096));
        }).toThrow("EAGAIN");
        closeSync(full);
      },
    ],
    [
      "closes its doorbells",
      ({ descriptors }: Incoming) => {
        for (const descriptor of descriptors.splice(1)) core.closeDescriptor(descriptor);
      },
    ],
  ])("%s goes on, and lets go of it", async (_, harm) => {
    const before = descriptors();
    const [listener, accepted] = await host();
    const [raw, answer] = await guest();
    const ring = consume(answer);
    harm(answer);
    raw.write(Uint8Array.of(1));
    await until(() => accepted.length === 1);
    const target = new Uint8Array(CAPACITY);
    for (let round = 0; round < 100; round += 1) {
      ring.arm();
      await accepted[0]?.send(MESSAGE);
      await until(() => ring.nextLength() !== undefined);
      expect(ring.take(target)).toBe(24 + MESSAGE.body.length);
    }
    answer[Symbol.dispose]();
    raw.close();
    expect(await accepted[0]?.closed).toEqual({ kind: "peer" });
    await listener.close();
    closeOpened();
    await until(() => descriptors() <= before);
  });
});

describeRings("a guest", (core) => {
  /** What a hostile host answers. */
  type Answering = (socket: RawSocket) => void;

  async function hostile(answering: Answering): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      const raw = new RawSocket(core, descriptorOf(socket) ?? -1);
      socket.destroy();
      void raw.read(8, 0, AbortSignal.timeout(5_000)).then(() => {
        answering(raw);
        raw.close();
      });
    });
    server.listen(join(folder, "h.sock"));
    await once(server, "listening");
    return server;
  }

  function region(bytes: number): number {
    const made = core.createRegion(bytes);
    opened.push(made);
    return made.descriptor;
  }

  /** An answer that is right but for what rings and hears. */
  function answerWith(socket: RawSocket, rings: number, hears: number): void {
    socket.write(encodeAnswer(RINGS), [region(RINGS.regionBytes), rings, hears]);
    for (const sent of [rings, hears]) core.closeDescriptor(sent);
  }

  test.each<[string, Answering, string]>([
    ["ends", () => undefined, "closed the connection"],
    ["is of another protocol", (socket) => socket.write(new Uint8Array(56).fill(1)), "magic"],
    ["sends no descriptors", (socket) => socket.write(encodeAnswer(RINGS)), "descriptors"],
    [
      "sends one descriptor",
      (socket) => socket.write(encodeAnswer(RINGS), [region(RINGS.regionBytes)]),
      "descriptors",
    ],
    [
      "sends descriptors with an answer that offers no rings",
      (socket) => socket.write(encodeAnswer({ mode: "socket" }), [region(64)]),
      "descriptors",
    ],
    [
      "sends more descriptors than there are",
      (socket) => socket.write(encodeAnswer(RINGS), [0, 1, 2, 0, 1, 2]),
      "EMSGSIZE",
    ],
    [
      "sends the wrong ends of its doorbells",
      (socket) => {
        const { hears, rings } = core.createDoorbellPair();
        answerWith(socket, hears, rings);
      },
      "doorbell",
    ],
    [
      "sends a doorbell that is open both ways",
      (socket) => {
        const { hears, rings } = core.createDoorbellPair();
        answerWith(socket, rings, openSync(`/proc/self/fd/${hears}`, constants.O_RDWR));
        core.closeDescriptor(hears);
      },
      "doorbell",
    ],
    [
      "sends files for doorbells",
      (socket) => {
        const path = join(folder, "file");
        answerWith(socket, openSync(path, "a"), openSync(path, "r"));
        expect(readFileSync(path)).toHaveLength(0);
      },
      "doorbell",
    ],
    [
      "sends terminals for doorbells",
      (socket) => {
        const open = (): number => openSync("/dev/ptmx", constants.O_RDWR);
        answerWith(socket, open(), open());
      },
      "doorbell",
    ],
    [
      "sends sockets for doorbells",
      (socket) => answerWith(socket, ...core.socketPair()),
      "doorbell",
    ],
  ])("refuses a host that %s", async (_, answering, reason) => {
    const server = await hostile(answering);
    const before = descriptors();
    const error = await rejection(sharedMemory().connect(`shm:${folder}/h.sock`));
    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    expect((error as Error).message).toContain(reason);
    server.close();
    await once(server, "close");
    closeOpened();
    await until(() => descriptors() <= before);
  });
});
