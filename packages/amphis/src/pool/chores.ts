import { isAmphisError } from "@amphis/protocol";

import type { Conversation, Work } from "../worker/index.ts";

/** What workers are asked beside calls. */
export interface WorkerChores {
  /** Before a worker does anything else; if one fails, the worker is not used. @default [] */
  readonly begin?: readonly Work[] | undefined;
  /** While it has nothing to do; a worker whose answer is false, or an error, is replaced. @default [] */
  readonly health?: readonly Work[] | undefined;
  /** How often `health` is asked. @default 30_000 */
  readonly healthEveryMs?: number | undefined;
}

/** How often workers are asked, where nothing is said. */
export const HEALTH_EVERY_MS = 30_000;

/** Has a worker do something that is no call of anybody. Never settles when the worker ends before. */
export function doChore(conversation: Conversation, work: Work): Promise<unknown> {
  return new Promise((resolve, reject) => {
    conversation.start(work, { resolve, reject });
  });
}

/** Whether all is well with a worker, as far as it says. */
export async function isHealthy(
  conversation: Conversation,
  works: readonly Work[],
): Promise<boolean> {
  try {
    for (const work of works) if ((await doChore(conversation, work)) === false) return false;
    return true;
  } catch (error) {
    // Its end is noticed by others.
    return isAmphisError(error, "CONNECTION_CLOSED");
  }
}
