// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    sklearn: { package: "scikit-learn", version: ">=1.4" },
    digits: {
      pool: "serving",
      preload: true, // workers import it before their first request
      hooks: { setup: "digits:load" }, // and have the model, or are not used
      pure: { predict: { maxEntries: 10_000 } }, // the model does not change while it is served
    },
  },
  pools: {
    default: { workers: 1, minWorkers: 0, path: "python" }, // trains, when it is asked to
    serving: {
      workers: 2,
      minWorkers: 2,
      packages: ["scipy.stats"], // what scikit-learn takes longest to load; workers are forked from a process that has it
    },
  },
});
// #endregion config
