import { AsyncLocalStorage } from "node:async_hooks";

import type { Conversation } from "./conversation.ts";

/** One run of a function that a worker calls, until its answer is sent. */
interface Scope {
  readonly conversation: Conversation;
  isOver: boolean;
}

const storage = new AsyncLocalStorage<Scope>();
let scopes = 0;
let isLookedAt = false;

/**
 * The conversation whose worker waits for the callback that the current code runs in, at any depth of calls and awaits; undefined outside
 * of callbacks, and when the callback was answered meanwhile.
 */
export function callingConversation(): Conversation | undefined {
  const scope = storage.getStore();
  return scope === undefined || scope.isOver ? undefined : scope.conversation;
}

/** Runs a callback. `end` is to be called when it was answered. */
export function runCallback<T>(conversation: Conversation, run: (end: () => void) => T): T {
  const scope: Scope = { conversation, isOver: false };
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
