import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";

import type { NativeCore } from "@amphis/native";
import { describeTransport, type FrozenPeer, listenRaw } from "@amphis/conformance/transport";
import { test } from "vitest";

import { nativeCore } from "../../native-core.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { descriptorOf } from "../peer-process.ts";
import { openAsGuest } from "./guest.ts";
import { openAsHost } from "./host.ts";
import { RawSocket } from "./raw-socket.ts";
import { sharedMemory } from "./shared-memory.ts";

const native = await nativeCore();
const PEER = { transport: "shm", address: "" };
const DIST = fileURLToPath(new URL("../../../dist/transport/index.js", import.meta.url));

/** What a channel moves, byte by byte. */
function streamOf(channel: ByteChannel): Duplex {
  let written: () => void = () => undefined;
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => channel.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      if (channel.write([chunk])) done();
      else written = done;
    },
    final: (done) => {
      channel.end();
      done();
    },
    destroy: (error, done) => {
      channel.destroy();
      done(error);
    },
  });
  channel.start({
    onBytes: (chunk) => {
      if (!stream.push(chunk)) channel.pause();
    },
    onWritable: () => written(),
    onEnd: () => void stream.push(null),
    onClose: (cause) => stream.destroy(cause),
  });
  return stream;
}

function rawOf(core: NativeCore, socket: Socket): RawSocket {
  const raw = new RawSocket(core, descriptorOf(socket) ?? -1);
  socket.destroy();
  return raw;
}

async function rawGuest(core: NativeCore, path: string): Promise<Duplex> {
  const socket = connect({ path }).pause();
  await once(socket, "connect");
  const options = { core, spinMs: 0, peer: PEER };
  const channel = await openAsGuest(rawOf(core, socket), options, AbortSignal.timeout(5_000));
  if (channel === undefined) throw new Error("the host offered no rings");
  return streamOf(channel);
}

async function rawHost(core: NativeCore, socket: Socket): Promise<Duplex> {
  const options = {
    core,
    capacity: 0x4_0000,
    spinMs: 0,
    link: undefined,
    spillBytes: 1,
    peer: PEER,
  };
  const channel = await openAsHost(rawOf(core, socket), options, AbortSignal.timeout(5_000));
  if (channel === undefined) throw new Error("the guest took no rings");
  return streamOf(channel);
}

const FROZEN = `
  const { connect } = await import(process.argv[1]);
  await connect(process.argv[2]);
  process.stdout.write("connected");
`;

async function freeze(address: string): Promise<FrozenPeer> {
  const args = ["--input-type=module", "-e", FROZEN, DIST, address];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exited]);
  child.kill("SIGSTOP");
  return {
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

if (native.kind === "unavailable") {
  test("the channel keeps the contract of transports", ({ skip }) => skip(native.reason));
} else {
  const { core } = native;
  describeTransport("shared memory", async () => {
    const folder = mkdtempSync(join(tmpdir(), "amphis-"));
    const transport = sharedMemory();
    return {
      server: transport,
      client: transport,
      address: `shm:${folder}/a.sock`,
      nobody: `shm:${folder}/nobody.sock`,
      raw: (address) => rawGuest(core, address.slice("shm:".length)),
      listenRaw: () => {
        const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
        server.on("connection", (socket) => {
          void rawHost(core, socket).then((stream) => server.emit("bytes", stream));
        });
        const address = `shm:${folder}/raw.sock`;
        return listenRaw(server, { path: `${folder}/raw.sock` }, () => address, "bytes");
      },
      freeze,
      close: async () => rmSync(folder, { recursive: true }),
    };
  });
}
