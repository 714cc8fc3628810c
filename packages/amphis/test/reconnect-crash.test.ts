import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { afterEach, expect, it } from "vitest";

import { reconnecting } from "../src/transport/reconnect.ts";
import { tcp } from "../src/transport/tcp.ts";

/** Sends back every byte; says its port when it listens. */
const ECHO = `
const { createServer } = require("node:net");
const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
server.listen(Number(process.argv[1]), "127.0.0.1", () => console.log(server.address().port));
`;

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
});

async function startEcho(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ["-e", ECHO, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

it("link survives a server killed by SIGKILL again and again", async () => {
  const first = await startEcho(0);
  const { port } = first;
  let { child } = first;
  const address = `tcp://127.0.0.1:${port}`;
  await using link = reconnecting((signal) => tcp().connect(address, { signal }), {
    backoff: { initialMs: 1, maxMs: 20 },
  });
  let heard: (callId: number) => void = () => undefined;
  link.receive((frame) => heard(frame.callId));
  const roundTrip = async (callId: number): Promise<number> => {
    const answer = new Promise<number>((resolve) => {
      heard = resolve;
    });
    await link.send({ kind: "message", body: new Uint8Array(8), callId }, { whileDown: "queue" });
    return answer;
  };
  expect(await roundTrip(1)).toBe(1);
  for (const callId of [2, 3, 4]) {
    const lost = (await link.whenUp()).closed;
    await kill(child);
    await lost;
    const answer = roundTrip(callId);
    ({ child } = await startEcho(port));
    expect(await answer).toBe(callId);
  }
});
