import { AsyncLocalStorage } from "node:async_hooks";

import type { Conversation } from "./conversation.ts";

/** One run of a function that a worker calls. */
export interface Calling {
  /** With the worker that waits. */
  readonly conversation: Conversation;
  /** Its callId. */
  readonly callback: number;
}

/** The same until its answer is sent. */
interface Scope extends Calling {
  isOver: boolean;
}

const storage = new AsyncLocalStorage<Scope>();
let scopes = 0;
let isLookedAt = false;

/**
 * The callback that the current code runs in, at any depth of calls and awaits; undefined outside of callbacks, and when the callback was
 * answered meanwhile.
 */
export function currentCallback(): Calling | undefined {
  const scope = storage.getStore();
  return scope === undefined || scope.isOver ? undefined : scope;
}

/** The conversation whose worker waits for that callback. */
export function callingConversation(): Conversation | undefined {
  return currentCallback()?.conversation;
}

/** Runs a callback. `end` is to be called when it was answered. */
export function runCallback<T>(
  { conversation, callback }: Calling,
  run: (end: () => void) => T,
): T {
  const scope: Scope = { conversation, callback, isOver: false };
  scopes += 1;
  return storage.run(scope, run, () => {
    if (scope.isOver) return;
    scope.isOver = true;
    scopes -= 1;
    if (scopes === 0 && !isLookedAt) {
      isLookedAt = true;
      setImmediate(rest);
    }
  });
}

/** While a context is stored, each promise of the process costs more, in some versions of Node. */
function rest(): void {
  isLookedAt = false;
  if (scopes === 0) storage.disable();
}
