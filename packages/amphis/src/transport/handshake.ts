import {
  AmphisError,
  decodeHello,
  encodeHello,
  type Frame,
  FRAME_KINDS,
  HEADER_BYTES,
  type Hello,
  isAmphisError,
  type Negotiated,
  negotiate,
} from "@amphis/protocol";

import { AgreedConnection } from "./agreed-connection.ts";
import type { CloseReason, Connection } from "./transport.ts";

export interface HandshakeOptions {
  /** Ends the handshake, and the connection with it. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the peer's hello; then PEER_LOST. @default 10_000 */
  readonly timeoutMs?: number | undefined;
}

/** What both sides know after their hellos. */
export interface Handshake {
  /** The connection to go on with. It has no receiver yet; the one given to the handshake takes no other. */
  readonly connection: Connection;
  readonly agreed: Negotiated;
  /** What the peer said of itself. */
  readonly peerHello: Hello;
}

/**
 * Exchanges hellos and puts in force what both sides take. Must be the first use of the connection.
 *
 * Both sides send theirs at once, and nothing more until they have the other's. When it fails, for whatever reason, the connection is
 * closed before the error is thrown.
 *
 * @throws {AmphisError} PEER_LOST for silence; FRAME_INVALID for a first frame that is no hello; VERSION_UNSUPPORTED, NEGOTIATION_FAILED;
 * BODY_INVALID and what else a bad hello is refused with; CONNECTION_CLOSED, or what the connection failed with
 * @throws the reason of the signal
 */
export async function handshake(
  connection: Connection,
  hello: Hello,
  side: "initiator" | "responder",
  options: HandshakeOptions = {},
): Promise<Handshake> {
  const own = withinLimits(hello, connection);
  const introduction = AgreedConnection.introduce(connection);
  const wait = new Wait(connection, options);
  try {
    await wait.for(
      connection.send({ kind: "hello", body: encodeHello(own) }, { signal: wait.signal }),
    );
    const peerHello = readHello(await wait.for(introduction.firstFrame));
    const agreed = await agree(own, peerHello, { connection: introduction.connection, side, wait });
    return { connection: introduction.connection, agreed, peerHello };
  } catch (error) {
    await connection.close(isAmphisError(error) ? error : undefined);
    throw error;
  } finally {
    wait.end();
  }
}

/** What this side says it takes is never more than what its connection takes. */
function withinLimits(hello: Hello, { limits }: Connection): Hello {
  const maxFrameBytes = Math.min(hello.limits.maxFrameBytes, limits.maxFrameBytes);
  return { ...hello, limits: { ...hello.limits, maxFrameBytes } };
}

function readHello(frame: Frame): Hello {
  if (frame.kind !== "hello") {
    throw new AmphisError(
      "FRAME_INVALID",
      `Cannot agree with the peer: its first frame is of kind ${frame.kind}, not a hello`,
      { field: "kind", received: FRAME_KINDS[frame.kind] },
    );
  }
  const hello = decodeHello(frame.body);
  if (hello.limits.maxFrameBytes < HEADER_BYTES) {
    const expected = `an integer of ${HEADER_BYTES} or more`;
    throw new AmphisError(
      "BODY_INVALID",
      `Cannot agree with the peer: maxFrameBytes of its hello must be ${expected}`,
      { body: "hello", path: "$.limits.maxFrameBytes", expected },
    );
  }
  return hello;
}

interface Agreeing {
  readonly connection: Connection;
  readonly side: "initiator" | "responder";
  readonly wait: Wait;
}

async function agree(
  own: Hello,
  peer: Hello,
  { connection, side, wait }: Agreeing,
): Promise<Negotiated> {
  try {
    const [initiator, responder] = side === "initiator" ? [own, peer] : [peer, own];
    const agreed = negotiate(initiator, responder, { side });
    connection.agree({
      maxFrameBytes: agreed.limits.maxFrameBytes,
      versions: [agreed.version, agreed.version],
    });
    return agreed;
  } catch (error) {
    // The peer comes to the same conclusion, and can tell why, only if it gets this side's hello.
    await wait.forEnd(connection.drain());
    throw error;
  }
}

/** The limits in time of one handshake. */
class Wait {
  /** Aborts a send that waits. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #broken: Promise<never>;
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  #break: (error: unknown) => void = () => undefined;

  constructor(connection: Connection, { signal, timeoutMs = 10_000 }: HandshakeOptions) {
    this.signal = this.#controller.signal;
    this.#caller = signal;
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    this.#broken.catch(() => undefined);
    this.#timer = setTimeout(() => this.#break(silent(connection, timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted === true) this.#abort();
    void connection.closed.then((reason) => this.#break(closed(connection, reason)));
  }

  /** The promise, or why it is waited for no longer. */
  for<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([this.#broken, promise]);
  }

  /** Resolves when the promise does, or when it is waited for no longer. */
  async forEnd(promise: Promise<unknown>): Promise<void> {
    await Promise.race([this.#broken.catch(() => undefined), promise]);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
    this.#controller.abort();
  }

  readonly #abort = (): void => this.#break(this.#caller?.reason);
}

function silent(connection: Connection, silentMs: number): AmphisError {
  const { address } = connection.peer;
  return new AmphisError(
    "PEER_LOST",
    `Cannot agree with the peer: it sent no hello within ${silentMs} ms`,
    { address, silentMs },
  );
}

function closed(connection: Connection, reason: CloseReason): AmphisError {
  if (reason.kind === "failed") return reason.error;
  const who = reason.kind === "peer" ? "the peer" : "this side";
  const text = `${who} closed the connection`;
  return new AmphisError("CONNECTION_CLOSED", `Cannot agree with the peer: ${text}`, {
    address: connection.peer.address,
    reason: text,
  });
}
