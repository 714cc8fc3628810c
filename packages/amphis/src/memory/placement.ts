import { fallback, memoryPath } from "../telemetry/index.ts";
import { LatencyModel, type Path, type PathFigures } from "./latency-model.ts";
import { type FailureKind, failureKind, SharedPath, type SharedPathState } from "./shared-path.ts";

/** What is to be handed over. */
export interface Parcel {
  readonly bytes: number;
  /** What it is, for those that cost differently: `tensor`, `bytes`, `table`. At most 32 kinds are told apart. */
  readonly kind: string;
}

export type PlacementEvent =
  | { readonly kind: "switched-off"; readonly failure: FailureKind }
  | { readonly kind: "switched-on" }
  | {
      readonly kind: "preferred";
      readonly path: Path;
      readonly parcel: string;
      readonly bytes: number;
    };

export interface PlacementOptions {
  /** Always this path, whatever was learned; shared memory that fails is left all the same. @default learned */
  readonly path?: Path | undefined;
  /** Smaller values always go inline. @default 1_024 */
  readonly minSharedBytes?: number | undefined;
  /** How much faster the other path must be to be preferred, as a part of the present one. @default 0.2 */
  readonly hysteresis?: number | undefined;
  /** Every so many values of a kind and size, one goes the path that is not preferred, to be measured. 0 = never. @default 64 */
  readonly exploreEvery?: number | undefined;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: (() => number) | undefined;
  readonly onEvent?: ((event: PlacementEvent) => void) | undefined;
}

/** The two paths side by side, for values of one kind and about one size. */
export interface PlacementComparison {
  readonly kind: string;
  /** Values of so many bytes and more, up to twice as many. */
  readonly bytes: number;
  readonly preferred: Path;
  readonly inline: PathFigures;
  readonly shared: PathFigures;
}

export interface PlacementFigures {
  readonly state: SharedPathState["kind"];
  readonly inline: number;
  readonly shared: number;
  /** Values that went inline because shared memory failed or was off. */
  readonly fallbacks: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
}

interface Choice {
  readonly model: LatencyModel;
  preferred: Path;
  turns: number;
}

const MAX_KINDS = 32;
const OTHER_KIND = "other";

/**
 * Decides whether a value travels in the message or through shared memory.
 *
 * For each kind and power of two of size it learns what both paths take, keeps to one until the other is clearly faster, and now and then
 * measures the other. The same calls in the same order give the same decisions.
 */
