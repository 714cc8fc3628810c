import { memoryLost } from "../telemetry/index.ts";
import type { Hold } from "./holder.ts";

/** What the registry keeps for an anchor: the hold that is lost when the anchor is collected. */
interface Mooring {
  hold: Hold | undefined;
}

/** Whatever may use the memory of a lease holds its anchor: the lease and its views. */
export class Anchor {
  readonly mooring: Mooring;

  constructor(mooring: Mooring) {
    this.mooring = mooring;
  }
}

const MAX_SPARE_ANCHORS = 1_024;

/**
 * Gives back the memory of leases that were forgotten, some time after the lease and its views were collected. A net, not a way to release.
 *
 * What is watched is an anchor, not the lease, because watching costs the collector half a microsecond: the anchor of a lease that was
 * released serves the next one.
 */
export class LeaseNet {
  readonly #registry: FinalizationRegistry<Mooring>;
  readonly #spare: Anchor[] = [];
  #lost = 0;

  constructor(
    release: (hold: Hold) => void,
    onLost: ((message: string) => void) | undefined = defaultWarning(),
  ) {
    this.#registry = new FinalizationRegistry(({ hold }) => {
      if (hold === undefined || hold.isReleased) return;
      if (hold.isForgettable) return release(hold);
      this.#lost += 1;
      const { byteLength, site } = hold.grant;
      const where = site ?? "set AMPHIS_MEMORY_TRACE=1 to see where";
      release(hold);
      if (memoryLost.hasSubscribers) memoryLost.publish({ byteLength, allocated: site });
      onLost?.(
        `A lease of ${byteLength} bytes was collected before it was released; allocated ${where}`,
      );
    });
  }

  get lost(): number {
    return this.#lost;
  }

  anchor(hold: Hold): Anchor {
    const spare = this.#spare.pop();
    if (spare !== undefined) {
      spare.mooring.hold = hold;
      return spare;
    }
    const mooring: Mooring = { hold };
    const anchor = new Anchor(mooring);
    this.#registry.register(anchor, mooring);
    return anchor;
  }

  /** For the anchor of a lease that was released. */
  free(anchor: Anchor): void {
    anchor.mooring.hold = undefined;
    if (this.#spare.length < MAX_SPARE_ANCHORS) this.#spare.push(anchor);
  }
}

function defaultWarning(): ((message: string) => void) | undefined {
  if (process.env["NODE_ENV"] === "production") return undefined;
  return (message) => process.emitWarning(message, { code: "AMPHIS_LEASE_LOST" });
}
