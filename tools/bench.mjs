import { launch } from "./setup/launch.mjs";

launch(() => import("./bench/command.mjs"));
