import type { CodecName, Priority } from "@amphis/protocol";

import type { CallEnd, CallPart } from "./call-part.ts";
import type { Wire } from "./wire.ts";

/** How the parts of a call travel. */
export interface CallTravel {
  readonly priority: Priority;
  readonly codec: CodecName;
}

/** The far side of a call, over a wire. */
export class WireEnd implements CallEnd, CallTravel {
  readonly priority: Priority;
  readonly codec: CodecName;
  readonly #wire: Wire;
  readonly #id: number;

  /** Keeps nothing else of what says how it travels: a request would be kept until its answer. */
  constructor(wire: Wire, id: number, { priority, codec }: CallTravel) {
    this.priority = priority;
    this.codec = codec;
    this.#wire = wire;
    this.#id = id;
  }

  take(part: CallPart): void {
    this.#wire.say(this.#id, part, this);
  }
}
