import { launch } from "./setup/launch.mjs";

launch(() => import("./current-node/command.mjs"));
