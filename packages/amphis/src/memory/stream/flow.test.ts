import assert from "node:assert/strict";

import fc from "fast-check";
import { expect, test } from "vitest";

import { Inflow } from "./inflow.ts";
import { Outflow } from "./outflow.ts";

type Step = "write" | "arrive" | "use" | "credit";

/** A writer and a reader with all that is between them, of which any may be late. */
class Stream {
  readonly outflow = new Outflow();
  readonly inflow: Inflow;
  readonly arrived: number[] = [];
  readonly #window: number;
  readonly #chunks: number;
  readonly #items: number[] = [];
  readonly #credits: number[] = [];
  #waiting = 0;
  #inHand = 0;

  constructor(window: number, chunks: number) {
    this.#window = window;
    this.#chunks = chunks;
    this.inflow = new Inflow(window);
  }

  /** @returns whether there was anything to do */
  run(step: Step): boolean {
    const did = this.#run(step);
    assert.ok(this.#items.length + this.#waiting + this.#inHand <= this.#window);
    return did;
  }

  #run(step: Step): boolean {
    switch (step) {
      case "write":
        return this.#write();
      case "arrive":
        return this.#arrive();
      case "use":
        return this.#use();
      case "credit":
        return this.#credit();
    }
  }

  #write(): boolean {
    if (!this.outflow.hasCredit || this.outflow.count === this.#chunks) return false;
    this.#items.push(this.outflow.take());
    return true;
  }

  #arrive(): boolean {
    const sequence = this.#items.shift();
    if (sequence === undefined) return false;
    this.inflow.arrive(sequence);
    this.arrived.push(sequence);
    this.#waiting += 1;
    return true;
  }

  /** Asks for the next chunk, as a loop does. */
  #use(): boolean {
    let credit = this.inflow.begin();
    const had = this.#inHand;
    if (had > 0) credit += this.inflow.use();
    this.#inHand = Math.min(1, this.#waiting);
    this.#waiting -= this.#inHand;
    if (credit > 0) this.#credits.push(credit);
    return credit > 0 || had > 0 || this.#inHand > 0;
  }

  #credit(): boolean {
    const credit = this.#credits.shift();
    if (credit !== undefined) this.outflow.grant(credit);
    return credit !== undefined;
  }
}

const STEPS: readonly Step[] = ["write", "arrive", "use", "credit"];

test("any schedule brings every chunk in order, and never more than the window are held", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(40),
      fc.array(fc.constantFrom(...STEPS), { maxLength: 200 }),
      (window, chunks, schedule) => {
        const stream = new Stream(window, chunks);
        for (const step of schedule) stream.run(step);
        // Whatever came before, it never comes to a standstill.
        while (STEPS.some((step) => stream.run(step)));
        expect(stream.arrived).toEqual(Array.from({ length: chunks }, (_, at) => at));
        stream.inflow.end(stream.outflow.count);
      },
    ),
    { numRuns: 300 },
  );
});

test("a writer that takes more than its credit is refused wherever it does so", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(30), (window, used) => {
      const inflow = new Inflow(window);
      let credit = inflow.begin();
      let sequence = 0;
      for (; sequence < used; sequence += 1) {
        credit -= 1;
        inflow.arrive(sequence);
        credit += inflow.use();
      }
      for (; credit > 0; credit -= 1, sequence += 1) inflow.arrive(sequence);
      expect(() => inflow.arrive(sequence)).toThrow(
        expect.objectContaining({ code: "CHUNK_STREAM_OVERRUN", window }),
      );
    }),
  );
});

test("a chunk before the first credit, out of order or after the end is refused", () => {
  expect(() => new Inflow(4).arrive(0)).toThrow(
    expect.objectContaining({ code: "CHUNK_STREAM_OVERRUN" }),
  );
  const inflow = new Inflow(4);
  inflow.begin();
  inflow.arrive(0);
  for (const sequence of [0, 2]) {
    expect(() => inflow.arrive(sequence)).toThrow(
      expect.objectContaining({ code: "SEQUENCE_BROKEN", expected: 1, actual: sequence }),
    );
  }
  expect(() => inflow.end(2)).toThrow(expect.objectContaining({ code: "SEQUENCE_BROKEN" }));
  inflow.end(1);
  for (const late of [() => inflow.arrive(1), () => inflow.end(1)]) {
    expect(late).toThrow(expect.objectContaining({ code: "CHUNK_STREAM_ENDED" }));
  }
  expect([inflow.begin(), inflow.use(), inflow.use()]).toEqual([0, 0, 0]);
});

test("credit cannot be taken where there is none", () => {
  expect(() => new Outflow().take()).toThrow(RangeError);
});
