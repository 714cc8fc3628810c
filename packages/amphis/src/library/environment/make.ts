import { build } from "./build.ts";
import { choose } from "./choose.ts";
import type { Environment } from "./environment.ts";
import { readLock, writeLock } from "./lock.ts";
import { isStale, lockPathOf, openReady, readyFor } from "./ready.ts";
import type { OpenEnvironmentOptions, Wanted } from "./request.ts";
import { inTurn, type Work } from "./work.ts";

/** Makes the environment that is wanted, and its lock where that says nothing of it, when it is this process's turn. */
export function make(wanted: Wanted, options: OpenEnvironmentOptions): Promise<Environment> {
  return inTurn(wanted, options, makeReady);
}

/** Whoever had the turn before may have done it all. */
async function makeReady(work: Work): Promise<Environment> {
  const { wanted } = work;
  const path = lockPathOf(wanted);
  const lock = await readLock(path);
  const locked = lock.get(wanted.environment);
  const ready = await openReady(wanted, locked);
  if (ready !== undefined) return ready;
  if (locked !== undefined && !isStale(locked, wanted)) {
    return build(work, await work.equip(locked.python), locked);
  }
  const equipment = await work.equip(undefined);
  const chosen = await choose(work, equipment, locked?.packages ?? []);
  const environment = (await readyFor(wanted, chosen)) ?? (await build(work, equipment, chosen));
  await writeLock(path, new Map([...lock, [wanted.environment, chosen]]));
  return environment;
}
