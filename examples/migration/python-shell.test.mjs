import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory } from "../story.mjs";
import { packagePeer } from "./peers.mjs";
import { answerOf, makeProject } from "./project.mjs";
import { open, openBoard, rate, rateByScript } from "./python-shell/after.ts";
import { texts } from "./texts.mjs";

describeStory("Amphis instead of python-shell", {}, (python) => {
  let py;
  beforeAll(async () => {
    py = await open(python);
  });
  afterAll(() => py?.close());

  test("rates, and keeps a board", async () => {
    expect((await rate(py, texts)).map(({ stars }) => stars)).toEqual([5, 0, 2.5]);
    const add = await openBoard(py);
    expect([await add("great"), await add("late"), await add("Tea")]).toEqual([3.75, 2.5, 2.5]);
  });

  test("runs a script that has not become a function yet", async () => {
    expect(await rateByScript(python, texts)).toEqual([...(await rate(py, texts))]);
  });

  test("says what was raised, and how a worker died", async () => {
    await expect(rate(py, [""])).rejects.toMatchObject({ type: "EmptyReviewError" });
    await expect(py.call("reviews:crash")).rejects.toMatchObject({ death: "abort" });
  });

  const peer = packagePeer("python-shell");
  describeStory("in a project that has python-shell", { unless: peer.reason }, () => {
    let project;
    beforeAll(async () => {
      project = await makeProject(peer.modules);
    });
    afterAll(() => project?.remove());

    const ask = (program) =>
      answerOf(
        project.folder,
        `import { openBoard, options, rate } from "./python-shell/before.mjs";
import { PythonShell } from "python-shell";
const texts = ${JSON.stringify(texts)};
const show = (value) => console.log(JSON.stringify(value));
${program}`,
      );

    test("both give the same ratings and means", async () => {
      expect(await rate(py, texts, 10)).toEqual(await ask(`show(await rate(texts, 10));`));
      const add = await openBoard(py);
      const means = await ask(`
          const board = openBoard();
          show(await Promise.all(texts.map(board.add)));
          await board.close();`);
      for (const [index, text] of texts.entries()) expect(await add(text)).toBe(means[index]);
    });

    test("python-shell says which exception only in a text", async () => {
      const message = await ask(`await rate([""]).catch((error) => show(error.message));`);
      expect(message).toBe("reviews.EmptyReviewError: review 0 has no words");
    });

    test("a script that a signal ended has succeeded for python-shell", async () => {
      const given = await ask(`show(await PythonShell.run("crash.py", options));`);
      expect(given).toEqual([]);
    });

    test("a word that is not JSON ends a program that python-shell is part of", async () => {
      const program = `await PythonShell.run("print.py", options);`;
      await expect(ask(program)).rejects.toThrow("is not valid JSON");
    });
  });
});
