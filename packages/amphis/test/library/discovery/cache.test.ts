import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { DiscoveryProgress, LibraryModel } from "../../../src/library/index.ts";
import { discovered, folder, functionOf, memberOf } from "./project.ts";

interface Kept {
  readonly cacheFolder: string;
  readonly path: string;
  /** Discovers the library; says whether that took a process. */
  discover(): Promise<{ readonly model: LibraryModel; readonly how: string }>;
  /** Gives the library another source. */
  write(source: string): Promise<void>;
  /** The only file that is kept. */
  file(): Promise<string>;
}

/** A library of one file that is discovered and kept in folders of its own. */
async function kept(): Promise<Kept> {
  const [cacheFolder, path] = [await folder(), await folder()];
  const source = join(path, "kept_library.py");
  let changes = 0;
  const write = async (text: string): Promise<void> => {
    await writeFile(source, text);
    changes += 1;
    // Long ago, and each time another time: what has just changed is not kept.
    await utimes(source, 1_000_000 + changes, 1_000_000 + changes);
  };
  await write("def one(a: int) -> int: ...\n");
  return {
    cacheFolder,
    path,
    write,
    async discover() {
      const heard: DiscoveryProgress[] = [];
      const onProgress = (progress: DiscoveryProgress): number => heard.push(progress);
      const options = { cacheFolder, path: [path], onProgress };
      const model = await discovered("kept_library", options);
      return { model, how: heard.at(-1)?.kind ?? "unheard" };
    },
    async file() {
      const [name = "none", ...others] = await readdir(cacheFolder);
      expect(others).toEqual([]);
      return join(cacheFolder, name);
    },
  };
}

test("discovery keeps what it found, and finds it again without Python", async () => {
  const library = await kept();
  const first = await library.discover();
  expect(first.how).toBe("discovered");
  const second = await library.discover();
  expect(second.how).toBe("cached");
  expect(second.model).toEqual(first.model);
});

test("discovery looks again when the library has changed", async () => {
  const library = await kept();
  await library.discover();
  await library.write("def two(b: str) -> str: ...\n");
  const { model, how } = await library.discover();
  expect(how).toBe("discovered");
  expect(functionOf(model, "kept_library.two").signatures).toHaveLength(1);
  expect((await library.discover()).how).toBe("cached");
});

test("discovery does not keep what changed while it looked", async () => {
  const library = await kept();
  await utimes(join(library.path, "kept_library.py"), 4_000_000_000, 4_000_000_000);
  expect((await library.discover()).how).toBe("discovered");
  expect(await readdir(library.cacheFolder)).toEqual([]);
});

const DAMAGES: readonly (readonly [string, (text: string) => string])[] = [
  ["is empty", () => ""],
  ["ends early", (text) => text.slice(0, -10)],
  ["is of another format", (text) => text.replace('"format":1', '"format":2')],
  ["is no JSON", (text) => text.replace("{", "[")],
  ["names what no table has", (text) => text.replaceAll('"parameters":[0]', '"parameters":[9]')],
  ["is of another library", (text) => text.replaceAll("kept_library", "miss_library")],
];

test("discovery makes a damaged file anew", { timeout: 120_000 }, async () => {
  const library = await kept();
  const { model } = await library.discover();
  const file = await library.file();
  const text = await readFile(file, "latin1");
  for (const [how, damage] of DAMAGES) {
    expect(damage(text), how).not.toBe(text);
    await writeFile(file, damage(text), "latin1");
    const again = await library.discover();
    expect(again.how, how).toBe("discovered");
    expect(again.model, how).toEqual(model);
    expect(await readFile(file, "latin1"), how).toBe(text);
  }
});

test("discovery works where nothing can be kept", async () => {
  const library = await kept();
  const cacheFolder = join(library.path, "kept_library.py", "no-folder");
  const model = await discovered("kept_library", { cacheFolder, path: [library.path] });
  expect(memberOf(model, "kept_library.one").kind).toBe("function");
});
