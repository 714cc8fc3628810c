import { launch } from "./setup/launch.mjs";

launch(() => import("./format/command.mjs"));
