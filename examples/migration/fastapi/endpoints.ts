/* The first step: the functions of the side-car itself are called, models and all, without HTTP. */

import { fileURLToPath } from "node:url";

const path = ["../python", "."].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

// #region endpoints
import { defineConfig, kw, openPython } from "amphis";

/** Every model of pydantic travels as the values that it has. */
const config = defineConfig({
  libraries: {
    app: {
      serializers: {
        model: { type: "pydantic:BaseModel", toPlain: "pydantic:BaseModel.model_dump" },
      },
    },
  },
});

/** @param python the one that the side-car runs in */
export async function openEndpoints(python: string) {
  const py = await openPython({ python, path, config, workers: 1 });
  const app = py.import("app");
  return {
    rate: (texts: readonly string[], best = 5) => app.rate(app.RateRequest(kw({ texts, best }))),
    close: () => py.close(),
  };
}
// #endregion endpoints
