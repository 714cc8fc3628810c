import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";

import type { System } from "./system.ts";

const MESSAGE = Buffer.alloc(64, 7);

/** A socket that echoes bytes and knows nothing else: the floor. */
export const bare: System = {
  listener: "receiver",
  async receive(address) {
    const path = address.slice("unix:".length);
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      socket.on("data", (chunk) => socket.write(chunk)).on("error", () => undefined);
    }).listen(path);
    await once(server, "listening");
  },
  async send(address) {
    const socket = connect(address.slice("unix:".length));
    await once(socket, "connect");
    const waiting: (() => void)[] = [];
    let missing = MESSAGE.length;
    socket.on("data", (chunk: Buffer) => {
      missing -= chunk.length;
      while (missing <= 0) {
        missing += MESSAGE.length;
        waiting.shift()?.();
      }
    });
    return {
      request: () =>
        new Promise<void>((resolve) => {
          waiting.push(resolve);
          socket.write(MESSAGE);
        }),
      publish: () => undefined,
      flush: async () => undefined,
    };
  },
};
