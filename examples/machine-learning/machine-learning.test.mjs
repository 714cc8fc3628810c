import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeStory, printed } from "../story.mjs";

/** The same model, trained and asked without Amphis. */
const DIRECT = `
import json
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import train_test_split
images, labels = load_digits(return_X_y=True)
a, b, c, d = train_test_split(images, labels, test_size=0.2, random_state=7, stratify=labels)
model = LinearDiscriminantAnalysis().fit(a, c)
says = model.predict_proba(b)
print(json.dumps({"images": b.tolist(), "digits": model.predict(b).tolist(), "confidences": says.max(axis=1).tolist(), "accuracy": model.score(b, d)}))
`;

/** @param {string} python */
async function direct(python) {
  const options = { maxBuffer: 1 << 28 };
  const { stdout } = await promisify(execFile)(python, ["-c", DIRECT], options);
  return JSON.parse(stdout);
}

/**
 * @typedef {{ digit: number, confidence: number }} Reading
 *
 * @typedef {object} Status What is used of it.
 * @property {{ pid: number, running: number }[]} workers
 * @property {number} crashed
 * @property {number} cancelled
 * @property {{ hits: number, misses: number }} kept
 */

describeStory("machine learning", { modules: ["sklearn", "joblib"] }, (python) => {
  /** @type {{ images: number[][], digits: number[], confidences: number[], accuracy: number }} */
  let expected;
  /** @type {import("node:child_process").ChildProcessWithoutNullStreams} */
  let program;
  /** @type {AsyncIterator<string>} */
  let lines;
  let url = "";

  beforeAll(async () => {
    program = spawn(process.execPath, [fileURLToPath(new URL("server.mjs", import.meta.url))]);
    program.stderr.resume();
    lines = createInterface(program.stdout)[Symbol.asyncIterator]();
    [expected] = await Promise.all([
      direct(python),
      lines.next().then(({ value }) => {
        url = value;
      }),
    ]);
  }, 240_000);

  afterAll(() => {
    program.kill("SIGKILL");
  });

  /**
   * @param {string} where
   * @param {unknown} body
   * @param {AbortSignal | null} signal
   */
  const post = (where, body = [], signal = null) =>
    fetch(url + where, { method: "POST", body: JSON.stringify(body), signal });
  const readings = async (/** @type {Response} */ response) =>
    /** @type {Reading[]} */ (await response.json());
  const status = async () => /** @type {Status} */ (await (await fetch(`${url}/status`)).json());
  const isBusy = async () => (await status()).workers.some(({ running }) => running > 0);

  test("requests that come at once are answered as scikit-learn itself answers", async () => {
    const { images, digits, confidences } = expected;
    const responses = await Promise.all(images.map((image) => post("/predict", [image])));
    const answers = await Promise.all(responses.map((response) => readings(response)));
    expect(answers.map(([reading]) => reading?.digit)).toEqual(digits);
    for (const [at, [reading]] of answers.entries()) {
      expect(reading?.confidence).toBeCloseTo(confidences[at] ?? Number.NaN, 6);
    }
    const many = await readings(await post("/predict", images.slice(0, 50)));
    expect(many.map(({ digit }) => digit)).toEqual(digits.slice(0, 50));
  });

  test("an image that was asked before is not asked of Python again", async () => {
    const image = Array.from({ length: 64 }, (_, at) => at % 17);
    const before = (await status()).kept;
    const first = await readings(await post("/predict", [image]));
    expect(await readings(await post("/predict", [image]))).toEqual(first);
    const { hits, misses } = (await status()).kept;
    expect({ hits: hits - before.hits, misses: misses - before.misses }).toEqual({
      hits: 1,
      misses: 1,
    });
  });

  test("a request whose worker crashes is told so, and the others are answered", async () => {
    const [crash, ...others] = await Promise.all([
      post("/crash"),
      ...expected.images.slice(0, 30).map((image) => post("/predict", [image, image])),
    ]);
    expect(crash.status).toBe(503);
    expect(crash.headers.get("retry-after")).toBe("1");
    expect(await crash.json()).toEqual({ error: "WORKER_CRASHED" });
    const answers = await Promise.all(others.map((response) => readings(response)));
    expect(answers.map(([reading]) => reading?.digit)).toEqual(expected.digits.slice(0, 30));
    await expect.poll(async () => (await status()).crashed).toBe(1);
  });

  test("a request that takes longer than its time is told so, and its worker goes on", async () => {
    const late = await post("/dawdle?timeoutMs=100");
    expect([late.status, await late.json()]).toEqual([504, { error: "CALL_TIMEOUT" }]);
    await expect.poll(isBusy).toBe(false);
    expect((await status()).crashed).toBe(1);
  });

  test("a call that nobody waits for any more is cancelled", async () => {
    const leaving = new AbortController();
    const asked = post("/dawdle", [], leaving.signal);
    asked.catch(() => "that is what is wanted");
    await expect.poll(isBusy).toBe(true);
    leaving.abort();
    await expect(asked).rejects.toThrow("abort");
    await expect.poll(async () => (await status()).cancelled).toBe(1);
    await expect.poll(isBusy).toBe(false);
  });

  test("requests that make no sense are refused", async () => {
    const wrong = await Promise.all([
      post("/predict", [[1, 2, 3]]),
      post("/predict", [["1"]]),
      post("/predict", { image: 1 }),
      fetch(`${url}/predict`, { method: "POST", body: "{" }),
      post("/predict", ["x".repeat(2_000_000)]),
      post("/predict?timeoutMs=soon", [[1]]),
      fetch(`${url}/nowhere`),
    ]);
    expect(wrong.map((response) => response.status)).toEqual([400, 400, 400, 400, 400, 400, 404]);
    expect(await wrong[0]?.json()).toEqual({ error: "each image must have 64 pixels" });
  });

  test("at SIGTERM requests are answered, and no process is left", async () => {
    const { workers } = await status();
    const pids = workers.map(({ pid }) => pid);
    const last = post("/dawdle?timeoutMs=2000");
    await expect.poll(isBusy).toBe(true);
    const exited = once(program, "exit");
    program.kill("SIGTERM");
    expect((await last).status).toBe(504);
    expect((await lines.next()).value).toBe("closed");
    expect(await exited).toEqual([0, null]);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("the story trains, serves and asks, and refuses a model that was changed", async () => {
    const output = await printed(new URL("main.mjs", import.meta.url));
    expect(output.split("\n")).toEqual([
      `trained   accuracy ${expected.accuracy.toFixed(2)} on ${expected.images.length} images`,
      `asked     ${expected.images.length} at a time, true`,
      "crashed   503, others 200",
      'too late  504 {"error":"CALL_TIMEOUT"}',
      'refused   400 {"error":"each image must have 64 pixels"}',
      "not used  Cannot open Python: hook setup of digits failed: digits:load: ValueError: digits.joblib is not the model that was trained",
      "done",
      "",
    ]);
  }, 240_000);
});
