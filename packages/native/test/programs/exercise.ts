import { readFileSync } from "node:fs";

import { openCore } from "./open.ts";

/** Uses all of the core once, closing things in unusual orders, and says that the sanitizer was there. */
const core = openCore();
const collect: unknown = Reflect.get(globalThis, "gc");
const target = new Uint8Array(4096);

for (let round = 0; round < 50; round++) {
  const region = core.createRegion(16_384);
  region.createRing(0, 1024);
  region.createRing(4096, 1024);
  const views = [region.view(0, 16_384), region.view(8192, 64)];
  const { hears, rings: doorbell } = core.createDoorbellPair();
  const there = { offset: 0, byteLength: 4096, doorbell };
  const back = { offset: 4096, byteLength: 4096, doorbell };
  const [producer, consumer] = [region.produce(there), region.consume(there)];
  const [answers, receiver] = [region.produce(back), region.consume(back)];
  answers.push(new Uint8Array(round));
  core.exchange(producer, receiver, new Uint8Array(30), target, { spinMs: 0.01 });
  while (producer.push(new Uint8Array(round + 1)));
  consumer.wait({ timeoutMs: 0.1, interrupt: new Int32Array(new SharedArrayBuffer(4)) });
  const watch = core.watchRing({ consumer, producer, doorbell: hears, spinMs: 0.01 }, () => {
    watch.expecting = true;
    if (round % 5 === 0) return watch.close();
    if (consumer.take(target) === 0) return;
    watch.armRoom(1000);
    if (round % 3 === 0) watch.close();
  });
  if (round % 2 === 0) region.close();
  if (round % 5 === 0) consumer.close();
  const first = views.pop();
  if (first !== undefined) region.detach(first);
  await new Promise((resolve) => setImmediate(resolve));
  if (typeof collect === "function") (collect as () => void)();
  for (const thing of [watch, producer, answers, receiver, consumer, region]) thing.close();
  for (const each of [hears, doorbell]) core.closeDescriptor(each);
  const [near, far] = core.socketPair();
  core.sendDescriptors(near, Uint8Array.of(1), [near, far]);
  for (const each of core.receiveDescriptors(far, target, 2)?.descriptors ?? []) {
    core.closeDescriptor(each);
  }
  for (const each of [near, far]) core.closeDescriptor(each);
}
process.stdout.write(readFileSync("/proc/self/maps", "utf8").includes("libasan") ? "checked" : "");
