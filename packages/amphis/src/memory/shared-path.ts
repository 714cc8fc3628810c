/** Why a value could not go through shared memory. */
export type FailureKind = "exhausted" | "refused" | "released" | "other";

/** Codes that say so; what is not here is `other`. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  MEMORY_EXHAUSTED: "exhausted",
  MEMORY_QUOTA_EXCEEDED: "exhausted",
  REFERENCE_FORGED: "refused",
  REFERENCE_EXPIRED: "refused",
  REFERENCE_HOLDER: "refused",
  REFERENCE_OUT_OF_BOUNDS: "refused",
  REFERENCE_REPLAYED: "refused",
  REFERENCE_STALE: "released",
  LEASE_RELEASED: "released",
  ARENA_CLOSED: "released",
};

export function failureKind(error: unknown): FailureKind {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && Object.hasOwn(KINDS, code)
    ? (KINDS[code] as FailureKind)
    : "other";
}

/** `trial`: one value goes through shared memory, and what becomes of it decides. */
export type SharedPathState =
  | { readonly kind: "on" }
  | { readonly kind: "off"; readonly until: number }
  | { readonly kind: "trial"; readonly until: number };

const FAILURES_UNTIL_OFF = 3;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** Whether shared memory is used at all: off after failures in a row, tried again after a pause that doubles. */
export class SharedPath {
  #state: SharedPathState = { kind: "on" };
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;

  get state(): SharedPathState {
    return this.#state;
  }

  /** Says whether a value may go this way now. A trial whose end nobody told is over after a pause as well. */
  admit(now: number): boolean {
    if (this.#state.kind === "on") return true;
    if (now < this.#state.until) return false;
    this.#state = { kind: "trial", until: now + this.#pauseMs };
    return true;
  }

  /** @returns whether that switched it on */
  succeeded(): boolean {
    this.#failures = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    const wasOff = this.#state.kind !== "on";
    this.#state = { kind: "on" };
    return wasOff;
  }

  /** @returns whether that switched it off */
  failed(now: number): boolean {
    this.#failures += 1;
    if (this.#state.kind === "on" && this.#failures < FAILURES_UNTIL_OFF) return false;
    // Those that were on their way when it was switched off tell nothing new.
    if (this.#state.kind === "off") return false;
    if (this.#state.kind === "trial") this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
    const wasOn = this.#state.kind === "on";
    this.#state = { kind: "off", until: now + this.#pauseMs };
    return wasOn;
  }
}
