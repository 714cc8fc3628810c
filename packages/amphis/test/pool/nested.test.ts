import { expect, test } from "vitest";

import { call, opened } from "./opened.ts";

/** Resolves for all when so many have come. */
function meeting(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived === count) open();
    return isOpen;
  };
}

test("of several callbacks that are open at once, each has its calls done by the thread that waits for it", async () => {
  const pool = await opened();
  const met = meeting(4);
  const ask = async (): Promise<unknown> => {
    await met();
    return Promise.all([call(pool, "ident"), call(pool, "ident"), call(pool, "ident")]);
  };
  const answers = (await call(pool, "apply_in_threads", [ask, 4])) as [number, number[]][];
  expect(new Set(answers.map(([ident]) => ident)).size).toBe(4);
  for (const [ident, idents] of answers) expect(idents).toEqual([ident, ident, ident]);
});

test("calls of a callback are done by its thread while that waits for another one within", async () => {
  const pool = await opened();
  const met = meeting(2);
  const innermost = async (): Promise<unknown> => {
    await met();
    return call(pool, "ident");
  };
  const ask = async (): Promise<unknown> => {
    const inner = call(pool, "apply_twice", [innermost, 1]);
    const beside = met().then(() => call(pool, "ident"));
    return [await inner, await beside];
  };
  const other = async (): Promise<unknown> => call(pool, "ident");
  const turns = [ask, other];
  const any = (n: unknown): unknown => turns[n as number]?.();
  const answers = (await call(pool, "apply_in_threads", [any, 2])) as [number, unknown][];
  const [ident, answer] = answers.find(([, each]) => Array.isArray(each)) ?? [];
  expect(answer).toEqual([[ident, ident], ident]);
});

test("a stream that is opened within a callback is done by the thread that waits", async () => {
  const pool = await opened();
  const work = { kind: "call", name: "s", function: "work:count_to", args: [40] } as const;
  const ask = async (): Promise<number> => {
    let sum = 0;
    for await (const item of pool.stream(work, {})) sum += item as number;
    return sum;
  };
  const answers = (await call(pool, "apply_in_threads", [ask, 3])) as [number, number][];
  expect(answers.map(([, sum]) => sum)).toEqual([780, 780, 780]);
});

test("a blocking call within a callback is done by the worker that waits", async () => {
  const pool = await opened();
  const work = { kind: "call", name: "pid", function: "work:pid" } as const;
  const pid = pool.status().workers[0]?.pid;
  const ask = (): unknown => pool.submitSync(work, { timeoutMs: 20_000 });
  expect(await call(pool, "apply", [ask, 1])).toBe(pid);
  const outer = { kind: "call", name: "apply", function: "work:apply", args: [ask, 1] } as const;
  expect(pool.submitSync(outer, { timeoutMs: 20_000 })).toBe(pid);
});
