import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { AmphisError } from "@amphis/protocol";

import type { Example } from "./example.ts";
import { Answers } from "./answers.ts";
import type { WrittenReference } from "./write.ts";

/** How a reference site is served. */
export interface ServeReferenceOptions {
  /**
   * Runs an example in a worker, with `EXAMPLE_FUNCTION`. What it gives is judged before it is shown; the signal is aborted when time is up,
   * when nobody waits any more, and when the server closes.
   */
  readonly run: (example: Example, signal: AbortSignal) => Promise<unknown>;
  /** @default one that is free */
  readonly port?: number | undefined;
  /** Longest that an example may take. @default 30_000 */
  readonly timeoutMs?: number | undefined;
}

/** A site that is served to browsers of this machine. */
export interface ReferenceServer extends AsyncDisposable {
  /** With the token, without which nothing is answered. */
  readonly url: string;
  /** Stops it, and what it runs. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const SLOWEST_REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 64;
const LONGEST_TIME = 0x7fff_ffff;

/** As `serveReference`. */
export async function serve(
  written: WrittenReference,
  { run, port = 0, timeoutMs = 30_000 }: ServeReferenceOptions,
): Promise<ReferenceServer> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`Cannot serve reference: port must be from 0 to 65535, not ${port}`);
  }
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIME)) {
    throw new RangeError(
      `Cannot serve reference: timeoutMs must be from 1 to ${LONGEST_TIME}, not ${timeoutMs}`,
    );
  }
  const token = randomBytes(24).toString("base64url");
  const answers = new Answers(written, { run, timeoutMs, token });
  const server = createServer(
    {
      requestTimeout: SLOWEST_REQUEST_MS,
      headersTimeout: SLOWEST_REQUEST_MS,
      maxHeaderSize: 8_192,
    },
    (request, response) => void answers.answer(request, response, portOf(server)),
  );
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port);
  return new OpenServer(server, answers, token);
}

class OpenServer implements ReferenceServer {
  readonly url: string;
  readonly #server: Server;
  readonly #answers: Answers;
  #closed: Promise<void> | undefined;

  constructor(server: Server, answers: Answers, token: string) {
    this.#server = server;
    this.#answers = answers;
    this.url = `http://${HOST}:${portOf(server)}/${token}/`;
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    await this.#answers.stop();
    this.#server.closeAllConnections();
    await closed;
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, HOST);
    await once(server, "listening");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AmphisError(
      "REFERENCE_NOT_SERVED",
      `Cannot serve reference at ${HOST}:${port}: ${reason}; choose another port`,
      { address: `${HOST}:${port}`, reason },
      { cause },
    );
  }
}
