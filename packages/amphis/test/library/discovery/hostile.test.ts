import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { isAmphisError } from "@amphis/protocol";
import { beforeAll, describe, expect, test } from "vitest";

import { discover, type LibraryModel, membersOf } from "../../../src/library/index.ts";
import { rejection, until } from "../../wait.ts";
import { discovered, folder, functionOf, LIBRARIES, memberOf } from "./project.ts";

function failureOf(model: LibraryModel, path: string): string | undefined {
  return model.modules.find((module) => module.path === path)?.failure;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("discovery of a library whose modules misbehave", () => {
  let model: LibraryModel;
  const skipped: string[] = [];

  beforeAll(async () => {
    model = await discovered("hostile", {
      onProgress: (progress) => {
        if (progress.kind === "skipped") skipped.push(`${progress.module}: ${progress.reason}`);
      },
    });
  });

  test("goes on without those that end the process, and says how they did", () => {
    expect(skipped.toSorted()).toEqual([
      "hostile.leaves: it ended the process with 7",
      "hostile.segfaults: SIGSEGV ended the process",
    ]);
    expect(failureOf(model, "hostile.segfaults")).toBe("SIGSEGV ended the process");
  });

  test("describes by its source what cannot be imported", () => {
    expect(functionOf(model, "hostile.segfaults.promised").signatures).toMatchObject([
      { parameters: [{ name: "value", kind: "any" }], source: "annotations" },
    ]);
    expect(failureOf(model, "hostile.exits")).toBe("SystemExit: no");
    expect(membersOf(model, "hostile.exits").map(({ name }) => name)).toEqual(["never"]);
    expect(failureOf(model, "hostile.raises")).toBe("Rude");
  });

  test("is not disturbed by what modules print, on any way out", () => {
    expect(model.modules[0]).toMatchObject({
      path: "hostile",
      doc: { summary: expect.any(String) },
    });
  });

  test("takes from objects that raise what they do not hide", () => {
    expect(memberOf(model, "hostile.answers.Guarded")).toMatchObject({ kind: expect.any(String) });
    expect(functionOf(model, "hostile.answers.unsaid").signatures[0]?.parameters).toEqual([
      { name: "a", kind: "any", isOptional: false },
      { name: "b", kind: "any", isOptional: true, default: "everything" },
    ]);
    expect(functionOf(model, "hostile.answers.signed").signatures).toMatchObject([
      { parameters: [] },
    ]);
    expect(memberOf(model, "hostile.answers.everything").kind).toBe("function");
    expect(memberOf(model, "hostile.answers.Holder.lazy")).toEqual({
      kind: "property",
      name: "lazy",
      path: "hostile.answers.Holder.lazy",
      isReadonly: false,
      isStatic: false,
    });
  });

  test("finds names that a module makes when it is asked for them", () => {
    expect(membersOf(model, "hostile.lazy").map(({ name }) => name)).toEqual(["late"]);
  });
});

test("discovery goes on without a module that hangs", { timeout: 120_000 }, async () => {
  const model = await discovered("hanging", { importTimeoutMs: 10_000 });
  expect(failureOf(model, "hanging.forever")).toBe("it took longer than 10000 ms");
  expect(functionOf(model, "hanging.forever.reachable").doc?.summary).toBeUndefined();
  expect(failureOf(model, "hanging")).toBeUndefined();
});

test("discovery ends with the reason of its signal, and its process with it", async () => {
  const stop = new AbortController();
  const hanging = discovered("hanging", {
    signal: stop.signal,
    onProgress: (progress) => {
      if (progress.kind === "module" && progress.module === "hanging.forever") {
        stop.abort(new RangeError("enough"));
      }
    },
  });
  expect(await rejection(hanging)).toEqual(new RangeError("enough"));
});

test("discovery leaves no process behind that a library has started", async () => {
  const file = join(await folder(), "pid");
  await discovered("hostile", { env: { ...process.env, HOSTILE_CHILD: file } });
  const pid = Number(await readFile(file, "utf8"));
  await until(() => !isAlive(pid));
});

test("discovery throws what the listener of its progress throws", async () => {
  const onProgress = (): never => {
    throw new RangeError("not now");
  };
  expect(await rejection(discovered("shapes", { onProgress }))).toEqual(new RangeError("not now"));
});

test("discovery describes a hundred thousand names", { timeout: 120_000 }, async () => {
  const model = await discovered("huge", { importTimeoutMs: 100_000 });
  expect(membersOf(model, "huge")).toHaveLength(100_000);
  expect(functionOf(model, "huge.v99950").signatures).toHaveLength(1);
  expect(memberOf(model, "huge.v99999")).toMatchObject({ kind: "value", value: "99999" });
});

test("discovery says which modules are near when there is no such library", async () => {
  const failure = await rejection(discovered("jsonn"));
  if (!isAmphisError(failure, "LIBRARY_NOT_FOUND")) throw failure;
  expect(failure.library).toBe("jsonn");
  expect(failure.suggestions).toContain("json");
});

test.each(["", "a b", "../os", "a..b", "1a", "skip=x"])(
  "discovery refuses %j as the name of a library",
  async (name) => {
    expect(await rejection(discover([name], { path: [LIBRARIES] }))).toBeInstanceOf(TypeError);
  },
);

test.each([0, -1, Number.NaN, 2 ** 31])("discovery refuses a time of %d", async (timeoutMs) => {
  expect(await rejection(discover([], { timeoutMs }))).toBeInstanceOf(RangeError);
});
