/* A shop on this machine: pages with links, one that moved, one that is broken, one that takes its time, and one that is busy at first. */

import { once } from "node:events";
import { createServer } from "node:http";

/** @type {Readonly<Record<string, readonly (readonly [string, string])[]>>} */
const shelves = {
  "/tea": [
    ["Green tea", "4.50"],
    ["Black tea", "3.90"],
  ],
  "/tea/more": [["White tea", "7.25"]],
  "/coffee": [
    ["Filter coffee", "8.00"],
    ["Espresso", "9.40"],
  ],
  "/honey": [["Forest honey", "6.25"]],
  "/slow": [["Aged tea", "12.00"]],
};

const links = {
  "/": [
    "/slow",
    "/tea",
    "/old-coffee",
    "/honey",
    "/broken",
    "/private/prices",
    "https://example.com/",
  ],
  "/tea": ["/", "/tea/more#top"],
  "/tea/more": ["/tea"],
  "/coffee": ["/"],
  "/honey": ["/tea"],
  "/slow": ["/"],
};

/** @param {string} path */
function pageOf(path) {
  const rows = (shelves[path] ?? []).map(
    ([name, price]) =>
      `<li class="product"><b class="name">${name}</b> <span class="price">EUR ${price}</span></li>`,
  );
  const targets = (links[path] ?? []).map((to) => `<a href="${to}">${to}</a>`);
  return `<!doctype html><title>${path}</title><ul>${rows.join("")}</ul>${targets.join(" ")}`;
}

/** @param {string} path Each of these pages leads to another one. */
function endless(path) {
  const next = Number(path.slice("/endless/".length)) + 1;
  const row = `<li class="product"><b class="name">Item ${next}</b><i class="price">1</i></li>`;
  return `<ul>${row}</ul><a href="/endless/${next}">more</a>`;
}

/** Starts it. `visits` are the paths that were asked for, `seen.most` how many were being answered at a time; `wake` ends the wait of the slow page. */
export async function openSite() {
  /** @type {string[]} */
  const visits = [];
  const seen = { open: 0, most: 0 };
  const { promise: woken, resolve: wake } = deferred();
  const server = createServer((request, response) => {
    const { pathname: path } = new URL(request.url ?? "/", "http://localhost");
    const isFirst = !visits.includes(path);
    visits.push(path);
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    /** @param {number} status */
    const answer = (status, body = "", headers = {}) => {
      seen.open -= 1;
      const type = path.endsWith(".txt") ? "text/plain" : "text/html; charset=utf-8";
      response.writeHead(status, { "content-type": type, ...headers }).end(body);
    };
    if (path === "/robots.txt") answer(200, "User-agent: *\nDisallow: /private/\n");
    else if (path === "/old-coffee") answer(301, "", { location: "/coffee" });
    else if (path === "/broken") answer(500, "out of order");
    else if (path === "/honey" && isFirst) answer(503, "come back");
    else if (path === "/slow") void woken.then(() => answer(200, pageOf(path)));
    else if (path.startsWith("/endless/")) answer(200, endless(path));
    else if (path in links) answer(200, pageOf(path));
    else answer(404, "nothing");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    visits,
    seen,
    wake,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function deferred() {
  /** @type {(value?: unknown) => void} */
  let resolve = () => undefined;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
