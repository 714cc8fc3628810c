import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPython } from "amphis";
import { Approvals, expectApproved, type LibraryReview, reviewLibrary } from "amphis/library";
import { describe, expect, onTestFinished, test } from "vitest";

import { findPython } from "../../src/worker/index.ts";

const { path: python } = await findPython();

const SOURCE = `
import os as system_, subprocess
from os import system
from ctypes import CDLL
import pickle, socket, importlib
open(__file__ + ".ran", "w").close()
def run(text, data, name):
    eval(text)
    system_.popen(text)
    system(text)
    subprocess.run(text)
    importlib.import_module("json")
    importlib.import_module(name)
    return pickle.loads(data)
`;

interface Library {
  readonly folder: string;
  readonly source: string;
  readonly file: string;
  review(): Promise<LibraryReview>;
}

/** A library of two files in a folder of its own, which goes with its test. */
function library(source = SOURCE): Library {
  const folder = mkdtempSync(join(tmpdir(), "amphis-approval-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "planted"));
  const path = join(folder, "planted", "__init__.py");
  writeFileSync(path, source);
  writeFileSync(join(folder, "planted", "more.py"), "x = 1\n");
  const request = { library: "planted", python, path: [folder] };
  return {
    folder,
    source: path,
    file: join(folder, "amphis.approvals.json"),
    review: () => reviewLibrary(request),
  };
}

describe("a review of a library", () => {
  test("names what its code does, by whatever name it does it, and runs none of it", async () => {
    const { review, source } = library();
    const { findings, counts, files } = await review();
    const places = findings.map(({ kind, line, what }) => `${line} ${kind}: ${what}`);
    expect(places).toEqual(
      expect.arrayContaining([
        "3 processes: imports os.system",
        "4 ctypes: imports ctypes",
        "5 network: imports socket",
        "8 code: calls eval",
        "9 processes: uses os.popen",
        "10 processes: calls os.system",
        "11 processes: uses subprocess.run",
        "13 code: uses importlib.import_module",
        "14 pickle: uses pickle.loads",
      ]),
    );
    expect(counts.pickle).toBe(1);
    expect(files).toBe(2);
    expect(() => readFileSync(`${source}.ran`)).toThrow("ENOENT");
  });

  test("names compiled code, code that runs when Python starts, and what it cannot read", async () => {
    const { folder, review } = library("def (");
    writeFileSync(join(folder, "planted", "fast.so"), "ELF");
    expect((await review()).counts).toEqual({ unreadable: 1, native: 1 });
  });

  test("has another fingerprint when anything in it changes, and else the same", async () => {
    const { folder, source, review } = library();
    const { fingerprint } = await review();
    expect((await review()).fingerprint).toBe(fingerprint);
    writeFileSync(join(folder, "planted", "data.bin"), "1");
    const changed = (await review()).fingerprint;
    expect(changed).not.toBe(fingerprint);
    rmSync(join(folder, "planted", "data.bin"));
    expect((await review()).fingerprint).toBe(fingerprint);
    appendFileSync(source, " ");
    expect((await review()).fingerprint).not.toBe(fingerprint);
  });

  test("finds the package of an installed library", async () => {
    const review = await reviewLibrary({ library: "dateutil", python });
    expect(review.package).toBe("python-dateutil");
    expect(review.files).toBeGreaterThan(10);
  });

  test("of what is not there fails", async () => {
    const missing = reviewLibrary({ library: "nothing_like_this", python });
    await expect(missing).rejects.toMatchObject({ code: "LIBRARY_NOT_FOUND" });
  });
});

describe("approvals", () => {
  test("hold for the code that was approved, and not for what an update makes of it", async () => {
    const { file, folder, review, source } = library();
    const check = {
      libraries: [{ library: "planted", python, path: [folder] }],
      required: "dangerous" as const,
      file,
    };
    await expect(expectApproved(check)).rejects.toMatchObject({
      code: "APPROVAL_REQUIRED",
      state: "pending",
      reason: "nobody has approved its code",
    });
    await (await Approvals.open(file)).approve(await review(), { by: "Ada", reason: "read it" });
    await expectApproved(check);
    appendFileSync(source, "# 2.0\n");
    await expect(expectApproved(check)).rejects.toMatchObject({
      code: "APPROVAL_REQUIRED",
      state: "pending",
      reason: expect.stringContaining("has changed since Ada approved") as string,
      message: expect.stringContaining("npx amphis approve planted") as string,
    });
  });

  test("let harmless code run unless all has to be approved, and never what was rejected", async () => {
    const { file, folder, review } = library("x = 1\n");
    const libraries = [{ library: "planted", python, path: [folder] }];
    await expectApproved({ libraries, required: "dangerous", file });
    const all = expectApproved({ libraries, required: "all", file });
    await expect(all).rejects.toMatchObject({ state: "pending" });
    const approvals = await Approvals.open(file);
    await approvals.reject(await review(), { by: "Ada", reason: "not needed" });
    for (const required of ["dangerous", "all"] as const) {
      const check = expectApproved({ libraries, required, file });
      await expect(check).rejects.toMatchObject({
        state: "rejected",
        reason: "Ada rejected it: not needed",
      });
    }
    await approvals.withdraw("planted", { by: "Ada" });
    await expectApproved({ libraries, required: "dangerous", file });
  });

  test("are recorded, each decision behind the one before", async () => {
    const { file, review } = library();
    const approvals = await Approvals.open(file);
    const reviewed = await review();
    await approvals.reject(reviewed, { by: "Ada", reason: "too much" });
    await approvals.approve(reviewed, { by: "Bob" });
    await approvals.withdraw("planted");
    const { audit } = await Approvals.open(file);
    expect(audit.map(({ sequence, action, by }) => [sequence, action, by]).slice(0, 2)).toEqual([
      [1, "reject", "Ada"],
      [2, "approve", "Bob"],
    ]);
    expect(audit.map(({ previous }) => previous)).toEqual([
      "",
      ...audit.slice(0, -1).map(({ hash }) => hash),
    ]);
    expect(approvals.stateOf(reviewed)).toBe("pending");
  });

  test.each<readonly [string, (file: string) => void, string]>([
    [
      "a decision changed by hand",
      (file) => writeFileSync(file, readFileSync(file, "utf8").replace("rejected", "approved")),
      "something else than its log",
    ],
    [
      "a record changed by hand",
      (file) =>
        writeFileSync(`${file}.log`, readFileSync(`${file}.log`, "utf8").replace("Ada", "Eve")),
      "line 1",
    ],
    [
      "a log whose end was cut off",
      (file) => {
        const [first = ""] = readFileSync(`${file}.log`, "utf8").split("\n");
        writeFileSync(`${file}.log`, `${first}\n`);
      },
      "does not go with its log",
    ],
    ["a log that was removed", (file) => rmSync(`${file}.log`), "does not go with its log"],
    ["decisions that were removed", (file) => rmSync(file), "it is missing"],
    ["a file of something else", (file) => writeFileSync(file, "[]"), "no file of approvals"],
    ["a log of something else", (file) => appendFileSync(`${file}.log`, "{}\n"), "line 3"],
  ])("with %s are refused", async (_, change, reason) => {
    const { file, review } = library();
    const approvals = await Approvals.open(file);
    const reviewed = await review();
    await approvals.approve(reviewed, { by: "Ada" });
    await approvals.reject(reviewed, { by: "Ada" });
    change(file);
    await expect(Approvals.open(file)).rejects.toMatchObject({
      code: "APPROVALS_INVALID",
      reason: expect.stringContaining(reason) as string,
    });
  });

  test("made at the same time do not hide each other", async () => {
    const { file, review } = library();
    const reviewed = await review();
    const [one, other] = [await Approvals.open(file), await Approvals.open(file)];
    await one.approve(reviewed, { by: "Ada" });
    await other.approve({ ...reviewed, library: "another" }, { by: "Bob" });
    const both = await Approvals.open(file);
    expect(both.audit).toHaveLength(2);
    expect(both.decision("planted")?.by).toBe("Ada");
    writeFileSync(`${file}.lock`, "");
    await expect(one.approve(reviewed)).rejects.toMatchObject({ code: "APPROVALS_INVALID" });
  });

  test("that the configuration requires are asked for before anything is started", async () => {
    const { folder } = library();
    const config = join(folder, "amphis.config.json");
    const policies = { approval: { required: "dangerous" } };
    writeFileSync(config, JSON.stringify({ libraries: { dateutil: {} }, policies }));
    await expect(openPython({ python, config, workers: 1 })).rejects.toMatchObject({
      code: "APPROVAL_REQUIRED",
      library: "dateutil",
    });
    const approvals = await Approvals.open(join(folder, "amphis.approvals.json"));
    await approvals.approve(await reviewLibrary({ library: "dateutil", python }));
    await using py = await openPython({ python, config, workers: 1 });
    expect(py.pools).toEqual(["default"]);
  });
});
