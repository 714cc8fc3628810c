/*
 * The only way out of a sandbox whose policy names hosts: an HTTP proxy in this process, on a socket that was made in there.
 *
 * A sandbox has a network of its own with nothing in it. Its warden listens there and hands the socket over; what connects to it inside is
 * accepted out here. Asked for is a tunnel (CONNECT) or a request for an `http:` address; whatever is said is hostile. Node's parser refuses
 * what two readers could take for different things, and messages are put together anew.
 */

import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { ListenOptions, Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";

import type { HostRule } from "../network-rules.ts";
import { HostList } from "./host-list.ts";
import { type HostTarget, nameOf, reachHost, Unreached } from "./reach-host.ts";
import { passedHeaders } from "./proxy-headers.ts";

/** How a proxy is opened. */
export interface NetworkProxyOptions {
  readonly rules: readonly HostRule[];
  /** Is told of what the rules refuse: what was asked for, as `host:port`, and how. */
  readonly onRefused: (target: string, event: string) => void;
  /** Connections at a time; those beyond are closed. @default 256 */
  readonly maxConnections?: number | undefined;
  /** After that long without a byte a connection is closed. @default 300_000 */
  readonly idleMs?: number | undefined;
}

const TUNNEL = /^(?:\[(?<six>[\da-fA-F:.]{2,45})\]|(?<host>[\w.-]{1,253})):(?<port>\d{1,5})$/u;
const HEADER_BYTES = 16_384;
const HEADER_MS = 30_000;

/** Lets through what its rules name. Keeps no program alive. */
export class NetworkProxy {
  readonly #server: Server;
  readonly #list: HostList;
  readonly #onRefused: NetworkProxyOptions["onRefused"];
  readonly #idleMs: number;
  readonly #open = new Set<Duplex>();

  constructor({ rules, onRefused, maxConnections = 256, idleMs = 300_000 }: NetworkProxyOptions) {
    this.#list = new HostList(rules);
    this.#onRefused = onRefused;
    this.#idleMs = idleMs;
    this.#server = createServer(
      { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADER_MS, requestTimeout: 0 },
      (asked, answer) => void this.#pass(asked, answer),
    );
    this.#server.maxConnections = maxConnections;
    this.#server.timeout = idleMs;
    this.#server.on("connection", (socket: Socket) => this.#keep(socket.unref()));
    this.#server.on("connect", (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#tunnel(asked.url ?? "", socket, head);
    });
    this.#server.on("error", () => this.close());
  }

  /** Resolves with its port when it listens. */
  async listen(where: ListenOptions | { readonly fd: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(where, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#server.unref();
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    for (const each of this.#open) each.destroy();
  }

  #keep(stream: Duplex): void {
    this.#open.add(stream);
    stream.on("error", () => undefined).once("close", () => this.#open.delete(stream));
  }

  async #tunnel(asked: string, socket: Duplex, head: Buffer): Promise<void> {
    const { six, host = six, port } = TUNNEL.exec(asked)?.groups ?? {};
    if (host === undefined || !isPort(Number(port))) return refuse(socket, 400, "no host and port");
    const target = { host, port: Number(port) };
    try {
      const out = await this.#reach(target, "proxy.connect");
      if (socket.destroyed) return void out.destroy();
      for (const each of [socket as Socket, out]) {
        each.setTimeout(this.#idleMs, () => each.destroy());
      }
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) out.write(head);
      pipeline(socket, out, () => undefined);
      pipeline(out, socket, () => undefined);
    } catch (error) {
      refuse(socket, statusOf(error), (error as Error).message);
    }
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = targetOf(asked.url ?? "");
    if (url === undefined) return tell(answer, 400, "ask for http://host/path, or for a tunnel");
    const host = url.hostname.replaceAll(/^\[|\]$/gu, "");
    const target = { host, port: Number(url.port === "" ? 80 : url.port) };
    try {
      const out = await this.#reach(target, "proxy.request");
      if (answer.destroyed) return void out.destroy();
      out.setTimeout(this.#idleMs, () => out.destroy());
      forward(asked, answer, url, out);
    } catch (error) {
      tell(answer, statusOf(error), (error as Error).message);
    }
  }

  async #reach(target: HostTarget, event: string): Promise<Socket> {
    try {
      const out = await reachHost(this.#list, target);
      this.#keep(out);
      return out;
    } catch (error) {
      if (error instanceof Unreached && error.isDenied) {
        this.#onRefused(nameOf(target.host, target.port), event);
      }
      throw error;
    }
  }
}

/** Sends a request on, put together anew, and its answer back. */
function forward(asked: IncomingMessage, answer: ServerResponse, url: URL, out: Socket): void {
  const headers = passedHeaders(asked.rawHeaders);
  if (asked.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = ["chunked"];
  const sent = request({
    createConnection: () => out,
    method: asked.method,
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host, connection: "close" },
  });
  sent.once("response", (said) => {
    answer.writeHead(said.statusCode ?? 502, said.statusMessage, {
      ...passedHeaders(said.rawHeaders),
      connection: "close",
    });
    pipeline(said, answer, () => undefined);
  });
  sent.on("error", (error) => tell(answer, 502, error.message));
  answer.once("close", () => sent.destroy());
  pipeline(asked, sent, () => undefined);
}

/** What is asked for by its whole address; undefined for all else. */
function targetOf(asked: string): URL | undefined {
  if (!/^http:\/\//iu.test(asked) || !URL.canParse(asked)) return undefined;
  const url = new URL(asked);
  const isFine = url.username === "" && url.password === "" && isPort(Number(url.port || 80));
  return isFine ? url : undefined;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

function statusOf(error: unknown): number {
  return error instanceof Unreached && error.isDenied ? 403 : 502;
}

/** The reason is what Python shows of a tunnel that is refused. */
function refuse(socket: Duplex, status: number, reason: string): void {
  const line = reasonOf(reason);
  socket.end(`HTTP/1.1 ${status} ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function tell(answer: ServerResponse, status: number, reason: string): void {
  if (answer.headersSent) return void answer.destroy();
  const headers = { "content-type": "text/plain; charset=utf-8", connection: "close" };
  answer.writeHead(status, reasonOf(reason), headers).end(`Cannot reach: ${reason}\n`);
}

/** One line of plain characters. */
function reasonOf(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, "?").slice(0, 400);
}
