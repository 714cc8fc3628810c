import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
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

test("calls of methods of live objects are checked by the class that they are of, and its bases", async () => {
  await ownCache();
  await discover(["textwrap", "fractions"]);
  const py = await openPython({
    packages: ["textwrap", "fractions"],
    workers: 1,
    config: false,
    checks: true,
  });
  onTestFinished(() => py.close());
  const wrapper = await py.import("textwrap").TextWrapper(kw({ width: 3 }));
  const half = await py.import("fractions").Fraction(1, 2);
  const submitted = (): number | undefined => py.status().pools["default"]?.calls.submitted;
  const before = submitted();
  await expect(wrapper.wrap("a b c", kw({ widht: 2 }))).rejects.toMatchObject({
    code: "CALL_INVALID",
    function: "textwrap.TextWrapper.wrap",
    signature: "textwrap.TextWrapper.wrap(text)",
    argument: "widht",
  });
  await expect(half.limit_denominator(kw({ max_denominatr: 3 }))).rejects.toMatchObject({
    code: "CALL_INVALID",
    suggestions: ["max_denominator"],
    message: expect.stringContaining("did you mean max_denominator?") as string,
  });
  expect(submitted()).toBe(before);
  expect(await wrapper.wrap("a b c")).toEqual(["a b", "c"]);
});

test("what Python refuses says what is near: modules, members of submodules, attributes, keyword arguments", async () => {
  const py = await openPython({ packages: ["xml.etree.ElementTree"], workers: 1, config: false });
  onTestFinished(() => py.close());
  const xml = await py.import("xml");
  const wrapper = await py.import("textwrap").TextWrapper();
  const wrong = [
    [() => py.call("textwrapp:indent"), "textwrap"],
    [() => py.call("xml.etree.ElementTre:parse"), "xml.etree.ElementTree"],
    [() => py.call("xml.etree.ElementTree:pars"), "parse"],
    [() => xml.etree.ElementTree.pars("x"), "parse"],
    [() => xml.etre.ElementTree.parse("x"), "etree"],
    [() => wrapper.widht, "width"],
    [() => wrapper.fil("a"), "fill"],
    [() => py.call("textwrap:indent", ["a"], kw({ prefx: "" })), "prefix"],
    [() => py.import("textwrap").TextWrapper(kw({ widht: 3 })), "width"],
    [() => wrapper.fill(kw({ tex: "a" })), "text"],
  ] as const;
  for (const [call, near] of wrong) {
    await expect(call()).rejects.toMatchObject({
      // Newer Pythons say it themselves.
      message: expect.stringMatching(RegExp(`[Dd]id you mean '?${near}'?\\?`, "u")) as string,
      suggestions: expect.arrayContaining([near]) as string[],
    });
  }
  await expect(wrapper.fill()).rejects.toMatchObject({
    code: "PYTHON_ARGUMENTS_INVALID",
    signature: "fill(text)",
    argument: "text",
    suggestions: [],
  });
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

test("calls of the project's own modules are checked too, once these were described with the folders of the pool", async () => {
  await ownCache();
  const folder = await mkdtemp(join(tmpdir(), "amphis-checks-own-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "checked_own.py");
  await writeFile(file, "def half(number):\n    return number / 2\n");
  // What was written just now is not kept, as it may still change.
  for (const each of [file, folder]) await utimes(each, 1, 1);
  await discover(["checked_own"], { path: [folder] });
  const options = { packages: ["checked_own"], workers: 1, config: false, checks: true } as const;
  const py = await openPython({ ...options, path: folder });
  onTestFinished(() => py.close());
  await expect(py.call("checked_own:half", [1, 2])).rejects.toMatchObject({
    code: "CALL_INVALID",
    function: "checked_own.half",
  });
  expect(py.status().pools["default"]?.calls.submitted).toBe(0);
  expect(await py.call("checked_own:half", [4])).toBe(2);
});
