import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";

import type { HostList } from "./host-list.ts";

/** Where something inside wants to go. */
export interface HostTarget {
  readonly host: string;
  readonly port: number;
}

/** Why it does not get there. */
export class Unreached extends Error {
  /** Whether the rules say so. */
  readonly isDenied: boolean;

  constructor(reason: string, isDenied: boolean) {
    super(reason);
    this.isDenied = isDenied;
  }
}

const CONNECT_MS = 10_000;

/**
 * Connects to a host if the list has it. What a name leads to is asked here and judged before it is used, so that no second answer counts.
 *
 * @throws {Unreached}
 */
export async function reachHost(list: HostList, { host, port }: HostTarget): Promise<Socket> {
  const addresses = isIP(host) === 0 ? await resolve(list, host, port) : [host];
  if (isIP(host) !== 0 && !list.allowsAddress(host, port)) throw notListed(host, port);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await connected(address, port);
    } catch (error) {
      failure = error;
    }
  }
  throw new Unreached(`${nameOf(host, port)}: ${(failure as Error).message}`, false);
}

/** As rules are written. */
export function nameOf(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

async function resolve(list: HostList, host: string, port: number): Promise<readonly string[]> {
  if (!list.allowsName(host, port)) throw notListed(host, port);
  const found = await lookup(host, { all: true }).catch((error: Error) => {
    throw new Unreached(error.message, false);
  });
  const allowed = found
    .map(({ address }) => address)
    .filter((address) => list.mayLead(host, address, port));
  if (allowed.length > 0) return allowed;
  const where = found.map(({ address }) => address).join(", ");
  const advice = "which is not public; the list of hosts would have to name the address";
  throw new Unreached(`${nameOf(host, port)} leads to ${where}, ${advice}`, true);
}

function notListed(host: string, port: number): Unreached {
  const name = nameOf(host, port);
  return new Unreached(`${name} is not in the list of hosts; add "${name}"`, true);
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((settle, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, timeout: CONNECT_MS });
    socket.unref();
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error("no answer within 10 s")));
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.setTimeout(0).removeAllListeners("timeout");
      settle(socket);
    });
  });
}
