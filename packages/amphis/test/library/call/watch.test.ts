import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type AmphisConfig, isAmphisError, openPython } from "amphis";
import { expect, onTestFinished, test } from "vitest";

import { folderWith } from "../../config/folders.ts";
import { rejection } from "../../wait.ts";
import { MODULES } from "./opened.ts";

type Calm = NonNullable<AmphisConfig["libraries"]>[string];

function textOf(calm: Calm): string {
  return JSON.stringify({ libraries: { calm }, pools: { default: { workers: 1, path: MODULES } } });
}

test("what a configuration says of calls holds while Python is open, as soon as it is written", async () => {
  const folder = await folderWith({ "amphis.config.json": textOf({ pure: { square: true } }) });
  const file = join(folder, "amphis.config.json");
  const py = await openPython({ config: file, watch: true });
  onTestFinished(() => py.close());
  await py.call("calm:square", [2]);
  await py.call("calm:square", [2]);
  const next = `${file}~`;
  await writeFile(next, textOf({ pure: { add: true }, exclude: ["get_sick"] }));
  await rename(next, file);
  await expect
    .poll(() => py.call("calm:get_sick").catch((error: unknown) => error), { timeout: 20_000 })
    .toMatchObject({ code: "LIBRARY_MEMBER_EXCLUDED" });
  // Not pure any more.
  await py.call("calm:square", [2]);
  expect(await py.call("calm:called", ["square"])).toBe(2);
  await py.call("calm:add", [1]);
  await py.call("calm:add", [1]);
  expect(await py.call("calm:called", ["add"])).toBe(1);
  expect(py.libraries()[0]?.functions.find(({ name }) => name === "square")?.calls).toBe(3);
});

test("without a file there is nothing to watch", async () => {
  const failure = await rejection(openPython({ config: { libraries: {} }, watch: true }));
  expect(failure).toBeInstanceOf(TypeError);
  expect(isAmphisError(failure)).toBe(false);
});
