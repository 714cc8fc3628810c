import { createHash, timingSafeEqual } from "node:crypto";

import { AmphisError, encodeErrorBody, type Frame, isAmphisError } from "@amphis/protocol";

import {
  type Acceptor,
  type Connection,
  handshake,
  type Listener,
  type Receiver,
  transportFor,
} from "../transport/index.ts";
import type { JoiningMember } from "./bus.ts";
import { type Control, decodeControl } from "./controls.ts";
import { busHello } from "./hello.ts";
import type { Hub } from "./hub.ts";
import { HubPeer } from "./hub-peer.ts";
import type { BusSettings } from "./settings.ts";

/** Largest frame of a peer that has not joined yet. */
const STRANGER_FRAME_BYTES = 0x1_0000;
const JOIN_TIMEOUT_MS = 10_000;
/** Longest stay of a peer that was refused. */
const LEAVE_TIMEOUT_MS = 2_000;
const HEALTH_CHECKS_PER_HEARTBEAT = 4;

type Join = Extract<Control, { kind: "join" }>;

/** Lets peers join a hub: listens, finds out who they are, and looks after them. */
export class HubServer {
  readonly #hub: Hub;
  readonly #settings: BusSettings;
  readonly #listeners: Listener[] = [];
  readonly #peers = new Map<HubPeer, string>();
  #lastPeer = 0;
  #healthTimer: NodeJS.Timeout | undefined;

  constructor(hub: Hub, settings: BusSettings) {
    this.#hub = hub;
    this.#settings = settings;
  }

  get addresses(): string[] {
    return this.#listeners.map(({ address }) => address);
  }

  get peers(): number {
    return this.#peers.size;
  }

