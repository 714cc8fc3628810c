// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    forecast: {
      alias: "fc",
      exclude: ["internal_*"],
      pure: { trend: { ttlMs: 3_600_000 }, price: true },
      hooks: { setup: "forecast_hooks:load", before: "forecast_hooks:check" },
      serializers: {
        money: {
          type: "forecast:Money",
          toPlain: "forecast_hooks:money_to_plain",
          fromPlain: "forecast_hooks:money_from_plain",
        },
      },
      concurrency: 4,
      rateLimit: { calls: 100, perMs: 1_000 },
      batching: { price: { function: "forecast:prices" } },
      trace: { functions: ["trend"], redact: ["*token*"] },
    },
  },
  pools: { default: { workers: 1, path: "python" } },
});
// #endregion config
