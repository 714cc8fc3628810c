import { readFileSync } from "node:fs";

import { AmphisError, type ErrorCode } from "@amphis/protocol";
import { expect, test } from "vitest";

import type { Path } from "./latency-model.ts";
import { Placement, type PlacementEvent } from "./placement.ts";

/** What happened, and what was decided: Python decides the same (spec/vectors/placement.json). */
interface History {
  readonly name: string;
  readonly options: {
    readonly path?: Path;
    readonly minSharedBytes?: number;
    readonly hysteresis?: number;
    readonly exploreEvery?: number;
  };
  readonly steps: readonly Step[];
  readonly events: readonly PlacementEvent[];
  readonly state: string;
  readonly inline: number;
  readonly shared: number;
  readonly fallbacks: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly comparison: readonly Comparison[];
}

type Step =
  | readonly ["now", number]
  | readonly ["choose", string, number, Path]
  | readonly ["succeeded", string, number, Path, number]
  | readonly ["failed", ErrorCode, string];

interface Comparison {
  readonly kind: string;
  readonly bytes: number;
  readonly preferred: Path;
  readonly inline: readonly [samples: number, meanMs: number];
  readonly shared: readonly [samples: number, meanMs: number];
}

const histories = JSON.parse(
  readFileSync(new URL("../../../../spec/vectors/placement.json", import.meta.url), "utf8"),
) as readonly History[];

/** Means of many steps: the same to the last digits, whatever the language. */
const DIGITS = 9;

test.each(histories.map((history) => [history.name, history] as const))(
  "every language decides alike: %s",
  (_, history) => {
    const events: PlacementEvent[] = [];
    let now = 0;
    const placement = new Placement({
      ...history.options,
      now: () => now,
      onEvent: (event) => events.push(event),
    });
    for (const step of history.steps) {
      if (step[0] === "now") now = step[1];
      else if (step[0] === "choose") {
        const [, kind, bytes, path] = step;
        expect([kind, bytes, placement.choose({ bytes, kind })]).toEqual([kind, bytes, path]);
      } else if (step[0] === "succeeded") {
        placement.succeeded({ kind: step[1], bytes: step[2] }, step[3], step[4]);
      } else {
        const error = new AmphisError(step[1], "Cannot allocate: test", {} as never);
        expect(placement.failed(error)).toBe(step[2]);
      }
    }
    const { state, inline, shared, fallbacks, failures } = history;
    expect(placement.figures()).toEqual({ state, inline, shared, fallbacks, failures });
    expect(events).toEqual(history.events);
    const compared = placement.compare();
    expect(compared).toHaveLength(history.comparison.length);
    for (const [at, expected] of history.comparison.entries()) {
      const actual = compared[at];
      const { kind, bytes, preferred } = expected;
      expect(actual).toMatchObject({ kind, bytes, preferred });
      for (const path of ["inline", "shared"] as const) {
        expect(actual?.[path].samples).toBe(expected[path][0]);
        expect(actual?.[path].meanMs).toBeCloseTo(expected[path][1], DIGITS);
      }
    }
  },
);
