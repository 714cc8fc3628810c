import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { discover, writeTypes } from "amphis/library";
import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory } from "../story.mjs";
import { makeProject } from "./project.mjs";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** What does not compile in a folder. */
async function errorsOf(folder) {
  const tsc = join(modules, "typescript/lib/tsc.js");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder], {
    cwd: folder,
  }).catch((error) => error);
  return stdout.split("\n").filter((line) => line.includes("error TS"));
}

describeStory("the code that is migrated to", {}, (python) => {
  let project;
  beforeAll(async () => {
    project = await makeProject(modules);
    const models = await discover(["reviews"], {
      python,
      path: [join(project.folder, "python")],
    });
    await writeTypes(models, { folder: join(project.folder, "python-types") });
  });
  afterAll(() => project?.remove());

  test("compiles with the declarations of the module that it calls", async () => {
    expect(await errorsOf(project.folder)).toEqual([]);
  });

  test("does not compile when it calls what Python does not have", async () => {
    await writeFile(
      join(project.folder, "wrong.ts"),
      `import { kw, openPython } from "amphis";
const reviews = (await openPython()).import("reviews");
export const results = [
  await reviews.rates([]),
  await reviews.rate([1]),
  await reviews.rate([], kw({ bst: 1 })),
  (await reviews.rate([]))[0]?.star,
  reviews.spread([]).toFixed(2),
];
`,
    );
    const errors = await errorsOf(project.folder);
    const lines = errors.map((line) => /^wrong\.ts\((\d+),/.exec(line)?.[1]);
    expect(lines).toEqual(["4", "5", "6", "7", "8"]);
  });
});
