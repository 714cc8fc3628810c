import { openCore } from "./open.ts";

/** Takes numbered records from the ring at descriptor 3 until an empty one; says how many there were, in order. */
const [, , , byteLength, spinMs] = process.argv;
const region = openCore().adoptRegion(3, Number(byteLength));
const ring = region.consume({ offset: 0, byteLength: region.byteLength });
const target = new Uint8Array(ring.longestRecord);
const view = new DataView(target.buffer);
let count = 0;
for (;;) {
  const length = ring.pop(target);
  if (length === undefined) {
    if (ring.wait({ spinMs: Number(spinMs), timeoutMs: 20_000 }) !== "ready") {
      throw new Error("Nobody woke me");
    }
  } else if (length === 0) break;
  else if (view.getUint32(0, true) !== count || target[length - 1] !== length % 256) {
    throw new Error(`Record ${count} is wrong`);
  } else count++;
}
process.stdout.write(String(count));
