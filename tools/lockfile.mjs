import { launch } from "./setup/launch.mjs";

launch(() => import("./lockfile/command.mjs"));
