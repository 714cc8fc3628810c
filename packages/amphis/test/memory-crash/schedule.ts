import { RING_BYTES, type RingBytes } from "./host.ts";
import type { GuestPlan } from "./nursery.ts";
import { Random } from "./random.ts";
import { type Script, scriptOf } from "./script.ts";

const LONG = process.env["AMPHIS_LONG"] === "1";
/** Runs this schedule alone, or these: `49` or `49-60`. */
const ONLY = process.env["AMPHIS_CRASH_SEED"];
if (!LONG) console.log("skipped: 4,800 of the 5,000 schedules, set AMPHIS_LONG=1 for them");

/** How a guest dies. One that lives so long is killed when its script is done. */
export type Kill =
  /** By itself, with one of its own steps. */
  | { readonly how: "step"; readonly at: number }
  /** It stops with a step, and is killed when the host has filled the rings. */
  | { readonly how: "stop"; readonly at: number }
  /** By the host, when so many operations have begun, so many turns of its loop later. */
  | { readonly how: "outside"; readonly operations: number; readonly turns: number }
  /** Behind so many bytes of its offer. */
  | { readonly how: "offer"; readonly bytes: number }
  /** While it waits for memory. */
  | { readonly how: "starving" };

/** What happens to one guest. */
export interface GuestSchedule {
  readonly ringBytes: RingBytes;
  readonly script: Script;
  /** Undefined: nothing. */
  readonly kill: Kill | undefined;
}

/** What happens, as its seed decides. */
export interface Schedule {
  readonly seed: number;
  readonly title: string;
  readonly guests: readonly GuestSchedule[];
}

/** Seeds of all schedules of a kind: some in all runs, so many with AMPHIS_LONG=1. */
export function seeds(first: number, usual: number, long: number): readonly number[] {
  const all = Array.from(
    { length: LONG || ONLY !== undefined ? long : usual },
    (_, at) => first + at,
  );
  if (ONLY === undefined) return all;
  const [low = "", high = low] = ONLY.split("-");
  return all.filter((seed) => seed >= Number(low) && seed <= Number(high));
}

/** A host that lives, and guests of which some do not. */
export function guestsKilled(seed: number): Schedule {
  const random = new Random(seed);
  const count = random.between(1, 3);
  const victims = random.below(4) === 0 ? count : 1;
  const guests = Array.from({ length: count }, (_, at): GuestSchedule => {
    const ringBytes = random.pick(RING_BYTES);
    const kill = at < victims ? killOf(random) : undefined;
    const script = scriptOf(random, ringBytes);
    if (kill?.how !== "starving") return { ringBytes, script, kill };
    const steps = [...script.steps, { act: "starve", length: 300_000, extra: 0, then: "release" }];
    return { ringBytes, script: { ...script, steps } as Script, kill };
  });
  return { seed, title: titleOf(seed, guests), guests };
}

/** A host that dies, and guests that live. */
export interface HostSchedule extends Schedule {
  /** By itself, with this step; 0: not so. */
  readonly at: number;
  /** By itself, in the middle of so many bytes beside the rings; 0: not so. */
  readonly cut: number;
  /** From outside, when so many operations have begun; 0: not so. */
  readonly operations: number;
}

/** One that lives longer than all that happens to it is killed then. */
export function hostKilled(seed: number): HostSchedule {
  const random = new Random(seed);
  const guests = Array.from({ length: random.between(1, 3) }, (): GuestSchedule => {
    const ringBytes = random.pick(RING_BYTES);
    return { ringBytes, script: scriptOf(random, ringBytes), kill: undefined };
  });
  const chance = random.below(10);
  const at = chance < 6 ? random.scaled(20, 1_500) : 0;
  const cut = chance >= 6 && chance < 8 ? random.between(1, 100) : 0;
  const operations = chance >= 8 ? random.between(1, 10) : 0;
  const when = [`step ${at}`, `byte ${cut}`, `operation ${operations}`].filter(
    (each) => !each.endsWith(" 0"),
  );
  return { seed, title: `seed ${seed}: ${when.join()}`, guests, at, cut, operations };
}

/** How its guest is started. */
export function planOf({ kill }: GuestSchedule, addresses: readonly string[]): GuestPlan {
  if (kill?.how === "offer") return { addresses, offer: kill.bytes };
  if (kill?.how === "step") return { addresses, at: kill.at };
  if (kill?.how === "stop") return { addresses, at: kill.at, signal: "SIGSTOP" };
  return { addresses };
}

function killOf(random: Random): Kill {
  const chance = random.below(20);
  if (chance < 11) return { how: "step", at: random.scaled(1, 900) };
  if (chance < 13) return { how: "stop", at: random.scaled(30, 700) };
  if (chance < 18) {
    return { how: "outside", operations: random.between(1, 12), turns: random.between(0, 6) };
  }
  return chance === 18 ? { how: "offer", bytes: random.between(0, 8) } : { how: "starving" };
}

function titleOf(seed: number, guests: readonly GuestSchedule[]): string {
  const each = guests.map(({ ringBytes, kill }) => {
    if (kill === undefined) return `${ringBytes} lives`;
    const { how, ...when } = kill;
    return `${ringBytes} ${[how, ...Object.values(when)].join(" ")}`;
  });
  return `seed ${seed}: ${each.join(", ")}`;
}
