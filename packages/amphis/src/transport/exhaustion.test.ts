import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, afterEach, describe, expect, test } from "vitest";

import { bundleText } from "../../test/programs.ts";
import { connect, listen } from "./dispatch.ts";
import type { Connection } from "./transport.ts";

/** Echoes, and says how many connections it has when it is asked; or connects until it cannot, lets go, and connects again. */
const PROGRAM = `
import { connect, listen } from "./dispatch.ts";
const [act, address] = process.argv.slice(2);
if (act === "listen") {
  const listener = await listen(address, (connection) => connection.receive((frame) => connection.send(frame)));
  process.on("message", () => process.send(listener.connections.size));
  process.on("disconnect", () => process.exit());
  process.send(listener.address);
} else {
  const connections = [];
  let failure;
  while (failure === undefined) {
    await connect(address).then((one) => connections.push(one), (error) => (failure = error));
  }
  await Promise.all(connections.map((one) => one.close()));
  const again = await connect(address);
  process.send({ count: connections.length, code: failure.code, context: failure.context, again: again.state.kind });
  await again.close();
  process.disconnect();
}
`;

/** Says why it could not listen. */
const LISTEN = `
import { listen } from "./dispatch.ts";
const failure = await listen(process.argv[2], () => undefined).then((one) => one.close(), (error) => error);
console.log(JSON.stringify({ code: failure?.code, context: failure?.context }));
`;

const DESCRIPTORS = 64;

const folder = mkdtempSync(join(tmpdir(), "amphis-"));
afterAll(() => rmSync(folder, { recursive: true }));

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

/** A process that may open few files. */
function starved(program: string, ...args: string[]): ChildProcess {
  const limited = `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", limited, process.execPath, program, ...args], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  running.push(child);
  return child;
}

async function tell<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}

async function echo(connection: Connection): Promise<number> {
  const answer = new Promise<number>((resolve) => {
    connection.receive((frame) => resolve(frame.callId));
  });
  await connection.send({ kind: "event", callId: 7, body: new Uint8Array(0) });
  return answer;
}

const addresses = [
  ["a Unix socket", `unix:${folder}/a.sock`],
  ["TCP", "tcp://127.0.0.1:0"],
] as const;

describe.runIf(process.platform !== "win32")("without descriptors", async () => {
  const program = await bundleText(PROGRAM, "few-descriptors", folder);

  test.each(addresses)("a listener of %s loses peers, and takes others later", async (_, where) => {
    const child = starved(program, "listen", where);
    const address = await tell<string>(child);
    const tried = await Promise.allSettled(
      Array.from({ length: 2 * DESCRIPTORS }, () => connect(address)),
    );
    const opened = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    await Promise.race(opened.map(({ closed }) => closed));
    const kept = opened.filter(({ state }) => state.kind === "open");
    expect(kept.length).toBeGreaterThan(0);
    await Promise.all(opened.map((connection) => connection.close()));
    for (let left = Infinity; left > 0; left = await tell<number>(child)) child.send("how many");
    const later = await connect(address);
    expect(await echo(later)).toBe(7);
    await later.close();
  });

  test.each(addresses)("connecting over %s fails, and works later", async (_, where) => {
    await using listener = await listen(where, () => undefined);
    const told = await tell<object>(starved(program, "connect", listener.address));
    expect(told).toMatchObject({
      code: "CONNECT_FAILED",
      context: { address: listener.address, reason: expect.stringContaining("EMFILE") as string },
      again: "open",
    });
  });
});

/** Runs what follows where it may mount, and nobody else sees it. */
const APART = { program: "unshare", flags: ["-rm"] };
const trial = [...APART.flags, "mount", "-t", "tmpfs", "tmpfs", folder];
const mounts = spawnSync(APART.program, trial).status === 0;
if (!mounts) test("a full disk", ({ skip }) => skip("this process may not mount a small one"));

describe.runIf(mounts)("a socket in a folder", async () => {
  const program = await bundleText(LISTEN, "listen-once", folder);

  test.each([
    ["that is full", "nr_inodes=1", "ENOSPC"],
    ["that is read-only", "ro", "EROFS"],
  ])("%s is LISTEN_FAILED, which says why", async (_, option, reason) => {
    const small = join(folder, option);
    mkdirSync(small);
    const script = `mount -t tmpfs -o ${option} tmpfs ${small} && exec "$0" "$@"`;
    const address = `unix:${small}/a.sock`;
    const run = [...APART.flags, "sh", "-c", script, process.execPath, program, address];
    const { stdout } = await promisify(execFile)(APART.program, run);
    expect(JSON.parse(stdout)).toMatchObject({
      code: "LISTEN_FAILED",
      context: { address, reason: expect.stringContaining(reason) as string },
    });
  });
});
