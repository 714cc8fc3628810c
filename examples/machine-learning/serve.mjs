/* A web server that answers with what a model in Python says. */

import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

import { isAmphisError, openPython } from "amphis";

const MOST_BYTES = 1_000_000;

// #region serve
/**
 * @param {object} model
 * @param {string} model.folder Where the file is.
 * @param {string} model.sha256 Of the file.
 */
export async function serve({ folder, sha256 }) {
  const py = await openPython({ cwd: folder, env: { set: { MODEL_SHA256: sha256 } } });
  const server = createServer((request, response) => void answer(py, request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");

  return {
    url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`,
    async close() {
      server.close(); // no new connections; requests that are there are answered,
      server.keepAliveTimeout = 1; // and their connections end with them
      await once(server, "close");
      await py.close();
    },
  };
}
// #endregion serve

// #region answer
const LONGEST_MS = 30_000; // that a request may ask for

/**
 * @param {import("amphis").Python} py
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function answer(py, request, response) {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const gone = new AbortController();
  response.once("close", () => gone.abort()); // nobody waits any more
  const timeoutMs = Math.min(Number(searchParams.get("timeoutMs") ?? LONGEST_MS), LONGEST_MS);
  const options = { signal: gone.signal, timeoutMs };
  try {
    const handler = handlers[`${request.method} ${pathname}`];
    if (handler === undefined) send(response, 404, { error: "there is no such page" });
    else send(response, 200, await handler({ py, request, options }));
  } catch (error) {
    const status = statusOf(error);
    if (status === 503) response.setHeader("retry-after", "1");
    send(response, status, { error: reasonOf(error, status) });
  }
}
// #endregion answer

// #region handlers
/** @type {Record<string, (asked: Asked) => unknown>} */
const handlers = {
  "POST /predict": async ({ py, request, options }) =>
    py.call("digits:predict", [await imagesOf(request)], options),
  "GET /status": ({ py }) => statusOfPython(py),
  // Planted, to see what becomes of the others: a fault in C code, and a call that takes for ever.
  "POST /crash": ({ py, options }) => py.call("digits:crash", [], options),
  "POST /dawdle": ({ py, options }) => py.call("digits:dawdle", [], options),
};
// #endregion handlers

// #region status
/** @param {unknown} error */
function statusOf(error) {
  if (error instanceof SyntaxError || error instanceof RangeError) return 400;
  // What `predict` raises for images that are none.
  if (isAmphisError(error, "PYTHON_ERROR") && error.type === "ValueError") return 400;
  if (!isAmphisError(error)) return 500;
  switch (error.code) {
    case "CALL_TIMEOUT":
    case "QUEUE_TIMEOUT":
      return 504;
    case "WORKER_CRASHED": // the next request has another worker
    case "BREAKER_OPEN":
    case "QUEUE_FULL":
      return 503;
    default:
      return 500;
  }
}
// #endregion status

/**
 * What a client is told: what it did wrong, or only the code of what went wrong here.
 *
 * @param {unknown} error
 * @param {number} status
 */
function reasonOf(error, status) {
  if (status < 500 && error instanceof Error) {
    return isAmphisError(error, "PYTHON_ERROR") ? error.text : error.message;
  }
  return isAmphisError(error) ? error.code : "INTERNAL_ERROR";
}

/**
 * @typedef {object} Asked
 * @property {import("amphis").Python} py
 * @property {import("node:http").IncomingMessage} request
 * @property {import("amphis").CallOptions} options
 */

/** @param {import("node:http").IncomingMessage} request */
async function imagesOf(request) {
  if (!(Number(request.headers["content-length"]) <= MOST_BYTES)) {
    throw new RangeError(`the body must say its length, of ${MOST_BYTES} bytes at most`);
  }
  const images = await json(request);
  const isList = Array.isArray(images) && images.every((image) => isImage(image));
  if (!isList) throw new RangeError("the body must be a list of images, lists of numbers");
  return images;
}

/** @param {unknown} image */
const isImage = (image) =>
  Array.isArray(image) && image.every((pixel) => typeof pixel === "number");

/** @param {import("amphis").Python} py */
function statusOfPython(py) {
  const { workerCounts, workers, calls } = py.status().pools["serving"] ?? {};
  const { functions = [] } = py.libraries().find(({ library }) => library === "digits") ?? {};
  const cache = functions.find(({ name }) => name === "predict")?.cache;
  return {
    workers: workers?.map(({ pid, state, running }) => ({ pid, state, running })),
    crashed: workerCounts?.crashed,
    cancelled: calls?.cancelled,
    kept: cache && { hits: cache.hits, misses: cache.misses },
  };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 */
function send(response, status, value) {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
