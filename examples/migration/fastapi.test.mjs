import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory } from "../story.mjs";
import { openReviews } from "./fastapi/after.ts";
import { ReviewsClient, SideCarError } from "./fastapi/before.ts";
import { openEndpoints } from "./fastapi/endpoints.ts";
import { pythonPeer } from "./peers.mjs";
import { itemsOf, texts } from "./texts.mjs";

const file = new Blob(["review,day\nGreat tea,1\nLate,2\n"]);

/** The side-car as it runs beside a program, once it listens. */
async function startSideCar(python) {
  const path = (name) => fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(python, [path("fastapi/app.py")], {
    env: { ...process.env, PYTHONPATH: path("python") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  const [port] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(([code]) => Promise.reject(new Error(`the side-car ended with ${code}`))),
  ]);
  const stop = () => child.kill() && ended;
  return { url: `http://127.0.0.1:${port}`, ended, stop };
}

describeStory("Amphis instead of a side-car", {}, (python) => {
  let after;
  beforeAll(async () => {
    after = await openReviews(python);
  });
  afterAll(() => after?.close());

  test("rates, streams and reads an upload", async () => {
    expect((await after.rate(texts)).map(({ stars }) => stars)).toEqual([5, 0, 2.5]);
    expect((await itemsOf(after.summarize(texts))).join("")).toBe("3 customers do not like it");
    expect(await after.read(file)).toEqual(["Great tea", "Late"]);
    expect(await after.read(file, "day")).toEqual(["1", "2"]);
    expect(await after.spread(["Tea"])).toBeNaN();
  });

  test("says what was raised, also in the middle of a stream", async () => {
    const raised = { code: "PYTHON_ERROR", type: "EmptyReviewError" };
    await expect(after.rate([""])).rejects.toMatchObject(raised);
    await expect(itemsOf(after.summarize(["Tea", ""]))).rejects.toMatchObject(raised);
  });

  test("ends a stream that nobody wants any more", async () => {
    const reason = new Error("the visitor left");
    const stream = itemsOf(after.summarize(texts, AbortSignal.abort(reason)));
    await expect(stream).rejects.toMatchObject({ code: "CALL_CANCELLED" });
  });

  test("goes on when Python dies", async () => {
    await expect(after.crash()).rejects.toMatchObject({ code: "WORKER_CRASHED" });
    expect(await after.rate(texts)).toHaveLength(3);
  });
});

const peer = pythonPeer(["fastapi", "uvicorn", "python_multipart"]);
describeStory("a side-car of FastAPI, and Amphis", { unless: peer.reason }, () => {
  let sideCar;
  let before;
  let after;
  beforeAll(async () => {
    sideCar = await startSideCar(peer.python);
    before = new ReviewsClient(sideCar.url);
    after = await openReviews(peer.python);
  });
  afterAll(async () => {
    await after?.close();
    await sideCar?.stop();
  });

  test("rate, stream and read the same", async () => {
    expect(await after.rate(texts, 10)).toEqual(await before.rate(texts, 10));
    const [words, chunks] = [after.summarize(texts), before.summarize(texts)];
    expect((await itemsOf(words)).join("")).toBe((await itemsOf(chunks)).join(""));
    expect(await after.read(file, "day")).toEqual(await before.read(file, "day"));
  });

  test("the endpoints themselves can be called, models and all", async () => {
    const endpoints = await openEndpoints(peer.python);
    try {
      expect(await endpoints.rate(texts, 10)).toEqual(await before.rate(texts, 10));
      // The model refuses what it refuses over HTTP.
      await expect(before.rate(texts, 99)).rejects.toMatchObject({ status: 422 });
      await expect(endpoints.rate(texts, 99)).rejects.toMatchObject({ type: "ValidationError" });
      await expect(endpoints.rate([""])).rejects.toMatchObject({
        type: "HTTPException",
        context: { attributes: { status_code: 422 } },
      });
    } finally {
      await endpoints.close();
    }
  });

  test("fail alike, and over HTTP only as far as the endpoint thought of it", async () => {
    const refused = await before.rate([""]).catch((error) => error);
    expect(refused).toBeInstanceOf(SideCarError);
    expect(refused.detail).toMatchObject({ type: "EmptyReviewError", index: 0 });
    // The endpoint for spread did not think of it.
    await expect(before.spread([""])).rejects.toMatchObject({ status: 500, detail: undefined });
    await expect(after.spread([""])).rejects.toMatchObject({ type: "EmptyReviewError" });
  });

  test("differ in NaN, which FastAPI answers as null", async () => {
    expect(await before.spread(["Tea"])).toBeNull();
    expect(await after.spread(["Tea"])).toBeNaN();
  });

  test("differ in a stream that fails: HTTP has said 200 by then, and breaks off", async () => {
    await expect(itemsOf(before.summarize(["Tea", ""]))).rejects.toThrow(/terminated|fetch failed/);
    await expect(itemsOf(after.summarize(["Tea", ""]))).rejects.toThrow("review 1 has no words");
  });

  test("differ when Python dies: somebody has to start the side-car again", async () => {
    await expect(before.crash()).rejects.toThrow("fetch failed");
    await sideCar.ended;
    await expect(before.rate(texts)).rejects.toThrow("fetch failed");
    await expect(after.crash()).rejects.toMatchObject({ code: "WORKER_CRASHED" });
    expect(await after.rate(texts)).toHaveLength(3);
  });
});
