// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    requests: { version: ">=2.31", preload: true },
    bs4: { package: "beautifulsoup4", version: ">=4.12", preload: true },
    scraper: {
      preload: true,
      concurrency: 2, // pages at a time, over all workers
      rateLimit: { calls: 50, perMs: 1_000 },
      timeoutMs: 180_000, // a page with all its rows, waiting included
    },
  },
  pools: {
    default: {
      workers: 3,
      path: "python",
      env: { set: { SCRAPER_RETRIES: "2", SCRAPER_TIMEOUT_S: "60" } },
      isolation: "guarded",
      policy: {
        libraries: { allow: ["scraper"] }, // what this program calls; what scraper uses is its own matter
        network: true,
        files: { write: [] }, // pages are read, and nothing is written anywhere
      },
    },
  },
});
// #endregion config
