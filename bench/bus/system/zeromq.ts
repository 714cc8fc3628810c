import { Dealer, Publisher, Router, Subscriber } from "zeromq";

import type { Reading, System } from "./system.ts";

/** Router and dealer for requests, publisher and subscribers for events; JSON, as hand-written programs do. */
export const zeromq: System = {
  listener: "receiver",
  async receive(address, connections, onReading) {
    const router = new Router();
    await router.bind(`${address}-echo`);
    void answer(router);
    for (let i = 0; i < connections; i += 1) {
      const subscriber = new Subscriber({ receiveHighWaterMark: 0 });
      subscriber.connect(`${address}-readings`);
      subscriber.subscribe("readings.");
      void take(subscriber, onReading);
    }
  },
  async send(address) {
    const dealer = new Dealer();
    dealer.connect(`${address}-echo`);
    const publisher = new Publisher({ sendHighWaterMark: 0 });
    await publisher.bind(`${address}-readings`);
    const waiting = new Map<string, (reading: Reading) => void>();
    void hear(dealer, waiting);
    let last = 0;
    // A socket takes one send at a time.
    let sending: Promise<void> = Promise.resolve();
    return {
      request: (reading) =>
        new Promise((resolve) => {
          last += 1;
          const id = String(last);
          waiting.set(id, resolve);
          sending = sending.then(() => dealer.send([id, JSON.stringify(reading)]));
        }),
      publish: (reading) => publisher.send(["readings.one", JSON.stringify(reading)]),
      flush: async () => undefined,
    };
  },
};

async function answer(router: Router): Promise<void> {
  for await (const [peer, id, reading] of router) {
    await router.send([peer as Buffer, id as Buffer, JSON.stringify(JSON.parse(String(reading)))]);
  }
}

async function take(subscriber: Subscriber, onReading: () => void): Promise<void> {
  for await (const [, reading] of subscriber) {
    JSON.parse(String(reading));
    onReading();
  }
}

async function hear(
  dealer: Dealer,
  waiting: Map<string, (reading: Reading) => void>,
): Promise<void> {
  for await (const [id, reading] of dealer) {
    const key = String(id);
    waiting.get(key)?.(JSON.parse(String(reading)) as Reading);
    waiting.delete(key);
  }
}
