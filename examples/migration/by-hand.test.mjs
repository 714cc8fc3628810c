import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory } from "../story.mjs";
import { openReviews } from "./by-hand/after.ts";
import { ReviewsAdapter } from "./by-hand/before.ts";
import { sideBySide } from "./side-by-side.ts";
import { itemsOf, texts } from "./texts.mjs";

describeStory("an adapter by hand, and Amphis", {}, (python) => {
  let before;
  let after;
  beforeAll(async () => {
    before = new ReviewsAdapter(python);
    after = await openReviews(python);
  });
  afterAll(async () => {
    before?.close();
    await after?.close();
  });

  test("give the same ratings", async () => {
    expect(await after.rate(texts)).toEqual(await before.rate(texts));
    expect(await after.rate(texts, 10)).toEqual(await before.rate(texts, 10));
    expect((await after.rate(texts)).map(({ stars }) => stars)).toEqual([5, 0, 2.5]);
  });

  test("stream the same words", async () => {
    const words = await itemsOf(after.summarize(texts));
    expect(words).toEqual(await itemsOf(before.summarize(texts)));
    expect(words).toEqual(["3 ", "customers ", "do ", "not ", "like ", "it"]);
  });

  test("read the same file", async () => {
    const file = Buffer.from("review,day\nGreat tea,1\nLate,2\n");
    expect(await after.read(file)).toEqual(["Great tea", "Late"]);
    expect(await before.read(file)).toEqual(["Great tea", "Late"]);
    expect(await after.read(file, "day")).toEqual(await before.read(file, "day"));
    // From 64 KiB on they go through shared memory, and are bytes in Python all the same.
    const large = Buffer.from(`review\n${"Great tea\n".repeat(20_000)}`);
    expect(await after.read(large)).toHaveLength(20_000);
    expect(await after.read(large)).toEqual(await before.read(large));
  });

  test("fail alike, and only Amphis says where and with which fields", async () => {
    await expect(before.rate(["Tea", ""])).rejects.toThrow(
      "EmptyReviewError: review 1 has no words",
    );
    const error = await Promise.resolve(after.rate(["Tea", ""])).catch((error) => error);
    expect(error).toMatchObject({ code: "PYTHON_ERROR", type: "EmptyReviewError" });
    expect(error.text).toBe("review 1 has no words");
    expect(error.context.attributes).toEqual({ index: 1 });
    expect(error.traceback.at(-1).function).toBe("_rated");
  });

  test("side by side, the old one answers and differences are told", async () => {
    const differences = [];
    const differ = (old, fresh) => differences.push([old.reason?.message, fresh.value]);
    const ratings = await sideBySide(
      () => before.rate(texts),
      () => after.rate(texts),
      differ,
    );
    expect(ratings).toHaveLength(3);
    const spread = sideBySide(
      () => before.spread(["Tea"]),
      () => after.spread(["Tea"]),
      differ,
    );
    // JSON has no word for NaN.
    await expect(spread).rejects.toThrow("Out of range float values are not JSON compliant");
    expect(differences).toEqual([[expect.stringContaining("Out of range"), NaN]]);
  });

  test("differ when Python dies: the adapter is gone, Amphis goes on", async () => {
    await expect(before.crash()).rejects.toThrow("the adapter ended: SIGABRT");
    await expect(before.rate(texts)).rejects.toThrow("the adapter ended: SIGABRT");
    await expect(after.crash()).rejects.toMatchObject({ code: "WORKER_CRASHED", death: "abort" });
    expect(await after.rate(texts)).toHaveLength(3);
  });
});
