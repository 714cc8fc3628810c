import type { Socket } from "node:net";

import { AmphisError } from "@amphis/protocol";

import type { ByteChannel } from "./byte-channel.ts";
import { connectionSettings } from "./connection-settings.ts";
import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { RetryLine } from "./retry-line.ts";
import type { Connection, ConnectOptions, PeerIdentity } from "./transport.ts";

/** How one kind of socket is opened. */
export interface SocketPlan {
  readonly address: string;
  /** Starts to connect. The socket must allow to be half open. */
  open(): Socket;
  /** Event that says that bytes can flow. */
  readonly ready: "connect" | "secureConnect";
  readonly identify: (socket: Socket) => PeerIdentity;
  /** Agrees with the peer on how bytes flow. The socket is paused, and what fails is for it to be destroyed. @default over the socket itself */
  readonly channel?: (socket: Socket, signal: AbortSignal) => Promise<ByteChannel>;
  /** The error to give in place of CONNECT_FAILED. */
  readonly refusal?: (cause: Error) => AmphisError | undefined;
  /** Where those wait for whom the listener's queue was full; without it they fail. */
  readonly retries?: RetryLine;
}

const FIRST_DELAY_MS = 1;
const LONGEST_DELAY_MS = 100;
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Connects, again while the listener's queue is full.
 *
 * @throws {AmphisError} CONNECT_FAILED, or what `plan.refusal` makes of the cause
 * @throws the signal's reason
 */
export async function connectSocket(
  plan: SocketPlan,
  options: ConnectOptions = {},
): Promise<Connection> {
  const { signal, connectTimeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (!(connectTimeoutMs > 0 && connectTimeoutMs < 2 ** 31)) {
    throw new RangeError(
      `Cannot connect: connectTimeoutMs must be above 0 and below 2^31, got ${connectTimeoutMs}`,
    );
  }
  connectionSettings(options);
  signal?.throwIfAborted();
  const ending = new AbortController();
  const abort = (): void => ending.abort(signal?.reason);
  const reason = `no answer within ${connectTimeoutMs} ms`;
  const timer = setTimeout(() => ending.abort(new Error(reason)), connectTimeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    return await connectInTime(plan, options, ending.signal);
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw error;
    throw plan.refusal?.(error as Error) ?? connectFailed(plan.address, error as Error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function connectInTime(
  plan: SocketPlan,
  options: ConnectOptions,
  ending: AbortSignal,
): Promise<Connection> {
  try {
    return await attempt(plan, options, ending);
  } catch (error) {
    if (plan.retries === undefined || !isRetried(error)) throw error;
  }
  return plan.retries.inTurn(plan.address, ending, async () => {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      try {
        return await attempt(plan, options, ending);
      } catch (error) {
        if (!isRetried(error)) throw error;
      }
      await wait(delayMs * (0.5 + Math.random() / 2), ending);
    }
  });
}

/** The system's queue of connections was full for a moment. */
function isRetried(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EAGAIN";
}

function attempt(
  plan: SocketPlan,
  options: ConnectOptions,
  ending: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = plan.open();
    let cause = new Error("the connection was closed before it was open");
    const release = (): void => {
      ending.removeEventListener("abort", abort);
      socket.off(plan.ready, ready).off("close", close).off("error", fail);
    };
    const abort = (): void => {
      cause = ending.reason as Error;
      socket.destroy();
    };
    const fail = (error: Error): void => {
      if (!ending.aborted) cause = error;
    };
    const close = (): void => {
      release();
      reject(cause);
    };
    // The connection takes over within the event, so that no event of the socket is missed in between.
    const ready = (): void => {
      release();
      if (plan.channel === undefined) {
        const channel = new DuplexChannel(socket, socket, plan.identify(socket));
        resolve(new FramedConnection(channel, options));
      } else {
        resolve(agree(plan.channel, socket, options, ending));
      }
    };
    ending.addEventListener("abort", abort);
    socket.on(plan.ready, ready).on("close", close).on("error", fail);
  });
}

async function agree(
  channel: NonNullable<SocketPlan["channel"]>,
  socket: Socket,
  options: ConnectOptions,
  ending: AbortSignal,
): Promise<Connection> {
  try {
    return new FramedConnection(await channel(socket, ending), options);
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    throw error;
  }
}

function wait(delayMs: number, ending: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(ending.reason as Error);
    };
    const timer = setTimeout(() => {
      ending.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    ending.addEventListener("abort", abort);
  });
}

export function connectFailed(
  address: string,
  cause: Error,
  reason: string = describeCause(cause),
): AmphisError<"CONNECT_FAILED"> {
  const message = `Cannot connect to ${address}: ${reason}`;
  return new AmphisError("CONNECT_FAILED", message, { address, reason }, { cause });
}

/** One error for all addresses of a name has an empty message of its own. */
export function describeCause(cause: Error): string {
  if (cause instanceof AggregateError) {
    return cause.errors.map((error: Error) => error.message).join("; ");
  }
  return cause.message;
}
