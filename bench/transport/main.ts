import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { encodeFrame } from "@amphis/protocol";

import { printResult, printTable } from "../runner/index.ts";

const CONNECTIONS = 10_000;
const FEW = 10;
const ROUND_TRIPS = 4_000;
const MIB = 2 ** 20;
const FRAME = encodeFrame({ kind: "message", callId: 1, body: new Uint8Array(40) });

interface Figures {
  readonly rss: number;
  readonly connections: number;
}

async function startServer(script: string, address: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [address], {
    execArgv: ["--expose-gc"],
  });
  await once(child, "message");
  return child;
}

async function figuresOf(server: ChildProcess): Promise<Figures> {
  server.send("figures");
  const [figures] = (await once(server, "message")) as [Figures];
  return figures;
}

/** A full backlog turns connects away for a moment (EAGAIN); they are tried again, as `connect` of the transport does. */
async function openOne(path: string): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** All at once. */
async function open(path: string, count: number): Promise<Socket[]> {
  return Promise.all(Array.from({ length: count }, async () => openOne(path)));
}

/** One frame there and back. The client is bare, so that only the server is measured. */
async function roundTrip(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let missing = FRAME.length;
    const take = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off("data", take);
      resolve();
    };
    socket.on("data", take);
    socket.write(FRAME);
  });
}

async function medianUs(sockets: readonly Socket[]): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i += 1) {
    const socket = sockets[(i * 37) % sockets.length] as Socket;
    const start = process.hrtime.bigint();
    await roundTrip(socket);
    samples.push(Number(process.hrtime.bigint() - start) / 1e3);
  }
  return samples.sort((a, b) => a - b)[ROUND_TRIPS >> 1] ?? Number.NaN;
}

interface Measured {
  readonly few: number;
  readonly many: number;
  readonly rss: number;
  readonly before: number;
}

async function measureServer(script: string): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "amphis-bench-"));
  const path = join(folder, "echo.sock");
  const server = await startServer(script, `unix:${path}`);
  try {
    const first = await open(path, FEW);
    await medianUs(first);
    const few = await medianUs(first);
    const { rss: before } = await figuresOf(server);
    const rest = await open(path, CONNECTIONS - FEW);
    const sockets = [...first, ...rest];
    // Once over all of them: every connection has carried a frame before anything is measured.
    for (const socket of sockets) await roundTrip(socket);
    const many = await medianUs(sockets);
    const { rss, connections } = await figuresOf(server);
    if (connections !== CONNECTIONS) {
      throw new Error(`Cannot go on: ${connections} connections are open, not ${CONNECTIONS}`);
    }
    for (const socket of sockets) socket.destroy();
    return { few, many, rss, before };
  } finally {
    server.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

const ours = await measureServer("server.js");
const bare = await measureServer("bare-server.js");
const row = (name: string, { few, many, rss, before }: Measured): string[] => [
  name,
  (before / MIB).toFixed(0),
  (rss / MIB).toFixed(0),
  ((rss - before) / 1_024 / CONNECTIONS).toFixed(1),
  few.toFixed(1),
  many.toFixed(1),
];
printTable(
  [
    "server",
    `MiB at ${FEW}`,
    `MiB at ${CONNECTIONS}`,
    "KiB each",
    `us at ${FEW}`,
    `us at ${CONNECTIONS}`,
  ],
  [row("amphis/transport", ours), row("bare net echo", bare)],
);
printResult({
  question: "transport",
  ratios: {
    idle_10k_mib: ours.rss / MIB,
    idle_10k_latency: ours.many / ours.few,
    echo_vs_bare: ours.few / bare.few,
  },
  targets: { idle_10k_mib: { max: 120 }, idle_10k_latency: { max: 2 } },
});
