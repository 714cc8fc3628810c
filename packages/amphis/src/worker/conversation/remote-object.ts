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
