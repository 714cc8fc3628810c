import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { ran } from "./terminal.ts";

vi.setConfig({ testTimeout: 120_000 });

const BIN = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
const before = process.env["XDG_CACHE_HOME"];
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-cli-"));
  process.env["XDG_CACHE_HOME"] = folder;
});

afterAll(async () => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  await rm(folder, { recursive: true, force: true });
});

test("amphis reference writes a site of the libraries that are named, and says where", async () => {
  const out = join(folder, "site");
  const { status, written } = await ran("reference", "textwrap", "--out", out);
  expect(status).toBe(0);
  expect(written).toMatch(/site has the reference: 4 pages, [\d.]+ MB/u);
  expect(await readFile(join(out, "textwrap/textwrap.html"), "utf8")).toContain(
    'id="textwrap.indent"',
  );
  const again = await ran("reference", "textwrap", "--out", out, "--json");
  expect(JSON.parse(again.written)).toMatchObject({ folder: out, pages: 4, removed: [] });
});

test("amphis reference takes libraries that have types, and says how to name others", async () => {
  const types = join(folder, "types");
  const nothing = await ran("reference", "--out", join(folder, "none"), "--types", types);
  expect(nothing).toMatchObject({ status: 2, written: "" });
  expect(nothing.told).toContain("amphis reference numpy");
  await ran("types", "textwrap", "--out", types);
  const out = join(folder, "declared");
  expect(await ran("reference", "--out", out, "--types", types)).toMatchObject({ status: 0 });
  expect(await readdir(out)).toEqual(expect.arrayContaining(["builtins", "textwrap"]));
});

test("amphis reference says what is wrong with a port or a library", async () => {
  const out = join(folder, "none");
  const port = await ran("reference", "textwrap", "--out", out, "--serve", "http");
  expect(port).toMatchObject({ status: 2, written: "" });
  const library = await ran("reference", "textwrapp", "--out", out);
  expect(library.status).toBe(1);
  expect(library.told).toContain("LIBRARY_NOT_FOUND");
});

test("amphis reference --serve runs examples until it is interrupted, and leaves nothing behind", async () => {
  const out = join(folder, "served");
  const args = [BIN, "reference", "fractions", "--out", out, "--serve"];
  const command = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void command.kill("SIGKILL"));
  const exited = once(command, "exit");
  let url = "";
  for await (const line of createInterface(command.stdout)) {
    if (!line.startsWith("http")) continue;
    url = line;
    break;
  }
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/u);
  const page = await fetch(`${url}fractions/fractions.Fraction.html`);
  expect(page.status).toBe(200);
  const id = "fractions/fractions.Fraction.html#fractions.Fraction.limit_denominator";
  const answer = await fetch(`${url}run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id }),
  });
  expect(await answer.json()).toMatchObject({
    steps: expect.arrayContaining([
      {
        source: "Fraction('3.141592653589793').limit_denominator(10)",
        output: "Fraction(22, 7)\n",
        error: null,
      },
    ]),
  });
  command.kill("SIGINT");
  expect(await exited).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});
