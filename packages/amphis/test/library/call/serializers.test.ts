import { isAmphisError, isPython, keep } from "amphis";
import { checkSerializer } from "amphis/library";
import { expect, test } from "vitest";

import { failureOf } from "../../python/opened.ts";
import { openWith } from "./opened.ts";

class Point {
  readonly x: number;
  readonly y: number;
  readonly tags: readonly unknown[];

  constructor(x: number, y: number, tags: readonly unknown[] = []) {
    this.x = x;
    this.y = y;
    this.tags = tags;
  }
}

interface Plain {
  readonly x: number;
  readonly y: number;
  readonly tags: readonly unknown[];
}

const point = {
  type: "shapes:Point",
  toPlain: "shapes:point_to_plain",
  fromPlain: "shapes:point_from_plain",
  typescript: {
    isInstance: (value: object) => value instanceof Point,
    toPlain: (value: object) => ({ ...(value as Point) }),
    fromPlain: (plain: unknown) => {
      const { x, y, tags } = plain as Plain;
      return new Point(x, y, tags);
    },
  },
} as const;

test("values of a type with a serializer are objects of their class on both sides", async () => {
  const py = await openWith({ shapes: { serializers: { point } } });
  const middle = await py.call("shapes:middle", [[new Point(0, 0), new Point(2, 4)]]);
  expect(middle).toBeInstanceOf(Point);
  expect(middle).toEqual(new Point(1, 2));
  const kinds = await py.call<Record<string, unknown>>("shapes:kinds");
  expect(kinds).toMatchObject({ point: new Point(1, 2), derived: [new Point(3, 4)] });
  expect(isPython(kinds["other"])).toBe(true);
  const shapes = py.import("shapes");
  expect(await shapes.middle([new Point(1, 1)])).toEqual(new Point(1, 1));
  const streamed: unknown[] = [];
  for await (const item of py.stream("shapes:stream", [2])) streamed.push(item);
  expect(streamed).toEqual([new Point(0, 0), new Point(1, 1)]);
  expect(await py.call("shapes:call_back", [(come: Point) => new Point(come.x + 1, 0)])).toBe(6);
  const live = await keep(shapes.Point(7, 8));
  expect(await live.x).toBe(7);
  expect(py.sync.call("shapes:middle", [[new Point(1, 1)]])).toEqual(new Point(1, 1));
});

test("what a value of such a type holds travels as ever: arrays, and others of the type", async () => {
  const py = await openWith({ shapes: { serializers: { point } } });
  const inner = new Point(1, 2);
  const sent = new Point(0, 0, [inner, { deep: [inner] }, new Uint8Array(100_000).fill(7)]);
  const [came] = await py.call<Point[]>("builtins:list", [[sent]]);
  expect(came?.tags[0]).toEqual(inner);
  expect(came?.tags[1]).toEqual({ deep: [inner] });
  expect(came?.tags[2]).toEqual(new Uint8Array(100_000).fill(7));
});

test("without an end in TypeScript it sees plain values, and without one to Python nothing goes there", async () => {
  const { typescript: _, fromPlain: __, ...oneWay } = point;
  const py = await openWith({ shapes: { serializers: { point: oneWay } } });
  expect(await py.call("shapes:middle", [[]]).catch((error: unknown) => error)).toMatchObject({
    code: "PYTHON_ERROR",
  });
  expect(await py.import("shapes").Point(1, 2)).toEqual({ x: 1, y: 2, tags: [] });
});

test("a conversion that fails says which, where and why, and the worker goes on", async () => {
  const py = await openWith({ shapes: { serializers: { point } } });
  const there = await failureOf(py.call("shapes:broken"));
  expect(isAmphisError(there, "SERIALIZER_FAILED") && there.context).toMatchObject({
    serializer: "point",
    step: "toPlain in Python",
    reason: "ValueError: a point without x",
  });
  const throwing = {
    ...point.typescript,
    toPlain: () => {
      throw new RangeError("no plain values");
    },
  };
  const other = await openWith({
    shapes: { serializers: { point: { ...point, typescript: throwing } } },
  });
  const here = await failureOf(other.call("shapes:middle", [[new Point(1, 1)]]));
  expect(here).toMatchObject({
    code: "SERIALIZER_FAILED",
    context: { step: "toPlain in TypeScript" },
  });
  expect(await other.call("math:sqrt", [4])).toBe(2);
});

test("checkSerializer finds what does not come back as it was", async () => {
  const py = await openWith({ shapes: { serializers: { point } } });
  await py.call("shapes:middle", [[new Point(1, 1)]]);
  const values = [new Point(1, 2), new Point(-1, 0.5, ["a"])];
  const report = await checkSerializer(py, "point", { values, type: "shapes:Point" });
  expect(report).toMatchObject({ values: 2, types: ["shapes:Point"] });
  expect(report.roundTripUs).toBeGreaterThan(0);
  const wrong = await failureOf(checkSerializer(py, "point", { values, type: "shapes:Point3" }));
  expect(wrong).toMatchObject({ code: "SERIALIZER_FAILED" });
  const lossy = {
    ...point,
    typescript: { ...point.typescript, fromPlain: () => new Point(0, 0) },
  };
  const other = await openWith({ shapes: { serializers: { point: lossy } } });
  const lost = await failureOf(checkSerializer(other, "point", { values }));
  expect(lost.message).toMatch(/value 0 comes back as something else/u);
});
