// What this machine has, what programs get of it, and which device to take.

import { isAmphisError } from "@amphis/protocol";

// #region detect
import { hardware } from "amphis/hardware";

const { devices, absent } = await hardware.detect();
for (const { id, name, freeBytes = 0 } of devices) {
  console.log(`found     ${id}: ${name}, ${(freeBytes / 2 ** 30).toFixed(1)} GiB free`);
}
for (const { kind, reason, detail } of absent) {
  console.log(`no ${kind.padEnd(6)} ${reason}: ${detail}`);
}
// #endregion detect

// #region capabilities
const { cores, memoryBytes, vectors, preferred } = await hardware.capabilities();
console.log(`we get    ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${vectors}`);
console.log(`best      ${preferred}`);
// #endregion capabilities

// #region select
const { device, choice } = await hardware.select([
  { device: "cuda", minFreeBytes: 8 * 2 ** 30, minComputeCapability: "8.0" },
  "mps",
  "cpu",
]);
console.log(`selected  ${device.id}, which was wish ${choice + 1} of 3`);
// #endregion select

// #region unavailable
try {
  await hardware.select("cuda:99");
} catch (error) {
  if (!isAmphisError(error, "HARDWARE_UNAVAILABLE")) throw error;
  console.log(`refused   wanted ${error.wanted.join(", ")}; ${error.found.length} found`);
}
// #endregion unavailable

// #region identity
const { hash, facts } = await hardware.identity();
console.log(`identity  ${hash}, made of ${facts.length} facts`);
// #endregion identity
