import { AmphisError } from "@amphis/protocol";

import { connect, type Connection, handshake } from "../transport/index.ts";
import { askHub } from "./ask-hub.ts";
import { joinedOf } from "./controls.ts";
import { busHello } from "./hello.ts";
import type { HubLinkInit } from "./hub-link.ts";
import type { MemberInbox } from "./member-inbox.ts";
import { Wire } from "./wire.ts";

/**
 * Connects to a hub and joins it.
 *
 * @throws {AmphisError} CONNECT_FAILED, PEER_LOST, NEGOTIATION_FAILED, AUTHENTICATION_FAILED, ACCESS_DENIED, CONNECTION_CLOSED
 * @throws the reason of the signal
 */
export async function joinHub(
  { settings, address, counts }: HubLinkInit,
  inbox: MemberInbox,
  signal: AbortSignal | undefined,
): Promise<Wire> {
  const { transports, maxFrameBytes, queueBytes, name, token } = settings;
  const options = { ...settings.connection, signal };
  const transport = transports.find(({ scheme }) => address.startsWith(`${scheme}:`));
  const raw = await (transport?.connect(address, options) ?? connect(address, options));
  const { connection, agreed } = await handshake(raw, busHello(maxFrameBytes), "initiator", {
    signal,
  });
  try {
    if (!agreed.capabilities.includes("bus")) throw noBus();
    const wire: Wire = new Wire(connection, agreed.codecs, "member", queueBytes, {
      message: (frame) => inbox.take(wire, frame),
      call: () => {
        throw new AmphisError("FRAME_INVALID", "Cannot take call: a hub makes none", {
          field: "kind",
          received: 3,
        });
      },
      orphan: () => {
        counts.orphans += 1;
      },
      closed: () => undefined,
    });
    connection.receive((frame) => wire.take(frame));
    joinedOf(await within(connection, signal, askHub(wire, { kind: "join", name, token })));
    return wire;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The promise, or the reason of the signal. */
async function within<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  promise: Promise<T>,
): Promise<T> {
  if (signal === undefined) return promise;
  const abort = (): void => void connection.close();
  signal.addEventListener("abort", abort);
  try {
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function noBus(): AmphisError {
  return new AmphisError("NEGOTIATION_FAILED", "Cannot join: the other side is no hub of a bus", {
    local: ["bus"],
    remote: [],
  });
}
