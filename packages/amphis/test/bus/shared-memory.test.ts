import { spawn } from "node:child_process";
import { once } from "node:events";

import { expect, onTestFinished, test } from "vitest";

import { SharedMemory } from "../../src/memory/index.ts";
import { sharedMemory } from "../../src/transport/shared-memory/index.ts";
import { describeGuest } from "../guest/described.ts";
import { until } from "../wait.ts";
import { opened, unixAddress } from "./three-ways.ts";

const MEMBER = `
import sys
from amphis.bus import open_bus
with open_bus(sys.argv[1], name="member") as bus:
    bus.register("echo", lambda payload, request: payload)
    print("ready", flush=True)
    sys.stdin.read()
`;

describeGuest("a bus over shared memory", () => {
  test("goes on without a member that is frozen, as its heartbeat says", async () => {
    const memory = await SharedMemory.open();
    onTestFinished(() => memory.close());
    const hub = await opened({
      name: "hub",
      listen: unixAddress().replace("unix:", "shm:"),
      transports: [sharedMemory({ memory })],
      connection: { heartbeatMs: 200 },
    });
    const python = process.env["AMPHIS_PYTHON"] ?? "python3";
    const member = spawn(python, ["-c", MEMBER, hub.addresses[0] ?? ""], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const exited = once(member, "exit");
    onTestFinished(async () => {
      member.kill("SIGKILL");
      await exited;
    });
    const died = exited.then(([code]) => {
      throw new Error(`Cannot go on: the member ended with ${String(code)}`);
    });
    died.catch(() => undefined);
    await Promise.race([once(member.stdout, "data"), died]);
    // A machine under load may have made it silent before: then it joins again.
    await expect.poll(() => hub.request("echo", "here").catch(() => undefined)).toBe("here");
    member.kill("SIGSTOP");
    await until(() => hub.stats.peers === 0);
  });
});
