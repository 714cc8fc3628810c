import { expect, test } from "vitest";

import { run } from "../setup/process.mjs";
import { beside } from "./beside.mjs";

/** A terminal, and what was written to it. */
function terminal() {
  /** @type {string[]} */
  const written = [];
  /** @type {import("../setup/process.mjs").Output} */
  const show = (text, stream) => void written.push(`${stream}: ${text}`);
  return { written, show };
}

/** @returns {{ promise: Promise<void>, resolve: () => void }} */
function gate() {
  let resolve = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test("second program runs meanwhile, and all that it wrote comes behind the first", async () => {
  const { written, show } = terminal();
  const secondEnded = gate();
  const results = await beside(
    async () => {
      show("first begins", "stdout");
      await secondEnded.promise;
      show("first ends", "stdout");
      return 1;
    },
    async (output) => {
      const script = "process.stdout.write('dots'); process.stderr.write('a warning')";
      const { code } = await run(process.execPath, ["-e", script], { output });
      secondEnded.resolve();
      return code;
    },
    show,
  );
  expect(results).toEqual([1, 0]);
  expect(written.slice(0, 2)).toEqual(["stdout: first begins", "stdout: first ends"]);
  expect(written.slice(2).toSorted()).toEqual(["stderr: a warning", "stdout: dots"]);
});

test("second program has the terminal as soon as the first has ended", async () => {
  const { written, show } = terminal();
  const firstEnded = gate();
  await beside(
    async () => firstEnded.resolve(),
    async (output) => {
      output("early", "stdout");
      await firstEnded.promise;
      await new Promise(setImmediate);
      expect(written).toEqual(["stdout: early"]);
      output("late", "stdout");
      expect(written).toEqual(["stdout: early", "stdout: late"]);
    },
    show,
  );
});

test("failure of the first is thrown when the second has ended and shown what it wrote", async () => {
  const { written, show } = terminal();
  const both = beside(
    () => Promise.reject(new Error("broken")),
    async (output) => {
      await new Promise(setImmediate);
      output("all of it", "stderr");
    },
    show,
  );
  await expect(both).rejects.toThrow("broken");
  expect(written).toEqual(["stderr: all of it"]);
});
