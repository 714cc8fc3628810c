/*
 * Globs for targets and names: `?` is one character but a dot, `*` any number of characters but dots, `**` any number of any characters.
 * A character is a code point of Unicode.
 *
 * A glob becomes an automaton whose states are bits: state i says that i characters of the glob, stars apart, were found. A star is a state
 * that may stay as it is. Each character of a text moves all states at once, so the time is the length of the text times the words of 32
 * states, whatever the glob and the text are.
 */

import { checkText, MAX_PATTERN_BYTES } from "./name.ts";

const DOT = 0x2e;

/** A step of a glob, as {@link parseGlob} gives it: a code point, or one of the wildcards. */
export type GlobStep = number | "?" | "*" | "**";

/**
 * Checks that a text is a glob.
 *
 * @throws {AmphisError} NAME_INVALID with what is wrong; {TypeError} when it is no string
 */
export function checkGlob(pattern: string): void {
  checkText("glob", pattern, MAX_PATTERN_BYTES);
}

/** The steps of a glob, with stars that stand together made one. */
export function parseGlob(pattern: string): GlobStep[] {
  const steps: GlobStep[] = [];
  for (const [part] of pattern.matchAll(/\*+|[^*]/gu)) {
    if (part === "?" || part === "*") steps.push(part);
    else steps.push(part.startsWith("*") ? "**" : codeOf(part));
  }
  return steps;
}

/**
 * Makes a glob into a function that says whether it matches a whole text.
 *
 * @throws {AmphisError} NAME_INVALID when it is no glob
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  checkGlob(pattern);
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const automaton = new GlobAutomaton(parseGlob(pattern));
  return (text) => automaton.matches(text);
}

class GlobAutomaton {
  readonly #words: number;
  readonly #accepting: number;
  /** States that a character leaves for the next one, by code point; those that only a `?` lets pass otherwise. */
  readonly #leave = new Map<number, Uint32Array>();
  readonly #leaveOther: Uint32Array;
  /** States that stay at a dot, and at any other character. */
  readonly #stayAtDot: Uint32Array;
  readonly #stay: Uint32Array;
  readonly #active: Uint32Array;

  constructor(steps: readonly GlobStep[]) {
    const moves = steps.filter((step) => step !== "*" && step !== "**");
    this.#accepting = moves.length;
    this.#words = (moves.length >>> 5) + 1;
    this.#leaveOther = new Uint32Array(this.#words);
    this.#stayAtDot = new Uint32Array(this.#words);
    this.#stay = new Uint32Array(this.#words);
    this.#active = new Uint32Array(this.#words);
    this.#leave.set(DOT, new Uint32Array(this.#words));
    for (const step of moves) {
      if (typeof step === "number") this.#leave.set(step, new Uint32Array(this.#words));
    }
    let state = 0;
    for (const step of steps) {
      this.#add(step, state);
      if (step !== "*" && step !== "**") state += 1;
    }
  }

  matches(text: string): boolean {
    const active = this.#active.fill(0);
    active[0] = 1;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.codePointAt(i) as number;
      if (code > 0xffff) i += 1;
      if (!this.#step(code)) return false;
    }
    return has(active, this.#accepting);
  }

  #add(step: GlobStep, state: number): void {
    switch (step) {
      case "**":
        include(this.#stayAtDot, state);
        include(this.#stay, state);
        break;
      case "*":
        include(this.#stay, state);
        break;
      case "?":
        include(this.#leaveOther, state);
        for (const [code, states] of this.#leave) if (code !== DOT) include(states, state);
        break;
      default:
        include(this.#leave.get(step) as Uint32Array, state);
    }
  }

  /** Moves every state; false when none is left. From the highest word down, so that each still finds the old one below it. */
  #step(code: number): boolean {
    const active = this.#active;
    const leave = this.#leave.get(code) ?? this.#leaveOther;
    const stay = code === DOT ? this.#stayAtDot : this.#stay;
    let some = 0;
    for (let word = this.#words - 1; word >= 0; word -= 1) {
      const states = active[word] as number;
      const carried =
        word === 0 ? 0 : ((active[word - 1] as number) & (leave[word - 1] as number)) >>> 31;
      const moved = ((states & (leave[word] as number)) << 1) | carried;
      some |= active[word] = moved | (states & (stay[word] as number));
    }
    return some !== 0;
  }
}

function include(states: Uint32Array, state: number): void {
  const word = state >>> 5;
  states[word] = (states[word] as number) | (1 << (state & 31));
}

function has(states: Uint32Array, state: number): boolean {
  return ((states[state >>> 5] as number) & (1 << (state & 31))) !== 0;
}

function codeOf(character: string): number {
  return character.codePointAt(0) as number;
}
