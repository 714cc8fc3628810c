import assert from "node:assert/strict";

import fc from "fast-check";
import { expect, test } from "vitest";

import { isAmphisError } from "@amphis/protocol";

import { Arena } from "./arena.ts";
import type { Lease } from "./lease.ts";

const MAX_BYTES = 16 * 1_048_576;

type Step =
  | { readonly kind: "allocate"; readonly bytes: number; readonly holder: number }
  | { readonly kind: "release"; readonly at: number }
  | { readonly kind: "retain"; readonly at: number; readonly holder: number }
  | { readonly kind: "releaseAll"; readonly holder: number }
  | { readonly kind: "trim"; readonly keepBytes: number };

const holder = fc.integer({ min: 0, max: 3 });
const size = fc.oneof(
  fc.integer({ min: 0, max: 4_200 }),
  fc.integer({ min: 4_000, max: 200_000 }),
  fc.integer({ min: 65_536, max: 3_000_000 }),
  fc.constantFrom(64, 4_096, 4_097, 65_536, 1_048_576, 4_194_304, 8_388_609),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("allocate" as const), bytes: size, holder }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("release" as const), at: fc.nat(50) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("retain" as const), at: fc.nat(50), holder }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("releaseAll" as const), holder }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("trim" as const), keepBytes: fc.nat(4_000_000) }),
  },
);

/** What an arena must be, in the simplest form: the leases that live. */
class Model {
  readonly arena = new Arena({ regionBytes: 4_194_304, maxBytes: MAX_BYTES });
  leases: Lease[] = [];

  run(step: Step): void {
    switch (step.kind) {
      case "allocate":
        this.allocate(step.bytes, step.holder);
        return;
      case "release":
        this.release(step.at);
        return;
      case "retain": {
        const lease = this.leases[step.at];
        if (lease !== undefined) this.leases.push(lease.retain(step.holder));
        return;
      }
      case "releaseAll": {
        const had = this.leases.filter(({ holder }) => holder === step.holder);
        assert.equal(this.arena.releaseAll(step.holder), had.length);
        assert.equal(
          had.every(({ isReleased }) => isReleased),
          true,
        );
        this.leases = this.leases.filter(({ isReleased }) => !isReleased);
        return;
      }
      case "trim":
        this.arena.trim(step.keepBytes);
    }
  }

  allocate(bytes: number, holder: number): void {
    try {
      const lease = this.arena.allocate(bytes, { holder });
      assert.equal(lease.byteLength, bytes);
      assert.equal(lease.offset % 64, 0);
      assert.equal(lease.bytes.byteOffset % 64, 0);
      lease.bytes.fill(lease.generation & 0xff);
      this.leases.push(lease);
    } catch (error) {
      if (!isAmphisError(error, "MEMORY_EXHAUSTED")) throw error;
    }
  }

  release(at: number): void {
    const [lease] = this.leases.splice(at, 1);
    lease?.release();
    lease?.release();
  }

  check(): void {
    this.checkContents();
    const figures = this.arena.stats();
    const spans = new Map(this.leases.map((lease) => [lease.generation, lease]));
    assert.equal(figures.leases, spans.size);
    assert.equal(
      figures.holders.reduce((sum, one) => sum + one.leases, 0),
      this.leases.length,
    );
    assert.equal(
      figures.holders.reduce((sum, one) => sum + one.usedBytes, 0),
      figures.usedBytes,
    );
    assert.equal(
      figures.sizes.reduce((sum, one) => sum + one.bytes, 0),
      figures.usedBytes,
    );
    assert.equal(
      figures.usedBytes + figures.freeBytes + figures.restingBytes + figures.slabFreeBytes,
      figures.totalBytes,
    );
    assert.ok(figures.totalBytes <= MAX_BYTES);
    const ordered = [...spans.values()].sort((a, b) => a.arena - b.arena || a.offset - b.offset);
    for (const [at, lease] of ordered.entries()) {
      const before = ordered[at - 1];
      if (before?.arena !== lease.arena) continue;
      assert.ok(before.offset + before.byteLength <= lease.offset);
    }
  }

  /** Each lease still has what was written when it was made: nobody else got a byte of it. */
  checkContents(): void {
    for (const { bytes, generation } of this.leases) {
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        if (at >= 0 && at < bytes.length) assert.equal(bytes[at], generation & 0xff);
      }
    }
  }

  /** Everything that is free must lie in one piece for each region. */
  finish(): void {
    for (const lease of this.leases) lease.release();
    this.leases = [];
    this.arena.trim(0);
    const figures = this.arena.stats();
    assert.equal(figures.leases, 0);
    assert.equal(figures.usedBytes, 0);
    assert.equal(figures.freeSpans, figures.regions);
    assert.equal(figures.freeBytes, figures.totalBytes);
    assert.equal(figures.residentBytes, 0);
    assert.deepEqual(figures.sizes, []);
  }
}

test("any sequence keeps leases apart, aligned and counted, and all of it joins to whole regions", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const model = new Model();
      for (const step of steps) {
        model.run(step);
        model.check();
      }
      model.finish();
    }),
    { numRuns: 60 },
  );
});

test("an arena is filled to the last class and empty again", () => {
  const model = new Model();
  let before = -1;
  while (model.leases.length !== before) {
    before = model.leases.length;
    model.allocate(1_000_000, 0);
  }
  model.check();
  expect(model.leases.length).toBe(16);
  model.finish();
});
