import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/**
 * @typedef {object} LockOptions
 * @property {AbortSignal} [signal] Ends the wait.
 * @property {(holder: number) => void} [onWait] Told once, with the process that holds the lock.
 * @property {number} [pollMs] How often a waiter looks. Default 200.
 * @property {number} [heartbeatMs] How often the holder shows that it lives. Default 2_000.
 * @property {number} [staleMs] Silence after which a holder counts as dead. Default 30_000.
 *
 * @typedef {object} Holder
 * @property {number} pid
 * @property {string} host
 * @property {string} token Differs for every holder, so that a lock is never mistaken for a later one.
 */

/**
 * Does `work` while no other process holds the lock file. The lock of a process that died is taken over.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {LockOptions} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, options = {}) {
  const { signal, onWait, pollMs = 200, heartbeatMs = 2_000, staleMs = 30_000 } = options;
  const self = { pid: process.pid, host: hostname(), token: crypto.randomUUID() };
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  while (!(await tryTake(path, self))) {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isDead(path, holder, staleMs))) {
      await removeLockOf(path, holder);
      continue;
    }
    if (holder !== undefined && !told) {
      onWait?.(holder.pid);
      told = true;
    }
    await delay(pollMs, undefined, signal === undefined ? {} : { signal });
  }
  const heartbeat = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => {}),
    heartbeatMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await removeLockOf(path, self);
  }
}

/**
 * Linking a complete file into place is atomic: no other process ever reads a lock without its holder.
 *
 * @param {string} path
 * @param {Holder} self
 * @returns {Promise<boolean>}
 */
async function tryTake(path, self) {
  const own = `${path}.${self.token}`;
  await writeFile(own, JSON.stringify(self));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") {
      return false;
    }
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * @param {string} path
 * @returns {Promise<Holder | undefined>} `undefined` where nobody holds it by now.
 */
async function readHolder(path) {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseHolder(text);
}

/**
 * @param {string} text
 * @returns {Holder}
 */
function parseHolder(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { pid: 0, host: "", token: text }; // a damaged file has no holder; its age decides
  }
}

/**
 * @param {string} path
 * @param {Holder} holder
 * @param {number} staleMs
 * @returns {Promise<boolean>}
 */
async function isDead(path, holder, staleMs) {
  if (holder.host === hostname() && !isAlive(holder.pid)) {
    return true;
  }
  const touched = await stat(path).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > staleMs;
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * Removes the lock only where it is still this holder's: it is moved aside, looked at, and put back if it is another's.
 *
 * @param {string} path
 * @param {Holder} holder
 */
async function removeLockOf(path, holder) {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // somebody else was faster
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== holder.token) {
    await link(aside, path).catch(() => {});
  }
  await rm(aside, { force: true });
}
