/**
 * A machine of two processors that reorder as x86 does (TSO): a store goes through the processor's own buffer, whose oldest
 * entry reaches the memory at any later time; a load sees the own buffer first. Fences, compare-and-swap and system
 * calls wait until the buffer is empty. Under sequential consistency a store reaches the memory at once.
 */

/** Words by name. All that will ever be used are there from the start, so that equal states have equal keys. */
type Words = Readonly<Record<string, number>>;

/** One of the two processors. */
export interface Processor {
  /** Name of the next step; "end": none. */
  readonly at: string;
  readonly registers: Words;
  readonly buffer: readonly (readonly [word: string, value: number])[];
  /** The word it sleeps on in the kernel, or its doorbell. */
  readonly asleep: string | undefined;
  /** Sleeps that may still end for nothing. */
  readonly timeouts: number;
}

/** All that the machine is at one moment. */
export interface State {
  readonly memory: Words;
  readonly processors: readonly [Processor, Processor];
  /** A promise that was broken. */
  readonly broken: string | undefined;
}

/** What a step may do; each step touches the memory at most once. */
export class Step {
  readonly #who: 0 | 1;
  readonly #ordered: boolean;
  readonly registers: Record<string, number>;
  #memory: Words;
  #buffer: Processor["buffer"];
  #asleep: string | undefined;
  #woken: string | undefined;
  #broken: string | undefined;
  readonly #before: State;

  constructor(state: State, who: 0 | 1, ordered: boolean) {
    const { registers, buffer, asleep } = state.processors[who];
    this.#before = state;
    this.#who = who;
    this.#ordered = ordered;
    this.#memory = state.memory;
    this.#buffer = buffer;
    this.#asleep = asleep;
    this.registers = { ...registers };
  }

  register(name: string): number {
    return this.registers[name] ?? 0;
  }

  load(word: string): number {
    const own = this.#buffer.findLast(([name]) => name === word);
    return own === undefined ? this.peek(word) : own[1];
  }

  store(word: string, value: number): void {
    if (this.#ordered) this.#memory = { ...this.#memory, [word]: value };
    else this.#buffer = [...this.#buffer, [word, value]];
  }

  /** What the memory itself holds, as compare-and-swap and the kernel see it. */
  peek(word: string): number {
    return this.#memory[word] ?? 0;
  }

  /** Writes past the buffer; only after a fence. */
  poke(word: string, value: number): void {
    this.#memory = { ...this.#memory, [word]: value };
  }

  sleep(on: string): void {
    this.#asleep = on;
  }

  /** Wakes the other processor if it sleeps on that. */
  wake(on: string): void {
    this.#woken = on;
  }

  breakPromise(promise: string): void {
    this.#broken = promise;
  }

  /** The state after the step. */
  end(next: string): State {
    const mine = this.#before.processors[this.#who];
    const other = this.#before.processors[this.#who === 0 ? 1 : 0];
    const after: Processor = {
      at: next,
      registers: this.registers,
      buffer: this.#buffer,
      asleep: this.#asleep,
      timeouts: mine.timeouts,
    };
    const woken = this.#woken !== undefined && other.asleep === this.#woken;
    const theirs = woken ? { ...other, asleep: undefined } : other;
    return {
      memory: this.#memory,
      processors: this.#who === 0 ? [after, theirs] : [theirs, after],
      broken: this.#broken,
    };
  }
}

/** The steps of one processor by name; each gives the name of the next one. */
export type Program = Readonly<
  Record<string, { readonly fenced?: boolean; readonly run: (step: Step) => string }>
>;

export interface Outcome {
  readonly states: number;
  /** What went wrong first; undefined: nothing in any interleaving. */
  readonly wrong: string | undefined;
}

/** The same text for equal states, and for no others. */
function keyOf({ memory, processors, broken }: State): string {
  const parts = processors.map(({ at, registers, buffer, asleep, timeouts }) =>
    [at, Object.values(registers).join(), buffer.join(), asleep, timeouts].join(":"),
  );
  return [Object.values(memory).join(), ...parts, broken].join("|");
}

/** Goes through every interleaving of two programs. */
export function explore(
  programs: readonly [Program, Program],
  start: State,
  ordered: boolean,
): Outcome {
  const seen = new Set([keyOf(start)]);
  const left = [start];
  for (let state = left.pop(); state !== undefined; state = left.pop()) {
    const next = successors(programs, state, ordered);
    const ended = state.processors.every(({ at }) => at === "end");
    const stuck = next.length === 0 && !ended ? "a side sleeps for ever" : undefined;
    const wrong = state.broken ?? stuck;
    if (wrong !== undefined) return { states: seen.size, wrong };
    for (const each of next) {
      const key = keyOf(each);
      if (seen.has(key)) continue;
      seen.add(key);
      left.push(each);
    }
  }
  return { states: seen.size, wrong: undefined };
}

function successors(
  programs: readonly [Program, Program],
  state: State,
  ordered: boolean,
): State[] {
  const next: State[] = [];
  for (const who of [0, 1] as const) {
    const { at, buffer, asleep, timeouts } = state.processors[who];
    const [oldest, ...rest] = buffer;
    if (oldest !== undefined) {
      const memory = { ...state.memory, [oldest[0]]: oldest[1] };
      next.push({ ...changed(state, who, { buffer: rest }), memory });
    }
    if (asleep !== undefined) {
      if (timeouts > 0) {
        next.push(changed(state, who, { asleep: undefined, timeouts: timeouts - 1 }));
      }
      continue;
    }
    const step = programs[who][at];
    if (step === undefined || (step.fenced === true && buffer.length > 0)) continue;
    const view = new Step(state, who, ordered);
    next.push(view.end(step.run(view)));
  }
  return next;
}

function changed(state: State, who: 0 | 1, change: Partial<Processor>): State {
  const [first, second] = state.processors;
  const processors: State["processors"] =
    who === 0 ? [{ ...first, ...change }, second] : [first, { ...second, ...change }];
  return { ...state, processors };
}
