import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";

import {
  encodeCall,
  encodeFrame,
  encodeHello,
  encodeResult,
  type Frame,
  FrameDecoder,
} from "@amphis/protocol";

import { HELLO } from "../wire.ts";

/*
 * One side of a connection that comes as far as a step of joining and then does nothing more: `stuck.mjs member|hub path step`.
 * It says `there` over IPC when it is.
 */

const [, , side, path = "", step] = process.argv;

const hello = encodeFrame({ kind: "hello", body: encodeHello(HELLO) });
const join = encodeFrame({
  kind: "call",
  callId: 1,
  body: encodeCall({ function: "bus:join", args: [], kwargs: { name: "stuck" }, options: {} }),
});
const joined = encodeFrame({
  kind: "result",
  callId: 1,
  body: encodeResult({ value: { peer: "stuck/1", hub: "stuck" } }),
});

function there(): void {
  process.send?.({ said: "there" });
}

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length / 2);
}

function frames(socket: Socket, take: (frame: Frame) => void): void {
  const decoder = new FrameDecoder();
  socket.on("data", (chunk) => {
    for (const frame of decoder.feed(chunk)) take(frame);
  });
}

function member(socket: Socket): void {
  if (step === "connected") there();
  else if (step === "half a hello") socket.write(half(hello), there);
  else socket.write(hello);
  frames(socket, ({ kind }) => {
    if (kind === "hello" && step === "hello") there();
    else if (kind === "hello" && step === "half a join") socket.write(half(join), there);
    else if (kind === "hello" && step === "joined") socket.write(join);
    else if (kind === "result") there();
  });
}

/** A hub; its steps are those of the member that it leaves waiting. */
function hub(socket: Socket): void {
  if (step === "connected") there();
  else if (step === "half a hello") socket.write(half(hello), there);
  else socket.write(hello);
  frames(socket, ({ kind, callId }) => {
    if (kind !== "call") return;
    if (callId > 1) there();
    else if (step === "hello") there();
    else if (step === "half a join") socket.write(half(joined), there);
    else if (step === "joined") socket.write(joined);
  });
}

if (side === "member") {
  const socket = connect(path);
  socket.on("connect", () => member(socket));
} else {
  rmSync(path, { force: true });
  createServer(hub).listen(path, () => process.send?.({ said: "listening" }));
}
process.on("disconnect", () => process.exit());
