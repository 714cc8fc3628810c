// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    pandas: { version: ">=2.2", alias: "pd" },
    matplotlib: { version: ">=3.8" },
    pyarrow: { version: ">=17" }, // tables travel in its format
    orders: {}, // python/orders.py, of this project
  },
  pools: {
    default: {
      workers: 1,
      path: "python",
      env: { set: { MPLBACKEND: "Agg" } }, // pictures are drawn in memory, for no screen
    },
  },
});
// #endregion config
