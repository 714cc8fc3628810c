import type { CodecName, Priority } from "@amphis/protocol";

import type { CallEnd, CallPart } from "./call-part.ts";
import type { Wire } from "./wire.ts";

/** How the parts of a call travel. */
export interface CallTravel {
  readonly priority: Priority;
  readonly codec: CodecName;
}

/** The far side of a call, over a wire. */
export class WireEnd implements CallEnd {
  readonly #wire: Wire;
  readonly #id: number;
  readonly #travel: CallTravel;

  constructor(wire: Wire, id: number, travel: CallTravel) {
    this.#wire = wire;
    this.#id = id;
    this.#travel = travel;
  }

  take(part: CallPart): void {
    this.#wire.say(this.#id, part, this.#travel);
  }
}
