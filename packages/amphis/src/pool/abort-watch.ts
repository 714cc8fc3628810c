/** Something that one signal can abort. */
export interface Abortable {
  aborted(reason: unknown): void;
}

/** Those who hear one signal. */
class Audience {
  readonly members = new Set<Abortable>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this);
  }

  leave(member: Abortable): boolean {
    this.members.delete(member);
    if (this.members.size > 0) return false;
    this.#signal.removeEventListener("abort", this);
    return true;
  }

  /** Called by the signal. */
  handleEvent(): void {
    for (const member of Array.from(this.members)) member.aborted(this.#signal.reason);
  }
}

/** Signals of callers, with one listener each however many calls hear it. */
export class AbortWatch {
  readonly #audiences = new Map<AbortSignal, Audience>();

  join(signal: AbortSignal, member: Abortable): void {
    let audience = this.#audiences.get(signal);
    if (audience === undefined) {
      audience = new Audience(signal);
      this.#audiences.set(signal, audience);
    }
    audience.members.add(member);
  }

  /** Harmless for who has not joined. */
  leave(signal: AbortSignal, member: Abortable): void {
    if (this.#audiences.get(signal)?.leave(member) === true) this.#audiences.delete(signal);
  }
}
