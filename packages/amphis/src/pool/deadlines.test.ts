import { expect, test } from "vitest";

import { FakeClock } from "../../test/fake-clock.ts";
import { Deadlines, type Timed } from "./deadlines.ts";

class Bell implements Timed {
  dueAt = 0;
  place = -1;
  readonly #rung: number[];
  readonly #name: number;

  constructor(rung: number[], name: number) {
    this.#rung = rung;
    this.#name = name;
  }

  due(): void {
    this.#rung.push(this.#name);
  }
}

function scene(): { clock: FakeClock; deadlines: Deadlines; rung: number[] } {
  const clock = new FakeClock();
  return { clock, deadlines: new Deadlines(clock), rung: [] };
}

test("moments come in their order, whatever the order in which they were set", () => {
  const { clock, deadlines, rung } = scene();
  const times = [50, 10, 90, 30, 70, 20, 60, 40, 80];
  for (const at of times) deadlines.set(new Bell(rung, at), at);
  expect(clock.pending).toBe(1);
  clock.turn(45);
  expect(rung).toEqual([10, 20, 30, 40]);
  clock.turn(100);
  expect(rung).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(clock.pending).toBe(0);
});

test("what is taken back does not come, and leaves the others alone", () => {
  const { clock, deadlines, rung } = scene();
  const bells = Array.from({ length: 50 }, (_, n) => new Bell(rung, n));
  for (const [n, bell] of bells.entries()) deadlines.set(bell, ((n * 37) % 50) + 1);
  for (const [n, bell] of bells.entries()) if (n % 2 === 0) deadlines.clear(bell);
  deadlines.clear(bells[0] as Bell);
  expect(deadlines.size).toBe(25);
  clock.turn(100);
  const wanted = bells.map((_, n) => n).filter((n) => n % 2 === 1);
  const order = wanted.toSorted((one, other) => ((one * 37) % 50) - ((other * 37) % 50));
  expect(rung).toEqual(order);
});

test("what is set again comes once, at its new moment", () => {
  const { clock, deadlines, rung } = scene();
  const bell = new Bell(rung, 1);
  deadlines.set(bell, 10);
  deadlines.set(bell, 30);
  clock.turn(20);
  expect(rung).toEqual([]);
  clock.turn(20);
  expect(rung).toEqual([1]);
});

test("a thousand calls that end in time set one timer", () => {
  const { clock, deadlines, rung } = scene();
  for (let n = 0; n < 1_000; n += 1) {
    const bell = new Bell(rung, n);
    deadlines.set(bell, 100 + n);
    deadlines.clear(bell);
  }
  expect(clock.pending).toBe(1);
  deadlines.close();
  expect(clock.pending).toBe(0);
});

test("what is due may set others", () => {
  const { clock, deadlines, rung } = scene();
  const again = new Bell(rung, 2);
  deadlines.set({ dueAt: 0, place: -1, due: () => deadlines.set(again, 15) }, 10);
  deadlines.set(new Bell(rung, 1), 20);
  clock.turn(30);
  expect(rung).toEqual([2, 1]);
});
