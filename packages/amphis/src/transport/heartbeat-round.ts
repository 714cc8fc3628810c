/** Who is looked at. */
export interface RoundMember {
  /** `awakeAt`: until then this process did nothing for long, and cannot have heard of anything. */
  check(now: number, awakeAt: number): void;
}

const CHECKS_PER_INTERVAL = 4;

/** One for each interval in use: thousands of connections share a timer. */
const rounds = new Map<number, Round>();

/** Has the member looked at four times in each interval, until it leaves. The timer keeps no process alive. */
export function joinRound(intervalMs: number, member: RoundMember): void {
  let round = rounds.get(intervalMs);
  if (round === undefined) {
    round = new Round(intervalMs);
    rounds.set(intervalMs, round);
  }
  round.members.add(member);
}

/** Harmless when it has left. */
export function leaveRound(intervalMs: number, member: RoundMember): void {
  const round = rounds.get(intervalMs);
  if (round === undefined || !round.members.delete(member) || round.members.size > 0) return;
  rounds.delete(intervalMs);
  round.stop();
}

class Round {
  readonly members = new Set<RoundMember>();
  readonly #intervalMs: number;
  readonly #periodMs: number;
  readonly #timer: ReturnType<typeof setInterval> & { unref?(): void };
  #lookedAt: number = performance.now();
  #awakeAt = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
    // Timers take no less than a millisecond.
    this.#periodMs = Math.max(1, intervalMs / CHECKS_PER_INTERVAL);
    this.#timer = setInterval(() => this.#look(), this.#periodMs);
    this.#timer.unref?.();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const lateMs = now - this.#lookedAt - this.#periodMs;
    if (lateMs > this.#intervalMs / 2) this.#awakeAt = now;
    this.#lookedAt = now;
    for (const member of this.members) member.check(now, this.#awakeAt);
  }
}
