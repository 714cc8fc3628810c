import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ran } from "./terminal.ts";

let folder = "";
const before = process.env["XDG_CACHE_HOME"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-cli-"));
  process.env["XDG_CACHE_HOME"] = folder;
});

afterAll(async () => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  await rm(folder, { recursive: true, force: true });
});

describe("amphis types", () => {
  test("writes declarations, says where, and then finds them right", async () => {
    const out = join(folder, "types");
    const missing = await ran("types", "textwrap", "--out", out, "--check");
    expect(missing).toMatchObject({ status: 1, written: "" });
    expect(missing.told).toContain("is out of date: builtins.d.ts, textwrap.d.ts, index.d.ts");
    await expect(access(out)).rejects.toMatchObject({ code: "ENOENT" });

    const first = await ran("types", "textwrap", "--out", out);
    expect(first).toMatchObject({ status: 0 });
    expect(first.written).toMatch(/^written\s+textwrap\s+3\.\d+/mu);
    expect(first.written).toContain(`"include": ["src", `);
    expect(await readFile(join(out, "textwrap.d.ts"), "utf8")).toContain(
      '"textwrap": textwrap$module;',
    );

    expect(await ran("types", "--out", out, "--check")).toMatchObject({ status: 0 });
    await writeFile(join(out, "textwrap.d.ts"), "");
    const report = await ran("types", "--out", out, "--check", "--json");
    expect(report.status).toBe(1);
    expect(JSON.parse(report.written)).toMatchObject({ folder: out, changed: ["textwrap.d.ts"] });
  });

  test("without any library says how to name one", async () => {
    const nothing = await ran("types", "--out", join(folder, "none"));
    expect(nothing).toMatchObject({ status: 2, written: "" });
    expect(nothing.told).toContain("amphis types numpy");
  });

  test("says what to do about a library that there is not", async () => {
    const wrong = await ran("types", "textwrapp", "--out", join(folder, "none"));
    expect(wrong.status).toBe(1);
    expect(wrong.told).toContain("LIBRARY_NOT_FOUND");
  });
});

describe("amphis help", () => {
  test("shows a function in both languages", async () => {
    const { status, written } = await ran("help", "textwrap.indent");
    expect(status).toBe(0);
    expect(written).toContain("textwrap.indent(text, prefix, predicate=None)");
    expect(written).toMatch(/TypeScript\n\s+indent\(text: /u);
  });

  test("of a module tells what it has, and of a mistyped name what is near", async () => {
    expect((await ran("help", "textwrap")).written).toContain("TextWrapper");
    const wrong = await ran("help", "textwrap.indnt");
    expect(wrong).toMatchObject({ status: 1, written: "" });
    expect(wrong.told).toContain("did you mean textwrap.indent");
  });

  test("is JSON for programs", async () => {
    const { written } = await ran("help", "textwrap:indent", "--json");
    expect(JSON.parse(written)).toMatchObject({
      path: "textwrap.indent",
      kind: "function",
      python: ["textwrap.indent(text, prefix, predicate=None)"],
    });
  });

  test("without a name says what there is", async () => {
    const { status, written } = await ran("help");
    expect(status).toBe(0);
    expect(written).toContain("types [options] [library...]");
  });
});

describe("amphis search", () => {
  test("finds by name and description, and says when there is nothing", async () => {
    const found = await ran("search", "indent", "prefix", "--library", "textwrap", "--json");
    expect(found.status).toBe(0);
    expect(JSON.parse(found.written)[0]).toMatchObject({
      path: "textwrap.indent",
      kind: "function",
    });
    expect(await ran("search", "volcano", "-l", "textwrap")).toMatchObject({
      status: 1,
      written: "",
    });
    expect(await ran("search", "a", "-l", "textwrap", "-n", "0")).toMatchObject({ status: 2 });
  });
});

describe("amphis call", () => {
  test("writes the result as JSON", async () => {
    expect(await ran("call", "math:sqrt", "[16]")).toMatchObject({ status: 0, written: "4\n" });
    const named = await ran("call", "textwrap:wrap", '["a b c"]', "-k", '{"width": 3}');
    expect(JSON.parse(named.written)).toEqual(["a b", "c"]);
  });

  test("of what is no value writes what Python shows", async () => {
    expect((await ran("call", "fractions:Fraction", "[1, 3]")).written).toBe("Fraction(1, 3)\n");
  });

  test("says what is wrong, and with which status", async () => {
    expect(await ran("call", "math:sqrt", "[")).toMatchObject({ status: 2 });
    expect(await ran("call", "math:sqrt", "{}")).toMatchObject({ status: 2 });
    const raised = await ran("call", "math:sqrt", "[-1]");
    expect(raised).toMatchObject({ status: 1, written: "" });
    expect(raised.told).toContain("math domain error");
  });
});

test("amphis doctor tells what this machine has", async () => {
  const { status, written } = await ran("doctor", "--json");
  expect(status).toBe(0);
  const findings = JSON.parse(written) as readonly {
    readonly name: string;
    readonly state: string;
  }[];
  expect(findings).toContainEqual(expect.objectContaining({ name: "Node", state: "good" }));
  expect(findings).toContainEqual(expect.objectContaining({ name: "Python", state: "good" }));
  const missing = await ran("doctor", "--python", join(folder, "python-that-is-not-there"));
  expect(missing.status).toBe(1);
  expect(missing.written).toMatch(/^no\s+Python/mu);
});

test("a mistyped command is refused with what was meant", async () => {
  const { status, told } = await ran("typs");
  expect(status).toBe(2);
  expect(told).toContain("Did you mean types?");
});

test("the command is there as a program, with its version", async () => {
  const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [bin, "--version"]);
  const manifest = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string };
  expect(stdout).toBe(`${version}\n`);
});
