import { expect, test } from "vitest";

import { type Waiting, WaitingLine } from "./waiting-line.ts";

class Item implements Waiting<Item> {
  readonly rank: number;
  readonly order: number;
  line: WaitingLine<Item> | undefined;
  next: Item | undefined;
  previous: Item | undefined;

  constructor(order: number, rank: number) {
    this.order = order;
    this.rank = rank;
  }
}

function lineOf(...ranks: readonly number[]): { line: WaitingLine<Item>; items: Item[] } {
  const line = new WaitingLine<Item>();
  const items = ranks.map((rank, order) => new Item(order, rank));
  for (const item of items) line.add(item);
  return { line, items };
}

function orders(line: WaitingLine<Item>): number[] {
  const taken: number[] = [];
  for (let item = line.take(); item !== undefined; item = line.take()) taken.push(item.order);
  return taken;
}

test("higher ranks go first, and equal ones in the order in which they came", () => {
  const { line } = lineOf(1, 0, 2, 1, 3, 2);
  expect(orders(line)).toEqual([4, 2, 5, 0, 3, 1]);
});

test("one that comes back gets its old place", () => {
  const { line, items } = lineOf(1, 1, 1);
  const [first] = items as [Item];
  expect(line.take()).toBe(first);
  line.add(first);
  expect(orders(line)).toEqual([0, 1, 2]);
});

test("one that leaves is not taken, wherever it stood", () => {
  const { line, items } = lineOf(1, 1, 1, 1);
  for (const at of [1, 3, 0]) line.remove(items[at] as Item);
  line.remove(items[0] as Item);
  expect(line.length).toBe(1);
  expect(orders(line)).toEqual([2]);
  expect(line.peek()).toBeUndefined();
});

test("a lower rank gets a turn after sixteen of a higher one", () => {
  const line = new WaitingLine<Item>();
  line.add(new Item(0, 0));
  const taken: number[] = [];
  for (let order = 1; order <= 40; order += 1) {
    line.add(new Item(order, 2));
    taken.push(line.take()?.rank ?? -1);
  }
  expect(taken.indexOf(0)).toBe(16);
  expect(taken.filter((rank) => rank === 0)).toHaveLength(1);
});

test("peek tells what take takes", () => {
  const { line } = lineOf(0, ...Array.from({ length: 40 }, () => 3));
  while (line.length > 0) {
    const next = line.peek();
    expect(line.take()).toBe(next);
  }
});

test("all that wait can be taken at once", () => {
  const { line, items } = lineOf(1, 3, 0);
  expect([...line]).toHaveLength(3);
  expect(line.takeAll().map(({ order }) => order)).toEqual([1, 0, 2]);
  expect(line.length).toBe(0);
  expect(items.every((item) => item.line === undefined)).toBe(true);
});
