/* Trains a model, serves it, and asks the server as its users would: many at a time, in a hurry, and while a worker crashes. */

import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { takeWhatIsHere } from "./environment.mjs";
import { serve } from "./serve.mjs";
import { train } from "./train.mjs";

takeWhatIsHere();
const folder = await mkdtemp(join(tmpdir(), "amphis-digits-"));

const { sha256, accuracy, samples, labels } = await train(folder);
console.log(`trained   accuracy ${accuracy.toFixed(2)} on ${samples.length} images`);

const server = await serve({ folder, sha256 });
try {
  // #region ask
  /** @param {string} path */
  const post = (path, body = []) =>
    fetch(server.url + path, { method: "POST", body: JSON.stringify(body) });

  const answers = await Promise.all(
    samples.map(async (image) => {
      const response = await post("/predict", [image]);
      return /** @type {[{ digit: number }]} */ (await response.json());
    }),
  );
  const right = answers.filter(([{ digit }], at) => digit === labels[at]).length;
  console.log(`asked     ${answers.length} at a time, ${right / answers.length === accuracy}`);
  // #endregion ask

  // #region crash
  const [crash, ...others] = await Promise.all([
    post("/crash"),
    ...samples.slice(0, 20).map((image) => post("/predict", [image, image])),
  ]);
  console.log(
    `crashed   ${crash.status}, others ${[...new Set(others.map(({ status }) => status))]}`,
  );
  // #endregion crash

  // #region refuse
  const late = await post("/dawdle?timeoutMs=200");
  console.log(`too late  ${late.status} ${await late.text()}`);
  const wrong = await post("/predict", [[1, 2, 3]]);
  console.log(`refused   ${wrong.status} ${await wrong.text()}`);
  // #endregion refuse
} finally {
  await server.close();
}

// #region tampered
await appendFile(join(folder, "digits.joblib"), "what somebody else wrote");
await serve({ folder, sha256 }).catch((error) => console.log(`not used  ${error.message}`));
// #endregion tampered

await rm(folder, { recursive: true });
console.log("done");
