// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    statistics: { alias: "stats", preload: true },
    prices: { pool: "pricing", pure: { rounded: { ttlMs: 60_000 } }, concurrency: 4 },
  },
  pools: {
    default: { workers: 2 },
    pricing: { workers: 1, path: "python", env: { set: { CURRENCY: "EUR" } } },
  },
  $production: {
    pools: { default: { workers: 16 } },
  },
});
// #endregion config
