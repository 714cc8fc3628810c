import { launch } from "./setup/launch.mjs";

launch(() => import("./check/command.mjs"));
