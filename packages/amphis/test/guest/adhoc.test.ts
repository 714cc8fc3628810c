import { test } from "vitest";
import { Guest } from "./started.ts";
import { Placement, type TensorMemory } from "../../src/memory/index.ts";

const GIB = 1 << 30;
test("throughput", async () => {
  for (const [label, placement] of [["shared", new Placement({path: "shared"})]] as const)
  for (const window of [2, 4, 8, 16]) {
    for (const mib of label === "shared" ? [0.25, 1, 4] : [1]) {
      const bytes = mib * 1048576;
      const total = label === "inline" ? GIB / 4 : GIB;
      const n = total / bytes;
      const guest = await Guest.start({ placement });
      const out: string[] = [];
      for (const kind of ["sink", "source", "echo", "source2"]) {
        const name = kind === "sink" ? "sink" : kind === "echo" ? "echo" : "source";
        const s = await guest.stream(name, { window, guestWindow: window, args: name === "source" ? [kind === "source" ? n : n, bytes] : [] });
        const source = new Uint8Array(bytes).fill(1);
        const t = performance.now();
        const written = (async () => { if (name !== "source") { for (let i = 0; i < n; i++) await s.writer.write(source); } await s.writer.end(); })();
        let sum = 0;
        for await (const c of s.reader) { sum += (c as TensorMemory).bytes[0] as number; }
        await written; await s.answer;
        out.push(`${kind} ${(total / 2 ** 30 / ((performance.now() - t) / 1000)).toFixed(2)} GiB/s`);
      }
      const a = guest.memory.arena.stats();
      console.log(label, "window", window, "chunk", mib, "MiB:", out.join("  "), "high", a.highWaterBytes / 1048576, "resident", a.residentBytes / 1048576, JSON.stringify(placement.figures()), "");
      await guest[Symbol.asyncDispose]();
    }
  }
}, 500_000);
