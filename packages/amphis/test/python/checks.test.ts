import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { kw, openPython, type Python } from "../../src/index.ts";
import { discover } from "../../src/library/index.ts";

/** Descriptions are kept where no other test looks for them. */
async function ownCache(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "amphis-checks-"));
  const before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = folder;
  onTestFinished(async () => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    await rm(folder, { recursive: true, force: true });
  });
}

async function opened(checks: boolean): Promise<Python> {
  const py = await openPython({ packages: ["textwrap"], workers: 1, config: false, checks });
  onTestFinished(() => py.close());
  return py;
}

test("calls of a described library that Python would refuse fail before they are sent, in whatever way they are made", async () => {
  await ownCache();
  await discover(["textwrap"]);
  const py = await opened(true);
  const wrong = {
    code: "CALL_INVALID",
    function: "textwrap.indent",
    argument: "prefx",
    suggestions: ["prefix"],
  };
  const textwrap = await py.import("textwrap");
  await expect(py.call("textwrap:indent", ["a"], kw({ prefx: ">" }))).rejects.toMatchObject(wrong);
  await expect(py.import("textwrap").indent("a", kw({ prefx: ">" }))).rejects.toMatchObject(wrong);
  await expect(textwrap.indent("a", kw({ prefx: ">" })).upper()).rejects.toMatchObject(wrong);
  expect(() => py.sync.call("textwrap:indent", ["a"])).toThrow(
    "Cannot call textwrap.indent(text, prefix, predicate=None): prefix is missing",
  );
  const session = await py.session();
  await expect(session.call("textwrap:dedent")).rejects.toMatchObject({ argument: "text" });
  expect(py.status().pools["default"]?.calls.submitted).toBe(1);
  expect(await py.call("textwrap:shorten", ["a b c", 9])).toBe("a b c");
  expect(await textwrap.indent("a", "> ")).toBe("> a");
});

test("nothing is checked where checks are off, or nothing was described", async () => {
  await ownCache();
  const undescribed = await opened(true);
  await expect(undescribed.call("textwrap:dedent")).rejects.toMatchObject({
    code: "PYTHON_ARGUMENTS_INVALID",
  });
  await discover(["textwrap"]);
  const off = await opened(false);
  await expect(off.call("textwrap:dedent")).rejects.toMatchObject({
    code: "PYTHON_ARGUMENTS_INVALID",
  });
});

test("an option that is no truth value is refused", async () => {
  // @ts-expect-error for programs without types
  await expect(openPython({ checks: "yes", config: false })).rejects.toThrow(
    "checks must be true or false",
  );
});
