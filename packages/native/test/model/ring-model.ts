import { explore, type Outcome, type Program, type State, type Step } from "./machine.ts";

/** Positions count in steps of 8, as records do, and run over here. */
const MODULUS = 64;
const AWAKE = 0;
const HOW = { futex: 1, doorbell: 2 } as const;

/** "both": one after the other, as a side that is watched on an event loop and also waited for. */
type Sleep = keyof typeof HOW | "both";

/** What `native/ring.c` and `native/ring_wait.c` must not leave out. */
export type Omission =
  | "fence after publishing"
  | "fence after announcing"
  | "named position"
  | "compare-and-swap"
  | "look after announcing"
  | "record before position";

export interface RingModel {
  readonly records: number;
  /** In records. */
  readonly capacity: number;
  /** Where both positions begin; close to the modulus they run over. */
  readonly start: number;
  readonly producer: Sleep;
  readonly consumer: Sleep;
  /** The consumer takes all that is there before it publishes once. */
  readonly batches: boolean;
  /** Sleeps of each side that may end for nothing, as slices do. */
  readonly timeouts: number;
  /** Without reordering. */
  readonly ordered: boolean;
  readonly omission?: Omission;
}

type Side = "producer" | "consumer";

/** Every interleaving of a producer and a consumer of one ring. */
export function exploreRing(model: RingModel): Outcome {
  const { start, timeouts, ordered } = model;
  const processor = {
    at: "next",
    registers: { position: start, published: start, peer: start, moved: 0, said: 0 },
    buffer: [],
    asleep: undefined,
    timeouts,
  };
  const memory = {
    tail: start,
    head: start,
    "consumer waits": AWAKE,
    "producer waits": AWAKE,
    "consumer bell": 0,
    "producer bell": 0,
    "slot 0": 0,
    "slot 1": 0,
  };
  const state: State = { memory, processors: [processor, processor], broken: undefined };
  return explore([program(model, "producer"), program(model, "consumer")], state, ordered);
}

/** The steps of one side, named as the functions of the C code where they have one. */
function program(model: RingModel, side: Side): Program {
  const { records, capacity, omission, batches } = model;
  const produces = side === "producer";
  const [own, peer] = produces ? ["tail", "head"] : ["head", "tail"];
  const other = produces ? "consumer" : "producer";
  const [ownWaits, peerWaits] = [`${side} waits`, `${other} waits`];
  const [ownBell, peerBell] = [`${side} bell`, `${other} bell`];
  const mode = model[side];
  const how = (step: Step): number =>
    mode === "both" ? 1 + (step.register("moved") % 2) : HOW[mode];

  const used = (step: Step): number => {
    const distance = step.register("position") - step.register("peer");
    return (((produces ? distance : -distance) % MODULUS) + MODULUS) % MODULUS;
  };
  const isReady = (step: Step): boolean => (produces ? used(step) < capacity * 8 : used(step) > 0);
  const slot = (step: Step): string => `slot ${(step.register("position") / 8) % capacity}`;
  const isNamed = (said: number, position: number): boolean =>
    omission !== "named position" && (said & ~7) === position;
  const judge = (step: Step, said: number): string => {
    step.registers["said"] = said;
    return said === AWAKE || isNamed(said, step.register("published")) ? "next" : "take back";
  };

  return {
    next: {
      run: (step) => {
        if (step.register("moved") === records) return "end";
        return isReady(step) ? start() : "look";
      },
    },
    look: {
      run: (step) => {
        step.registers["peer"] = step.load(peer);
        return isReady(step) ? start() : "announce";
      },
    },
    announce: {
      run: (step) => {
        step.store(ownWaits, step.register("peer") | how(step));
        if (omission === "look after announcing") return "sleep";
        return omission === "fence after announcing" ? "look again" : "announce fence";
      },
    },
    "announce fence": { fenced: true, run: () => "look again" },
    "look again": {
      run: (step) => {
        const seen = step.register("peer");
        step.registers["peer"] = step.load(peer);
        if (isReady(step)) return "withdraw";
        return step.register("peer") === seen ? "sleep" : "announce";
      },
    },
    withdraw: {
      run: (step) => {
        step.store(ownWaits, AWAKE);
        return start();
      },
    },
    sleep: {
      fenced: mode !== "doorbell",
      run: (step) => {
        if (how(step) === HOW.doorbell) {
          if (step.peek(ownBell) === 0) step.sleep(ownBell);
          return "hear";
        }
        if (step.peek(peer) === step.register("peer")) step.sleep(peer);
        return "wake up";
      },
    },
    hear: {
      fenced: true,
      run: (step) => {
        step.poke(ownBell, 0);
        return "look";
      },
    },
    "wake up": {
      run: (step) => {
        step.store(ownWaits, AWAKE);
        return "look";
      },
    },
    move: {
      run: (step) => {
        const moved = step.register("moved") + 1;
        if (produces) step.store(slot(step), moved);
        else if (step.load(slot(step)) !== moved) step.breakPromise("a record is another one");
        step.registers["moved"] = moved;
        step.registers["position"] = (step.register("position") + 8) % MODULUS;
        const goesOn = !produces && batches && isReady(step) && moved < records;
        if (goesOn) return "move";
        return omission === "record before position" && produces ? "fence" : "publish";
      },
    },
    publish: {
      run: (step) => {
        const early = omission === "record before position" && produces;
        const position = (step.register("position") + (early ? 8 : 0)) % MODULUS;
        step.store(own, position);
        step.registers["published"] = position;
        if (early) return "move";
        return omission === "fence after publishing" ? "read sleeper" : "fence";
      },
    },
    fence: { fenced: true, run: () => "read sleeper" },
    "read sleeper": { run: (step) => judge(step, step.load(peerWaits)) },
    "take back": {
      fenced: true,
      run: (step) => {
        const said = step.register("said");
        const now = step.peek(peerWaits);
        if (now !== said && omission !== "compare-and-swap") return judge(step, now);
        step.poke(peerWaits, AWAKE);
        return "wake";
      },
    },
    wake: {
      fenced: true,
      run: (step) => {
        const isFutex = (step.register("said") & 7) === HOW.futex;
        if (!isFutex) step.poke(peerBell, 1);
        step.wake(isFutex ? own : peerBell);
        return "next";
      },
    },
  };

  /** The first step of a move: a producer that is told to be wrong publishes the position before the record. */
  function start(): string {
    return omission === "record before position" && produces ? "publish" : "move";
  }
}
