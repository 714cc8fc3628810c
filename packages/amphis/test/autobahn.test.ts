import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { upgradeServer } from "../src/transport/websocket-server.ts";
import { acceptUpgrades } from "../src/transport/websocket-upgrade.ts";

const folder =
  process.env["AMPHIS_SUITES"] ??
  fileURLToPath(new URL("../../../../shared/suites", import.meta.url));
const program = `${folder}/websocket-autobahn/run-server-cases.mjs`;
const present = existsSync(program);
if (!present) {
  test("Autobahn suite", ({ skip }) =>
    skip("its folder is absent; set AMPHIS_SUITES to where the suites are"));
}

/** The counts are printed last, by `util.inspect`: `'OK/OK': 242`. */
function countsOf(output: string): ReadonlyMap<string, number> {
  const found = output.matchAll(/'(?<verdict>[\w-]+\/[\w ]+)': (?<count>\d+)/gu);
  return new Map(
    [...found].map(({ groups }) => [groups?.["verdict"] ?? "", Number(groups?.["count"])]),
  );
}

test.runIf(present)(
  "WebSockets of the listener pass every case of Autobahn that an echo server can be put to",
  { timeout: 300_000 },
  async () => {
    const server = upgradeServer(undefined);
    const rule = { path: "/", origins: [], maxMessageBytes: 0x400_0000 };
    acceptUpgrades(server, rule, (socket) => {
      socket.on("error", () => undefined);
      socket.on("message", (data, binary) => socket.send(data as Buffer, { binary }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const url = `ws://127.0.0.1:${port}/`;
      const { stdout } = await promisify(execFile)(process.execPath, [program, url]);
      const counts = countsOf(stdout);
      let total = 0;
      for (const count of counts.values()) total += count;
      expect(total, stdout).toBe(247);
      expect([...counts.keys()].filter((verdict) => verdict.startsWith("FAILED"))).toEqual([]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  },
);
