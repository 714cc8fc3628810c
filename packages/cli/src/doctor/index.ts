export { environmentStanding } from "./environments.ts";
export { type Finding, messageOf } from "./finding.ts";
export { nativeFinding, pythonFindings } from "./python.ts";
export { toolFindings } from "./tools.ts";
