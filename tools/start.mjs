import { launch } from "./setup/launch.mjs";

launch(() => import("./start/command.mjs"));
