import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Python, Tensor } from "amphis";
import { expect, onTestFinished, test } from "vitest";

import { openWith } from "./opened.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "amphis-results-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function open(path: string, options: object = {}): Promise<Python> {
  const kept = { folder: path, ...options };
  return openWith({
    calm: { pure: { square: kept, zeros: kept, total: kept, tale: kept, noise: kept } },
  });
}

async function filesIn(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { recursive: true });
  return names.filter((name) => name.endsWith(".result")).map((name) => join(path, name));
}

test("results outlive the program that asked for them", async () => {
  const path = await folder();
  const first = await open(path);
  expect(await first.call("calm:square", [12])).toBe(144);
  const zeros = await first.call("calm:zeros", [4]);
  await expect.poll(() => filesIn(path)).toHaveLength(2);
  await first.close();
  const second = await open(path);
  expect(await second.call("calm:square", [12])).toBe(144);
  expect(await second.call("calm:zeros", [4])).toEqual(zeros);
  expect(await second.call("calm:called", ["square"])).toBe(0);
  expect(await second.call("calm:called", ["zeros"])).toBe(0);
  const square = second.libraries()[0]?.functions.find(({ name }) => name === "square");
  expect(square?.cache).toMatchObject({ hits: 1, misses: 0 });
  second.forget({ functions: "square" });
  expect(await second.call("calm:square", [12])).toBe(144);
  expect(await second.call("calm:called", ["square"])).toBe(1);
});

test("what is damaged, cut or of somebody else is as if it were not there", async () => {
  const path = await folder();
  const first = await open(path);
  await first.call("calm:square", [3]);
  await first.call("calm:square", [4]);
  await expect.poll(() => filesIn(path)).toHaveLength(2);
  const [one = "", other = ""] = await filesIn(path);
  const bytes = await readFile(one);
  // The result of other arguments, whole and right.
  await writeFile(other, bytes);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(one, bytes);
  const second = await open(path);
  expect(await second.call("calm:square", [3])).toBe(9);
  expect(await second.call("calm:square", [4])).toBe(16);
  expect(await second.call("calm:called", ["square"])).toBe(2);
  for (const file of await filesIn(path)) await writeFile(file, "amphis");
  const third = await open(path);
  expect(await third.call("calm:square", [3])).toBe(9);
});

test("a store holds no more than it may", async () => {
  const path = await folder();
  const py = await open(path, { maxEntries: 3 });
  for (let x = 0; x < 8; x += 1) await py.call("calm:square", [x]);
  await expect.poll(() => filesIn(path)).toHaveLength(3);
});

test("a long text takes much less room than it has letters, and comes back as it was", async () => {
  const path = await folder();
  const first = await open(path);
  const tale = (await first.call("calm:tale", [20_000])) as string;
  await expect.poll(() => filesIn(path)).toHaveLength(1);
  const [file = ""] = await filesIn(path);
  expect((await stat(file)).size).toBeLessThan(tale.length / 3);
  const second = await open(path);
  expect(await second.call("calm:tale", [20_000])).toBe(tale);
  expect(await second.call("calm:called", ["tale"])).toBe(0);
});

test("numbers that do not get smaller are kept as they are", async () => {
  const path = await folder();
  const first = await open(path);
  const noise = (await first.call("calm:noise", [50_000])) as Tensor;
  await expect.poll(() => filesIn(path)).toHaveLength(1);
  const [file = ""] = await filesIn(path);
  expect((await stat(file)).size).toBeGreaterThan(8 * 50_000);
  const second = await open(path);
  const again = (await second.call("calm:noise", [50_000])) as Tensor;
  expect(again.view()).toEqual(noise.view());
  expect(await second.call("calm:called", ["noise"])).toBe(0);
});

test("what is larger than may be kept is not read, however small its file is", async () => {
  const path = await folder();
  const first = await open(path);
  const tale = (await first.call("calm:tale", [20_000])) as string;
  await expect.poll(() => filesIn(path)).toHaveLength(1);
  const [file = ""] = await filesIn(path);
  const maxBytes = Math.floor(tale.length / 2);
  expect((await stat(file)).size).toBeLessThan(maxBytes);
  const second = await open(path, { maxBytes });
  expect(await second.call("calm:tale", [20_000])).toBe(tale);
  expect(await second.call("calm:called", ["tale"])).toBe(1);
});
