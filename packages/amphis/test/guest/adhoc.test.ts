import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "vitest";
import { Guest } from "./started.ts";
import { Placement, type TensorMemory } from "../../src/memory/index.ts";

const GIB = 1 << 30;
const rate = (total: number, t: number): string => `${(total / GIB / ((performance.now() - t) / 1000)).toFixed(2)}`;

async function uds(mode: string, total: number, bytes: number): Promise<string> {
  const path = `/tmp/amphis/uds-${process.pid}-${mode}-${Math.random()}.sock`;
  const server = createServer().listen(path);
  await once(server, "listening");
  const n = total / bytes;
  const child = spawn(process.env["AMPHIS_PYTHON"] as string, ["/tmp/amphis/uds.py", path, String(n), String(bytes), mode], { stdio: "inherit" });
  const [socket] = await once(server, "connection");
  const t = performance.now();
  const source = new Uint8Array(bytes).fill(1);
  const expect = mode === "sink" ? 1 : total;
  let got = 0; let sum = 0;
  const done = new Promise<void>((resolve) => socket.on("data", (d: Uint8Array) => { got += d.length; sum += d[0] as number; if (got >= expect) resolve(); }));
  if (mode !== "source") for (let i = 0; i < n; i++) if (!socket.write(source)) await once(socket, "drain");
  await done;
  const r = rate(total, t);
  socket.destroy(); server.close(); await once(child, "exit");
  return `${mode} ${r}`;
}

async function stream(guest: Guest, kind: string, total: number, bytes: number, window: number): Promise<string> {
  const n = total / bytes;
  const s = await guest.stream(kind, { window, guestWindow: window, args: kind === "source" ? [n, bytes] : [] });
  const source = new Uint8Array(bytes).fill(1);
  const t = performance.now(); const c0 = process.cpuUsage();
  const written = (async () => { if (kind !== "source") for (let i = 0; i < n; i++) await s.writer.write(source); await s.writer.end(); })();
  let sum = 0;
  for await (const c of s.reader) sum += (c as TensorMemory).bytes[0] as number;
  await written; await s.answer;
  const c = process.cpuUsage(c0); const wall = (performance.now() - t) * 1000;
  return `${kind} ${rate(total, t)} (wall/chunk ${(wall / n).toFixed(0)} cpu u ${(c.user / n).toFixed(0)} s ${(c.system / n).toFixed(0)})`;
}

test("throughput", async () => {
  for (let round = 0; round < 1; round++) {
    const out: string[] = [];
    for (const mode of ["sink", "source", "echo"]) out.push(await uds(mode, GIB, 1 << 20));
    console.log("R uds 1 MiB GiB/s", out.join("  "));
    for (const [window, mib] of [[4, 1], [8, 1], [12, 1], [8, 1]] as const) {
      const guest = await Guest.start({ placement: new Placement({ path: "shared" }) });
      const parts: string[] = [];
      for (const kind of ["sink", "sink", "source", "echo", "echo_copies"]) parts.push(await stream(guest, kind, GIB, mib * 1048576, window));
      const a = guest.memory.arena.stats();
      console.log("R shm window", window, "chunk", mib, "MiB GiB/s", parts.join("  "), "high", a.highWaterBytes / 1048576, "resident", a.residentBytes / 1048576);
      await guest[Symbol.asyncDispose]();
    }
  }
}, 500_000);
