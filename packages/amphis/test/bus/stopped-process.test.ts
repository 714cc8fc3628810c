import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bundleProgram } from "../programs.ts";
import { rejection, until } from "../wait.ts";
import { startProgram } from "./processes.ts";
import { opened, unixAddress } from "./three-ways.ts";

const FILLING = new Uint8Array(10_000);
/** No heartbeat: a process that is stopped would be given up. */
const PATIENT = { connection: { heartbeatMs: 0 } } as const;

let folder = "";
let hubProgram = "";
let memberProgram = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "amphis-programs-"));
  hubProgram = await bundleProgram("bus-hub", folder);
  memberProgram = await bundleProgram("bus-member", folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a member whose hub does not read", () => {
  test("publishes until the queue is full and waits then, and loses nothing", async () => {
    const address = unixAddress();
    const hub = await startProgram(hubProgram, address);
    const member = await opened({ ...PATIENT, join: address, queueBytes: 1_000_000 });
    hub.kill("SIGSTOP");
    let accepted = 0;
    let asked = 0;
    const publishing = (async () => {
      while (asked < 1_000) {
        asked += 1;
        await member.publish("log", FILLING);
        accepted += 1;
      }
    })();
    let before = -1;
    // It has come to rest when a while has brought no progress.
    await until(() => {
      const rests = accepted === before && accepted < asked;
      before = accepted;
      return rests;
    });
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(accepted).toBeLessThan(400);
    const error = await rejection(member.request("heard", FILLING));
    expect(error).toMatchObject({ code: "SEND_QUEUE_FULL", context: { limit: 1_000_000 } });
    hub.kill("SIGCONT");
    await publishing;
    expect(await member.request("heard")).toBe(1_000);
  });

  test("still has its deadlines, and its requests leave nothing behind", async () => {
    const address = unixAddress();
    const hub = await startProgram(hubProgram, address);
    const member = await opened({ ...PATIENT, join: address });
    hub.kill("SIGSTOP");
    const errors = await Promise.all(
      Array.from({ length: 500 }, async () =>
        rejection(member.request("heard", FILLING, { timeoutMs: 50 })),
      ),
    );
    expect(errors.every((error) => isAmphisError(error, "REQUEST_TIMEOUT"))).toBe(true);
    expect(member.stats).toMatchObject({ timeouts: 500, pendingCalls: 0 });
    hub.kill("SIGCONT");
    expect(await member.request("heard")).toBe(0);
    // Of those that had not gone out the hub does not even hear that they are over.
    expect(await member.request("orphans")).toBeLessThan(250);
  });

  test("that is killed hears so, and its requests fail", async () => {
    const address = unixAddress();
    const hub = await startProgram(hubProgram, address);
    const member = await opened({ ...PATIENT, join: address });
    hub.kill("SIGSTOP");
    const request = rejection(member.request("heard"));
    hub.kill("SIGKILL");
    expect(await request).toMatchObject({ code: "CONNECTION_CLOSED" });
    await until(() => member.state.kind === "reconnecting");
  });
});

interface Heard {
  readonly heard: readonly number[];
  readonly ended: string;
}

describe("a subscription of a member that does not read", () => {
  async function flooded(slowPolicy: string, events = 3_000) {
    const hub = await opened({ ...PATIENT, name: "hub", listen: unixAddress() });
    const address = hub.addresses[0] as string;
    const options = JSON.stringify({ slowPolicy, maxMessages: 100 });
    const child = await startProgram(memberProgram, address, options);
    let local = 0;
    await hub.subscribe("log", () => {
      local += 1;
    });
    child.kill("SIGSTOP");
    for (let index = 0; index < events; index += 1) {
      await hub.publish("log", { index, filling: FILLING });
    }
    expect(local).toBe(events);
    const { dropped } = hub.stats;
    const report = (await hub.health()).peers[0];
    child.kill("SIGCONT");
    const untilEnded = slowPolicy === "disconnect";
    const { heard, ended } = (await hub.request("heard", untilEnded)) as unknown as Heard;
    return { hub, dropped, heard, ended, report, events };
  }

  test("loses the oldest of what waits, and every one is counted", async () => {
    const { dropped, heard, report, events } = await flooded("drop-oldest");
    expect(dropped).toBeGreaterThan(0);
    expect(heard.length).toBe(events - dropped);
    expect(heard.slice(-99)).toEqual(Array.from({ length: 99 }, (_, i) => events - 99 + i));
    expect(report).toMatchObject({ name: "slow", queuedMessages: 99 });
  });

  test("loses the newest, and every one is counted", async () => {
    const { dropped, heard, events } = await flooded("drop-newest");
    expect(dropped).toBeGreaterThan(0);
    expect(heard).toEqual(Array.from({ length: events - dropped }, (_, i) => i));
  });

  test("ends with SUBSCRIBER_SLOW after what was sent to it", async () => {
    const { hub, dropped, heard, ended } = await flooded("disconnect");
    expect(ended).toBe("SUBSCRIBER_SLOW");
    expect(dropped).toBe(0);
    expect(heard).toEqual(heard.map((_, i) => i));
    expect(hub.stats.peers).toBe(1);
  });
});

test("an event that expires while its subscriber does not read is counted and not sent", async () => {
  const hub = await opened({ ...PATIENT, name: "hub", listen: unixAddress() });
  const child = await startProgram(memberProgram, hub.addresses[0] as string);
  child.kill("SIGSTOP");
  for (let index = 0; index < 500; index += 1) {
    await hub.publish("log", { index, filling: FILLING }, { ttlMs: 20 });
  }
  const late = await rejection(hub.request("heard", null, { timeoutMs: 60 }));
  expect(late).toMatchObject({ code: "REQUEST_TIMEOUT" });
  child.kill("SIGCONT");
  const { heard } = (await hub.request("heard")) as unknown as Heard;
  expect(hub.stats.expired).toBeGreaterThan(100);
  expect(heard.length).toBeLessThanOrEqual(500 - hub.stats.expired + 1);
});
