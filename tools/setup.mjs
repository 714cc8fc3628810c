import { launch } from "./setup/launch.mjs";

launch(() => import("./setup/command.mjs"));
