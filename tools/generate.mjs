import { launch } from "./setup/launch.mjs";

launch(() => import("./generate/runner/command.mjs"));
