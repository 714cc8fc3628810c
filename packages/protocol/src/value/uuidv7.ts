import { fillRandom } from "../platform.ts";
import { formatUuid } from "./uuid.ts";

const POOL_BYTES = 4_096;
const pool = new Uint8Array(POOL_BYTES);
const id = new Uint8Array(16);
let used = POOL_BYTES;
let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter, 62 random bits.
 *
 * Ids of one process sort in the order of their making, also within a millisecond and when the clock is set back.
 */
export function uuidv7(): string {
  if (used + 10 > POOL_BYTES) {
    fillRandom(pool);
    used = 0;
  }
  tick(Date.now());
  const high = Math.floor(lastMs / 0x1_0000);
  id[0] = high >>> 24;
  id[1] = high >>> 16;
  id[2] = high >>> 8;
  id[3] = high;
  id[4] = lastMs >>> 8;
  id[5] = lastMs;
  id[6] = 0x70 | (counter >>> 8);
  id[7] = counter;
  for (let at = 0; at < 8; at += 1) id[8 + at] = pool[used + at] as number;
  used += 10;
  id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
  return formatUuid(id, 0);
}

/** Starts the counter at a random place below 2,048 each millisecond; when it is used up, time runs ahead of the clock. */
function tick(now: number): void {
  if (now > lastMs) {
    lastMs = now;
    counter = (((pool[used + 8] ?? 0) << 8) | (pool[used + 9] ?? 0)) & 0x7ff;
  } else if (counter < 0xfff) {
    counter += 1;
  } else {
    lastMs += 1;
    counter = 0;
  }
}