export class Placement {
  readonly #fixed: Path | undefined;
  readonly #minSharedBytes: number;
  readonly #hysteresis: number;
  readonly #exploreEvery: number;
  readonly #now: () => number;
  readonly #onEvent: ((event: PlacementEvent) => void) | undefined;
  readonly #kinds = new Map<string, Map<number, Choice>>();
  readonly #path = new SharedPath();
  readonly #failures: Record<FailureKind, number> = {
    exhausted: 0,
    refused: 0,
    released: 0,
    other: 0,
  };
  readonly #chosen: Record<Path, number> = { inline: 0, shared: 0 };
  #fallbacks = 0;

  constructor(options: PlacementOptions = {}) {
    const { minSharedBytes = 1_024, hysteresis = 0.2, exploreEvery = 64, onEvent } = options;
    if (!(hysteresis >= 0 && hysteresis < 1)) {
      throw new RangeError(
        `Cannot decide: hysteresis must be from 0 to below 1, got ${hysteresis}`,
      );
    }
    this.#fixed = options.path;
    this.#minSharedBytes = minSharedBytes;
    this.#hysteresis = hysteresis;
    this.#exploreEvery = exploreEvery;
    this.#now = options.now ?? (() => performance.now());
    this.#onEvent = onEvent;
  }

  choose(parcel: Parcel): Path {
    const path = this.#choose(parcel);
    this.#chosen[path] += 1;
    return path;
  }

  /** Tells how long a hand-over took, from the decision until the other side had the value. */
  succeeded(parcel: Parcel, path: Path, elapsedMs: number): void {
    if (path === "shared" && this.#path.succeeded()) this.#tell({ kind: "switched-on" });
    if (parcel.bytes < this.#minSharedBytes) return;
    const choice = this.#choice(parcel);
    choice.model.learn(path, elapsedMs);
    const other = opposite(choice.preferred);
    const { model } = choice;
    if (model.expectedMs(other) >= model.expectedMs(choice.preferred) * (1 - this.#hysteresis)) {
      return;
    }
    choice.preferred = other;
    const bytes = 2 ** powerOf(parcel.bytes);
    this.#tell({ kind: "preferred", path: other, parcel: parcel.kind, bytes });
  }

  /** Tells that shared memory failed; the value is to go inline. */
  failed(error: unknown): FailureKind {
    const failure = failureKind(error);
    this.#failures[failure] += 1;
    this.#fallbacks += 1;
    if (this.#path.failed(this.#now())) this.#tell({ kind: "switched-off", failure });
    return failure;
  }

  compare(): readonly PlacementComparison[] {
    return [...this.#kinds].flatMap(([kind, choices]) =>
      [...choices]
        .sort(([a], [b]) => a - b)
        .map(([power, { model, preferred }]) => ({
          kind,
          bytes: 2 ** power,
          preferred,
          inline: model.figures("inline"),
          shared: model.figures("shared"),
        })),
    );
  }

  figures(): PlacementFigures {
    return {
      state: this.#path.state.kind,
      ...this.#chosen,
      fallbacks: this.#fallbacks,
      failures: { ...this.#failures },
    };
  }

  #tell(event: PlacementEvent): void {
    publish(event);
    this.#onEvent?.(event);
  }

  #choose(parcel: Parcel): Path {
    if (parcel.bytes < this.#minSharedBytes) return "inline";
    const wanted = this.#fixed ?? this.#turn(this.#choice(parcel));
    if (wanted === "inline" || this.#path.admit(this.#now())) return wanted;
    this.#fallbacks += 1;
    return "inline";
  }

  #turn(choice: Choice): Path {
    choice.turns += 1;
    const isToExplore = this.#exploreEvery > 0 && choice.turns % this.#exploreEvery === 0;
    return isToExplore ? opposite(choice.preferred) : choice.preferred;
  }

  #choice({ bytes, kind }: Parcel): Choice {
    const choices = this.#choicesOf(kind);
    const power = powerOf(bytes);
    const known = choices.get(power);
    if (known !== undefined) return known;
    const model = new LatencyModel(1.5 * 2 ** power);
    const preferred = model.expectedMs("shared") < model.expectedMs("inline") ? "shared" : "inline";
    const choice: Choice = { model, preferred, turns: 0 };
    choices.set(power, choice);
    return choice;
  }

  /** Kinds may come from a peer, so what is remembered of them is bounded. */
  #choicesOf(kind: string): Map<number, Choice> {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    if (this.#kinds.size >= MAX_KINDS && kind !== OTHER_KIND) return this.#choicesOf(OTHER_KIND);
    const choices = new Map<number, Choice>();
    this.#kinds.set(kind, choices);
    return choices;
  }
}

function opposite(path: Path): Path {
  return path === "inline" ? "shared" : "inline";
}

function powerOf(bytes: number): number {
  return Math.floor(Math.log2(Math.max(1, bytes)));
}

function publish(event: PlacementEvent): void {
  if (event.kind === "preferred") {
    const { path, parcel, bytes } = event;
    if (memoryPath.hasSubscribers) memoryPath.publish({ path, parcel, bytes });
  } else if (fallback.hasSubscribers) {
    const isOn = event.kind === "switched-on";
    const reason = isOn ? "it works again" : `it failed too often, last: ${event.failure}`;
    fallback.publish({
      part: "memory",
      wanted: "shared",
      used: isOn ? "shared" : "inline",
      reason,
    });
  }
}
