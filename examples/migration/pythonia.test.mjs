import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory } from "../story.mjs";
import { packagePeer } from "./peers.mjs";
import { answerOf, makeProject } from "./project.mjs";
import { open, tour } from "./pythonia/after.ts";
import { itemsOf, texts } from "./texts.mjs";

describeStory("Amphis instead of pythonia", {}, (python) => {
  let py;
  beforeAll(async () => {
    py = await open(python);
  });
  afterAll(() => py?.close());

  test("has objects, keywords, callbacks and iteration", async () => {
    expect(await tour(py, texts)).toEqual({
      mean: 5,
      stars: [10, 0, 5],
      first: 10,
      count: 3,
      good: true,
      words: ["3 ", "customers ", "do ", "not ", "like ", "it"],
    });
  });

  test("says what was raised, and goes on when Python dies", async () => {
    const reviews = py.import("reviews");
    await expect(reviews.rate([""])).rejects.toMatchObject({ type: "EmptyReviewError" });
    const words = itemsOf(reviews.summarize(["Tea", ""]));
    await expect(words).rejects.toMatchObject({ type: "EmptyReviewError" });
    expect(await reviews.spread(["Tea"])).toBeNaN();
    await expect(reviews.crash()).rejects.toMatchObject({ code: "WORKER_CRASHED" });
    expect(await reviews.rate(texts)).toHaveLength(3);
  });

  const peer = packagePeer("pythonia");
  describeStory("in a project that has pythonia", { unless: peer.reason }, () => {
    let project;
    beforeAll(async () => {
      project = await makeProject(peer.modules);
    });
    afterAll(() => project?.remove());

    const ask = (program) =>
      answerOf(
        project.folder,
        `import { python } from "pythonia";
import { tour } from "./pythonia/before.mjs";
const reviews = await python("reviews");
const texts = ${JSON.stringify(texts)};
const show = (value) => console.log(JSON.stringify(value));
${program}
python.exit();
process.exit();`,
      );

    test("both give the same", async () => {
      expect(await tour(py, texts)).toEqual(await ask(`show(await tour(texts));`));
    });

    test("an exception of pythonia has its text in the stack, and an empty message", async () => {
      const [message, stack] = await ask(
        `await reviews.rate([""]).catch((error) => show([error.message, error.stack]));`,
      );
      expect(message).toBe("");
      expect(stack).toContain("EmptyReviewError: review 0 has no words");
    });

    test("a generator that raises has ended for pythonia", async () => {
      const words = await ask(`
          const words = [];
          for await (const word of await reviews.summarize(["Tea", ""])) words.push(word);
          show(words);`);
      expect(words).toEqual([]);
    });

    test("NaN ends a program that pythonia is part of", async () => {
      await expect(ask(`await reviews.spread(["Tea"]);`)).rejects.toThrow("Unexpected token");
    });

    test("a call in which Python dies is not answered by pythonia before its time is up", async () => {
      const message = await ask(
        `await reviews.crash$({ $timeout: 1_000 }).catch((error) => show(error.message));`,
      );
      expect(message).toContain("Python didn't respond in time");
    });
  });
});
