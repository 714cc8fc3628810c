import { AmphisError } from "@amphis/protocol";

import type { Conversation } from "./conversation.ts";

/** What is let go when a remote object is collected; it must not hold the object. */
interface Mooring {
  readonly conversation: Conversation;
  readonly id: number;
}

const net = new FinalizationRegistry<Mooring>(({ conversation, id }) => conversation.letGo(id));

/**
 * A live object of a worker: its identity, and nothing of what it can do.
 *
 * The worker keeps the object until it is released here, collected here, or the worker ends.
 */
export class RemoteObject {
  /** Never used again by its worker. */
  readonly id: number;
  /** `module.qualname` of its class. */
  readonly type: string;
  readonly conversation: Conversation;
  #isReleased = false;

  /** Made by the conversation that it comes from. */
  constructor(conversation: Conversation, id: number, type: string) {
    this.conversation = conversation;
    this.id = id;
    this.type = type;
    net.register(this, { conversation, id }, this);
  }

  /** Whether it was released here. Its worker may have ended all the same. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * Refuses to be used in what is said to a worker.
   *
   * @throws {AmphisError} HANDLE_GONE; HANDLE_ELSEWHERE for any worker but its own
   */
  expectUsable(there: Conversation): void {
    const { id, type, conversation } = this;
    const gone = this.#isReleased
      ? "it was released"
      : conversation.isEnded
        ? "its worker has ended"
        : undefined;
    if (gone !== undefined) {
      const context = { id, type, reason: gone };
      throw new AmphisError("HANDLE_GONE", `Cannot use ${type}: ${gone}`, context);
    }
    if (conversation === there) return;
    const reason = `it lives in worker ${conversation.worker}, and the call is for worker ${there.worker}`;
    throw new AmphisError("HANDLE_ELSEWHERE", `Cannot use ${type}: ${reason}`, { type, reason });
  }

  /** Lets it go, soon and together with others; more releases do nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    net.unregister(this);
    this.conversation.letGo(this.id);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
