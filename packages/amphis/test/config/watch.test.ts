import { rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  type ConfigChange,
  type ConfigDiff,
  watchConfig,
  type WatchConfigOptions,
} from "amphis/config";
import { expect, onTestFinished, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { folderWith } from "./folders.ts";

type Told =
  | { readonly kind: "change"; readonly diff: ConfigDiff }
  | { readonly kind: "restart"; readonly line: string; readonly changes: readonly ConfigChange[] }
  | { readonly kind: "error"; readonly error: unknown };

/** A watched folder, and what is told of it, one after the other. */
async function watched(files: Record<string, string>, options: Partial<WatchConfigOptions> = {}) {
  const cwd = await folderWith(files);
  const told: Told[] = [];
  let wake = (): void => {};
  const tell = (each: Told): void => {
    told.push(each);
    wake();
  };
  const watch = await watchConfig({
    cwd,
    env: {},
    debounceMs: 20,
    onChange: (diff) => tell({ kind: "change", diff }),
    onRestart: (line, changes) => tell({ kind: "restart", line, changes }),
    onError: (error) => tell({ kind: "error", error }),
    ...options,
  });
  onTestFinished(() => watch.close());
  const next = async (): Promise<Told> => {
    for (;;) {
      const first = told.shift();
      if (first !== undefined) return first;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { cwd, watch, next, told };
}

const config = (concurrency: number, workers: number): string =>
  JSON.stringify({ libraries: { numpy: { concurrency } }, pools: { default: { workers } } });

/** As editors save: another file takes the place of the old one. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}~`, text);
  await rename(`${file}~`, file);
}

test("an edit is applied where that is possible, and told where it is not", async () => {
  const { cwd, watch, next } = await watched({ "amphis.config.json": config(1, 2) });
  const file = join(cwd, "amphis.config.json");
  await replace(file, config(5, 8));
  const before = { libraries: { numpy: { concurrency: 1 } }, pools: { default: { workers: 2 } } };
  const after = { libraries: { numpy: { concurrency: 5 } }, pools: { default: { workers: 2 } } };
  const change = { path: "libraries.numpy.concurrency", before: 1, after: 5 };
  const restart = { path: "pools.default.workers", before: 2, after: 8 };
  const diff = { before, after, changes: [change], restart: [restart] };
  expect(await next()).toEqual({ kind: "change", diff });
  const line = `Restart to apply pools.default.workers: changed in ${file}, cannot change while Python is running`;
  expect(await next()).toEqual({ kind: "restart", line, changes: [restart] });
  expect(watch.config).toEqual(after);

  // What waits for a restart is told once, and forgotten when it is taken back.
  await writeFile(file, config(6, 8));
  expect(await next()).toMatchObject({ diff: { changes: [{ after: 6 }], restart: [restart] } });
  await writeFile(file, config(7, 2));
  expect(await next()).toMatchObject({ diff: { changes: [{ after: 7 }], restart: [] } });
  expect(watch.config).toEqual({ ...after, libraries: { numpy: { concurrency: 7 } } });
});

test("a broken edit keeps the old configuration and is told, as is a file that is gone", async () => {
  const { cwd, watch, next } = await watched({ "amphis.config.json": config(1, 2) });
  const file = join(cwd, "amphis.config.json");
  const old = watch.config;
  await replace(file, '{ "libraries": { "numpy": { "concurrency": 0 } } }');
  expect(await next()).toMatchObject({
    error: { code: "CONFIG_INVALID", problems: [{ path: "libraries.numpy.concurrency", line: 1 }] },
  });
  await rm(file);
  expect(await next()).toMatchObject({ error: { code: "CONFIG_NOT_FOUND", file } });
  expect(watch.config).toBe(old);
  await writeFile(file, config(3, 2));
  expect(await next()).toMatchObject({ diff: { before: old, changes: [{ before: 1, after: 3 }] } });
});

test("a change that cannot be applied is told, and tried again with the next edit", async () => {
  const failure = new Error("no");
  let fails = true;
  const applied: ConfigDiff[] = [];
  const { cwd, watch, next } = await watched(
    { "amphis.config.json": config(1, 2) },
    {
      onChange: (diff) => {
        if (fails) return Promise.reject(failure);
        applied.push(diff);
        return Promise.resolve();
      },
    },
  );
  const file = join(cwd, "amphis.config.json");
  await replace(file, config(2, 2));
  expect(await next()).toEqual({ kind: "error", error: failure });
  expect(watch.config.libraries?.["numpy"]?.concurrency).toBe(1);
  fails = false;
  await replace(file, config(3, 9));
  expect(await next()).toMatchObject({ kind: "restart" });
  expect(applied).toMatchObject([{ changes: [{ before: 1, after: 3 }] }]);
});

test("a configuration behind a link is followed when the link changes", async () => {
  const { cwd, next } = await watched(
    { "v1/c.json": config(1, 2), "v2/c.json": config(2, 2), "amphis.config.toml": "" },
    { config: "amphis.config.toml" },
  );
  const file = join(cwd, "amphis.config.json");
  await symlink("v1/c.json", file);
  const linked: ConfigDiff[] = [];
  let wake = (): void => {};
  const changed = new Promise<void>((resolve) => (wake = resolve));
  await using watch = await watchConfig({
    config: file,
    env: {},
    debounceMs: 5,
    onChange: (diff) => {
      linked.push(diff);
      wake();
    },
  });
  expect(watch.file).toBe(file);
  await symlink("v2/c.json", `${file}~`);
  await rename(`${file}~`, file);
  await changed;
  expect(linked).toMatchObject([{ changes: [{ before: 1, after: 2 }] }]);
  // The other one had nothing to tell of files beside its own.
  await writeFile(join(cwd, "amphis.config.toml"), "libraries.a.concurrency = 1");
  expect(await next()).toMatchObject({ diff: { changes: [{ path: "libraries.a.concurrency" }] } });
});

test("a library that came is told by what it needs, and secrets are not told", async () => {
  const { cwd, next } = await watched({ "amphis.config.json": "{}" });
  const set = { TOKEN: "hunter2" };
  const added = {
    libraries: { a: { pure: { "f*": {} } }, b: {} },
    pools: { default: { env: { set } } },
    policies: { libraries: { deny: ["os"] } },
  };
  await replace(join(cwd, "amphis.config.json"), JSON.stringify(added));
  const told = await next();
  expect(told).toMatchObject({
    diff: {
      changes: [{ path: 'libraries.a.pure["f*"]', before: undefined, after: {} }],
      restart: [
        { path: "libraries.b", before: undefined, after: {} },
        { path: "pools.default.env.set.TOKEN", before: undefined, after: "***" },
        { path: "policies.libraries.deny", before: undefined, after: ["os"] },
      ],
    },
  });
  expect((told as { diff: ConfigDiff }).diff.after).toEqual({
    libraries: { a: { pure: { "f*": {} } } },
  });
});

test("a closed watch tells nothing more, and watching keeps no program alive", async () => {
  const { cwd, watch, told } = await watched({ "amphis.config.json": config(1, 2) });
  await watch.close();
  await watch.close();
  const events: ConfigDiff[] = [];
  let wake = (): void => {};
  const changed = new Promise<void>((resolve) => (wake = resolve));
  await using other = await watchConfig({
    cwd,
    env: {},
    debounceMs: 200,
    onChange: (diff) => {
      events.push(diff);
      wake();
    },
  });
  await replace(join(cwd, "amphis.config.json"), config(2, 2));
  // The one that waits ten times as long was told: the closed one never will be.
  await changed;
  await until(() => other.config.libraries?.["numpy"]?.concurrency === 2);
  expect(told).toEqual([]);
  const active = process.getActiveResourcesInfo().filter((each) => each === "FSEventWrap");
  expect(active).toEqual([]);
});

test("functions count as changed when their text is another", async () => {
  const text = (body: string): string =>
    `export default { libraries: { a: { hooks: { after: (x) => ${body} }, concurrency: 1 } } };`;
  const { cwd, next } = await watched({ "amphis.config.mjs": text("x") });
  const file = join(cwd, "amphis.config.mjs");
  await replace(file, text("x").replace("concurrency: 1", "concurrency: 2"));
  expect(await next()).toMatchObject({ diff: { changes: [{ path: "libraries.a.concurrency" }] } });
  await replace(file, text("[x]").replace("concurrency: 1", "concurrency: 2"));
  const told = await next();
  expect(told).toMatchObject({ diff: { changes: [{ path: "libraries.a.hooks.after" }] } });
});

test("there is nothing to watch without a file", async () => {
  const cwd = await folderWith({});
  const error = await rejection(watchConfig({ cwd, env: {}, onChange: () => {} }));
  expect(error).toMatchObject({ code: "CONFIG_NOT_FOUND" });
});
