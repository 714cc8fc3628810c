import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { CallOptions, PoolOptions, WorkerPool } from "../../src/pool/index.ts";
import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

/** One pool whose workers know `note_or_wait` as short, and what they have written. */
class Scene {
  readonly pool: WorkerPool;
  readonly #log = join(folder(), "log");

  constructor(pool: WorkerPool) {
    this.pool = pool;
  }

  static async open(options: Omit<PoolOptions, "python"> = {}): Promise<Scene> {
    // Short are calls that take less, whatever else the machine does; slow are those that take more than two of it.
    const pool = await opened({ workers: 2, minWorkers: 2, shortMs: 200, ...options });
    const { minWorkers } = pool.settings;
    await until(
      () => pool.status().workers.filter(({ state }) => state === "ready").length === minWorkers,
    );
    const scene = new Scene(pool);
    for (let n = 0; n < 10; n += 1) await scene.note("warm");
    return scene;
  }

  note(text: string, options: CallOptions = {}): Promise<unknown> {
    return call(this.pool, "note_or_wait", [this.#log, text, ""], options);
  }

  /** A call that waits until `go` is called, though its function is known to be short. */
  held(name: string): Held {
    const path = join(folder(), "go");
    const result = call(this.pool, "note_or_wait", [this.#log, name, path]);
    return { go: () => writeFileSync(path, ""), result };
  }

  /** The same of a function that is not known, so that nothing is sent behind it. */
  heldLong(): Held {
    const path = join(folder(), "go");
    return { go: () => writeFileSync(path, ""), result: call(this.pool, "wait_for", [path]) };
  }

  /** What was written, in order; each call writes one line. */
  lines(): string[] {
    return readFileSync(this.#log, "utf8")
      .trim()
      .split("\n")
      .filter((line) => line !== "warm");
  }
}

interface Held {
  go(): void;
  readonly result: Promise<unknown>;
}

/** Repeats a scene until its calls were indeed sent ahead, and so had to be taken back. */
async function repeated(
  options: Omit<PoolOptions, "python">,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  for (let moved = 0; moved === 0;) {
    const scene = await Scene.open(options);
    await play(scene);
    ({ moved } = scene.pool.status().calls);
    await scene.pool.kill();
  }
}

const NAMES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

test("calls sent behind a slow one are done by a worker that has time, once each", async () => {
  await repeated({}, async (scene) => {
    const slow = scene.held("slow");
    const other = scene.heldLong();
    const calls = NAMES.map((name) => scene.note(name));
    other.go();
    expect(await Promise.all(calls)).toEqual(NAMES);
    slow.go();
    await Promise.all([slow.result, other.result]);
    expect(scene.lines().toSorted()).toEqual([...NAMES, "slow"]);
    expect(scene.pool.status().calls).toMatchObject({ rejected: 0, retried: 0 });
  });
});

test("a worker is started for calls that were sent behind a slow one", async () => {
  await repeated({ minWorkers: 1 }, async (scene) => {
    const slow = scene.held("slow");
    expect(await Promise.all(NAMES.map((name) => scene.note(name)))).toEqual(NAMES);
    slow.go();
    await slow.result;
    expect(scene.lines()).toHaveLength(11);
  });
});

test("calls that are taken back keep their priorities", async () => {
  await repeated({}, async (scene) => {
    const slow = scene.held("slow");
    const other = scene.heldLong();
    const wanted = ["low", "normal", "high", "critical"] as const;
    const calls = wanted.map((priority) => scene.note(priority, { priority }));
    other.go();
    await Promise.all(calls);
    slow.go();
    await Promise.all([slow.result, other.result]);
    if (scene.pool.status().calls.moved === wanted.length) {
      expect(scene.lines()).toEqual(["slow", "critical", "high", "normal", "low"]);
    }
  });
});

test("a call that is taken back keeps its deadline", async () => {
  await repeated({}, async (scene) => {
    const slow = scene.held("slow");
    const other = scene.heldLong();
    const never = join(folder(), "never");
    const late = call(scene.pool, "note_or_wait", [join(folder(), "log"), "late", never], {
      timeoutMs: 1_500,
    });
    const error = rejection(late);
    other.go();
    expect(await error).toHaveProperty("code", expect.stringMatching(/^(CALL|QUEUE)_TIMEOUT$/));
    slow.go();
    await Promise.all([slow.result, other.result]);
    expect(await scene.note("after")).toBe("after");
  });
});

test("calls behind one that waits for a callback are done by a worker that has time", async () => {
  await repeated({}, async ({ pool }) => {
    const log = join(folder(), "log");
    const apply = (text: string, callback: (text: string) => unknown): Promise<unknown> =>
      call(pool, "apply_noted", [log, text, callback]);
    for (let n = 0; n < 10; n += 1) await apply("warm", (text) => text);
    const answers: ((value: unknown) => void)[] = [];
    const wait = (): unknown => new Promise((resolve) => answers.push(resolve));
    const [slow, other] = [apply("slow", wait), apply("other", wait)];
    const calls = NAMES.map((name) => apply(name, (text) => `${text}!`));
    await until(() => answers.length === 2);
    answers[1]?.("done");
    const done = Promise.all(calls);
    // Whichever of the two was asked first: the other one stands in the way no more.
    expect(await done).toEqual(NAMES.map((name) => `${name}!`));
    answers[0]?.("done");
    expect(await Promise.all([slow, other])).toEqual(["done", "done"]);
  });
});

test("a call that is cancelled while it is asked back is over, and the others are done", async () => {
  const pool = await opened({ workers: 2, minWorkers: 1, shortMs: 20 });
  for (let n = 0; n < 10; n += 1) await call(pool, "hold_for", [0]);
  // No thread of the worker answers for so long.
  const slow = call(pool, "hold_for", [0.5]);
  const controller = new AbortController();
  const cancelled = rejection(call(pool, "hold_for", [0], { signal: controller.signal }));
  const calls = NAMES.map(() => call(pool, "hold_for", [0]));
  await until(() => pool.status().workers.some(({ running }) => running > 1));
  controller.abort(new Error("enough"));
  expect(await cancelled).toMatchObject({ code: "CALL_CANCELLED" });
  await Promise.all([slow, ...calls]);
  await until(() => pool.status().open === 0);
});
