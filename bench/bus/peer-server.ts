// One process of one system: `peer-server.js SYSTEM ROLE ADDRESS CONNECTIONS`. It says when it is ready, and does what its parent asks.

import { type Reading, type Sender, type SystemName, systems } from "./system/index.ts";

/** What the parent asks of a process. */
export type Order =
  /** Sender: so many requests, so many of them at the same time. */
  | { readonly kind: "request"; readonly count: number; readonly inFlight: number }
  /** Sender: publishes so many. */
  | { readonly kind: "publish"; readonly count: number }
  /** Receiver: says when so many more have come. */
  | { readonly kind: "expect"; readonly count: number };

/** What a process says. */
export type Report =
  | { readonly kind: "ready" }
  | {
      readonly kind: "requested";
      readonly p50: number;
      readonly p99: number;
      readonly perSecond: number;
    }
  | { readonly kind: "published" }
  | { readonly kind: "received"; readonly at: number };

const READING: Reading = { id: 17, name: "sensor-17", value: 20.5, ok: true };
const [, , name = "", role = "", address = "", connections = "1"] = process.argv;
const system = systems[name as SystemName];

let received = 0;
let expected = Infinity;

function report(message: Report): void {
  process.send?.(message);
}

/** Milliseconds since 1970, with a fraction: the clocks of two processes of one machine agree. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function onReading(): void {
  received += 1;
  if (received < expected) return;
  received = 0;
  expected = Infinity;
  report({ kind: "received", at: now() });
}

async function request(sender: Sender, count: number, inFlight: number): Promise<void> {
  const samples: number[] = [];
  const start = performance.now();
  const one = async (): Promise<void> => {
    for (let i = 0; i < count / inFlight; i += 1) {
      const from = performance.now();
      await sender.request(READING);
      samples.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const seconds = (performance.now() - start) / 1_000;
  samples.sort((a, b) => a - b);
  const at = (share: number): number => 1_000 * (samples[Math.floor(samples.length * share)] ?? 0);
  report({ kind: "requested", p50: at(0.5), p99: at(0.99), perSecond: samples.length / seconds });
}

async function publish(sender: Sender, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const waits = sender.publish(READING);
    if (waits !== undefined) await waits;
    // Others get their turn, as in any program that does something else too.
    if (i % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
  await sender.flush();
  report({ kind: "published" });
}

const stopBroker = role === "broker" ? await system.startBroker?.(address) : undefined;
if (role === "receiver") await system.receive(address, Number(connections), onReading);
const sender = role === "sender" ? await system.send(address) : undefined;

process.on("message", (order: Order) => {
  if (order.kind === "expect") expected = order.count;
  else if (sender !== undefined && order.kind === "request") {
    void request(sender, order.count, order.inFlight);
  } else if (sender !== undefined && order.kind === "publish") void publish(sender, order.count);
});
process.on("disconnect", () => {
  void (stopBroker?.() ?? Promise.resolve()).then(() => process.exit(0));
});
report({ kind: "ready" });
