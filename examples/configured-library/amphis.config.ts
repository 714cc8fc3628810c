// #region config
import { defineConfig } from "amphis";

export default defineConfig({
  libraries: {
    numpy: { version: ">=1.26,<3", alias: "np" },
  },
});
// #endregion config
