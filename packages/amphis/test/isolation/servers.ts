import { createServer as createHttpServer } from "node:http";
import { createServer, type ListenOptions, type Server } from "node:net";

import { onTestFinished } from "vitest";

import { CANARY } from "./opened.ts";

/** A server of this process. */
export interface Greeter {
  readonly port: number;
  /** Who came to it: connections, or lines of requests with their bodies. */
  readonly heard: readonly string[];
}

/** Says the canary to whoever connects. */
export async function greeter(where: ListenOptions = { host: "127.0.0.1" }): Promise<Greeter> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    heard.push("connection");
    socket.on("error", () => undefined).end(CANARY);
  });
  return { port: await listening(server, where), heard };
}

/** Answers requests with what they asked for, which host they named, and how long their body was. */
export async function webServer(): Promise<Greeter> {
  const heard: string[] = [];
  const server = createHttpServer((asked, answer) => {
    let length = 0;
    asked.on("data", (part: Buffer) => (length += part.length));
    asked.on("end", () => {
      heard.push(`${asked.method} ${asked.url} ${asked.headers.host} ${length}`);
      answer.setHeader("connection", "x-secret, close").setHeader("x-secret", "1");
      answer.end(`${CANARY} ${asked.method} ${asked.url} ${length}`);
    });
  });
  return { port: await listening(server, { host: "127.0.0.1" }), heard };
}

async function listening(server: Server, where: ListenOptions): Promise<number> {
  await new Promise<void>((resolve) => server.listen({ port: 0, ...where }, resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
