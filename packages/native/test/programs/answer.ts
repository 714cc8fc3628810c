import { openCore } from "./open.ts";

/** As answer.py: memory at 3, the peer's doorbell at 4, a socket to the peer at 5. */
const [, , , byteLength, spinNs] = process.argv;
const size = Number(byteLength);
const core = openCore();
const region = core.adoptRegion(3, 2 * size);
const requests = region.consume({ offset: 0, byteLength: size });
const answers = region.produce({ offset: size, byteLength: size, doorbell: 4 });
const target = new Uint8Array(size);
const wait = { spinMs: Number(spinNs) / 1e6, liveness: 5 };
requests.wait(wait);
for (let length = requests.take(target); length > 0;) {
  const ended = core.exchange(answers, requests, target.subarray(0, length), target, wait);
  length = typeof ended === "number" ? ended : 0;
}