  get pendingCalls(): number {
    let pending = 0;
    for (const peer of this.#peers.keys()) pending += peer.pendingCalls;
    return pending;
  }

  /** @throws {AmphisError} LISTEN_FAILED, ADDRESS_INVALID; then it listens on none of the addresses */
  async listen(): Promise<void> {
    const { listen, transports, connection, signal, heartbeatMs } = this.#settings;
    const accept: Acceptor = (each) => void this.#admit(each);
    try {
      for (const address of listen) {
        const transport =
          transports.find(({ scheme }) => address.startsWith(`${scheme}:`)) ??
          transportFor(address);
        this.#listeners.push(await transport.listen(address, accept, { ...connection, signal }));
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    if (heartbeatMs === 0) return;
    const interval = Math.max(1, heartbeatMs / HEALTH_CHECKS_PER_HEARTBEAT);
    this.#healthTimer = setInterval(() => this.#checkHealth(), interval);
    this.#healthTimer.unref();
  }

  /** Resolves when no member waits for an answer, and everything is sent that waits for them. */
  async callsOver(): Promise<void> {
    await Promise.all([...this.#peers.keys()].map(async (peer) => peer.callsOver()));
  }

  async drain(): Promise<void> {
    clearInterval(this.#healthTimer);
    await Promise.all(this.#listeners.map(async (listener) => listener.drain()));
    await this.#everyoneGone();
  }

  async close(): Promise<void> {
    clearInterval(this.#healthTimer);
    await Promise.all(this.#listeners.map(async (listener) => listener.close()));
    await this.#everyoneGone();
  }

  async #everyoneGone(): Promise<void> {
    await Promise.all([...this.#peers.keys()].map(({ gone }) => gone));
  }

  /** From a new connection to a member. Whatever goes wrong ends the connection, and is told to the peer when it can be. */
  async #admit(stranger: Connection): Promise<void> {
    try {
      const hello = busHello(this.#settings.maxFrameBytes);
      const shaking = handshake(stranger, hello, "responder", { timeoutMs: JOIN_TIMEOUT_MS });
      // Behind what the hello says this side takes, and before a byte of the stranger is read.
      stranger.agree({ maxFrameBytes: STRANGER_FRAME_BYTES });
      const { connection, agreed } = await shaking;
      if (!agreed.capabilities.includes("bus")) {
        throw new AmphisError("NEGOTIATION_FAILED", "Cannot admit peer: it does not speak bus", {
          local: ["bus"],
          remote: [...agreed.capabilities],
        });
      }
      connection.agree({ maxFrameBytes: STRANGER_FRAME_BYTES });
      this.#awaitJoin(connection, agreed.codecs, agreed.limits.maxFrameBytes);
    } catch (error) {
      this.#hub.counts.refused += 1;
      await stranger.close(isAmphisError(error) ? error : undefined);
    }
  }

  #awaitJoin(connection: Connection, codecs: readonly string[], maxFrameBytes: number): void {
    const timer = setTimeout(() => void connection.close(silent(connection)), JOIN_TIMEOUT_MS);
    void connection.closed.then(() => clearTimeout(timer));
    const take = async (frame: Frame): Promise<void> => {
      clearTimeout(timer);
      const peer = await this.#join(connection, frame, codecs);
      // One attempt for each connection: whatever else comes from a stranger is dropped.
      if (peer === undefined) receiver = () => undefined;
      else {
        connection.agree({ maxFrameBytes });
        receiver = (next) => peer.take(next);
      }
    };
    let receiver: Receiver = take;
    connection.receive((frame) => receiver(frame));
  }

  /** @returns the member, or nothing when it was refused */
  async #join(
    connection: Connection,
    frame: Frame,
    codecs: readonly string[],
  ): Promise<HubPeer | undefined> {
    const hub = this.#hub;
    try {
      const join = joinOf(frame);
      this.#checkToken(join);
      await this.#askAdmit({ name: join.name, token: join.token, identity: connection.peer });
      if (connection.state.kind !== "open") return undefined;
      this.#lastPeer += 1;
      const { name } = join;
      const peer = new HubPeer(
        hub,
        connection,
        {
          name,
          peer: `${name}/${this.#lastPeer}`,
          codecs,
          joinCallId: frame.callId,
          hubName: this.#settings.name,
        },
        this.#settings,
      );
      this.#look(peer);
      return peer;
    } catch (error) {
      hub.counts.refused += 1;
      const refusal = isAmphisError(error) ? error : denied("", error);
      // The peer may be gone already, or not read.
      const { callId } = frame;
      connection.send({ kind: "error", callId, body: encodeErrorBody(refusal) }).catch(() => {});
      sendOff(connection);
      return undefined;
    }
  }

  /** @throws {AmphisError} ACCESS_DENIED for whatever the hook throws */
  async #askAdmit(member: JoiningMember): Promise<void> {
    try {
      await this.#settings.admit?.(member);
    } catch (cause) {
      throw denied(member.name, cause);
    }
  }

  #look(peer: HubPeer): void {
    this.#hub.peers.add(peer);
    this.#peers.set(peer, peer.health.status);
    void peer.gone.then(() => {
      this.#hub.peers.delete(peer);
      this.#peers.delete(peer);
    });
  }

  #checkHealth(): void {
    for (const [peer, before] of this.#peers) {
      peer.giveUpIfStuck();
      const { status } = peer.health;
      if (status === before) continue;
      this.#peers.set(peer, status);
      this.#hub.healthChanged(peer);
    }
  }

  #checkToken({ name, token = "" }: Join): void {
    const { tokens } = this.#settings;
    if (tokens === undefined) return;
    const expected =
      typeof tokens === "string" ? tokens : Object.hasOwn(tokens, name) ? tokens[name] : undefined;
    // Compared in any case, so that the time tells nothing about which names have a token.
    const matches = isSame(token, expected ?? "");
    if (matches && expected !== undefined) return;
    const message = `Cannot join as ${name}: the token is not the one of this member`;
    throw new AmphisError("AUTHENTICATION_FAILED", message, { member: name });
  }
}

/** Lets a refused peer read why, and go; one that stays is not waited for. */
function sendOff(connection: Connection): void {
  const timer = setTimeout(() => void connection.close(), LEAVE_TIMEOUT_MS);
  void connection.drain().then(() => clearTimeout(timer));
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(left as Buffer, right as Buffer);
}

function joinOf(frame: Frame): Join {
  const control = frame.kind === "call" ? decodeControl(frame) : undefined;
  if (control?.kind === "join" && frame.callId % 2 === 1) return control;
  throw new AmphisError("BODY_INVALID", "Cannot admit peer: it did not join first", {
    body: "call",
    path: "$.function",
    expected: "bus:join",
  });
}

function denied(member: string, cause: unknown): AmphisError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AmphisError(
    "ACCESS_DENIED",
    `Cannot join: ${reason}`,
    { member, act: "join", subject: reason },
    { cause },
  );
}

function silent(connection: Connection): AmphisError {
  const { address } = connection.peer;
  const silentMs = JOIN_TIMEOUT_MS;
  const message = `Cannot admit peer: it did not join within ${silentMs} ms`;
  return new AmphisError("PEER_LOST", message, { address, silentMs });
}
