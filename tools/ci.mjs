import { launch } from "./setup/launch.mjs";

launch(() => import("./ci/command.mjs"));
