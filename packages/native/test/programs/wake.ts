import { openCore } from "./open.ts";

/** Says at 4 that it runs, changes the word at 0, and wakes who sleeps there until it hears that nobody does. */
const region = openCore().adoptRegion(3, 4096);
const words = new Int32Array(region.view(0, 8));
Atomics.store(words, 1, 1);
region.futexWake(4, 1);
Atomics.store(words, 0, 1);
while (region.futexWake(0, 1) === 0 && Atomics.load(words, 1) !== 2);
process.stdout.write("done");
