import { type BigIntStats, existsSync, linkSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { isMainThread } from "node:worker_threads";

import { isAmphisError } from "@amphis/protocol";

import { addressOf, invalidAddress } from "./address.ts";
import { listenFailed, listenSocket, type ServerPlan } from "./socket-listener.ts";
import type { Acceptor, Listener, ListenOptions } from "./transport.ts";

/** Bytes of a path that the system takes, without the NUL behind it. */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Where and how to listen. A server is used once, so a second attempt needs another. */
export interface SocketPlace {
  readonly address: string;
  readonly path: string;
  readonly plan: () => ServerPlan;
}

/** What Node and the system call the socket of an address. @throws {AmphisError} ADDRESS_INVALID */
export function socketPath(
  address: string,
  scheme: "unix" | "shm",
  allowAbstract: boolean,
): string {
  const { path, abstract } = addressOf(address, scheme);
  if (process.platform === "win32") {
    throw invalidAddress(address, "Windows has no Unix sockets here: use pipe:name");
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw invalidAddress(address, `the path has ${bytes} bytes, more than ${MAX_PATH_BYTES}`);
  }
  if (!abstract) return path;
  if (process.platform !== "linux") {
    throw invalidAddress(address, "only Linux has abstract sockets");
  }
  if (!allowAbstract) {
    throw invalidAddress(address, "any process may take an abstract socket: set allowAbstract");
  }
  return `\0${path}`;
}

/**
 * Listens on a socket that only the own user may connect to (mode 0600).
 *
 * A socket that a dead process left is replaced; one that answers, and a file of any other kind, never is.
 */
export async function listenOnPath(
  place: SocketPlace,
  accept: Acceptor,
  options: ListenOptions | undefined,
): Promise<Listener> {
  const { address, path, plan } = place;
  // A name outside of the file system has no file, and so none to replace.
  if (path.startsWith("\0")) return listenSocket(plan(), accept, address, options);
  return listenOnFile(place, accept, options);
}

async function listenOnFile(
  place: SocketPlace,
  accept: Acceptor,
  options: ListenOptions | undefined,
): Promise<Listener> {
  const { address, path } = place;
  try {
    return await bind(place, accept, options);
  } catch (error) {
    if (!isAmphisError(error, "LISTEN_FAILED")) throw error;
    const cause = error.cause as NodeJS.ErrnoException;
    // Node says EACCES for a folder that is not there, which leads the wrong way.
    if (cause.code === "EACCES" && !existsSync(dirname(path))) {
      throw listenFailed(address, cause, `the folder ${dirname(path)} does not exist`);
    }
    if (cause.code !== "EADDRINUSE") throw error;
    await removeStale(address, path, cause);
  }
  options?.signal?.throwIfAborted();
  return bind(place, accept, options);
}

async function bind(
  { address, path, plan }: SocketPlace,
  accept: Acceptor,
  options: ListenOptions | undefined,
): Promise<Listener> {
  // The socket is made within this call, so nothing else sees the mask. Threads may not set it: there, the mode is set right after.
  const mask = isMainThread ? process.umask(0o177) : undefined;
  let listening: Promise<Listener>;
  try {
    listening = listenSocket(plan(), accept, address, options);
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  const listener = await listening;
  if (!isMainThread) await chmod(path, 0o600);
  return listener;
}

/** @throws {AmphisError} LISTEN_FAILED unless there is nothing at the path any more */
async function removeStale(address: string, path: string, cause: Error): Promise<void> {
  try {
    const found = look(path);
    if (found === undefined) return;
    if (!found.isSocket()) throw listenFailed(address, cause, "there is a file that is no socket");
    const alive = await answers(path);
    if (alive || !moveAway(path, found)) {
      throw listenFailed(address, cause, "another process listens there");
    }
  } catch (error) {
    throw isAmphisError(error) ? error : listenFailed(address, error as Error);
  }
}

/**
 * Removes the socket that was found, and no other: another process may have put its own there by now. So it is moved away first, which only
 * one process can do, and moved back when it was the wrong one after all.
 *
 * @returns whether nothing of another process was there
 */
function moveAway(path: string, found: BigIntStats): boolean {
  const now = look(path);
  if (now === undefined) return true;
  if (!isSame(now, found)) return false;
  const aside = `${path}.${crypto.randomUUID()}`;
  renameSync(path, aside);
  const same = isSame(lstatSync(aside, { bigint: true }), found);
  if (!same) linkSync(aside, path);
  unlinkSync(aside);
  return same;
}

/** Numbers of files are used again, times are not. */
function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.mtimeNs === other.mtimeNs;
}

function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** Only a refusal proves that nobody listens: a full queue, or a lack of permission, does not. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    let refused = false;
    const socket: Socket = connect({ path });
    socket.on("connect", () => socket.destroy());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      refused = error.code === "ECONNREFUSED" || error.code === "ENOENT";
    });
    socket.on("close", () => resolve(!refused));
  });
}
