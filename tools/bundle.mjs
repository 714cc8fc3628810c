import { launch } from "./setup/launch.mjs";

launch(() => import("./bundle/command.mjs"));
