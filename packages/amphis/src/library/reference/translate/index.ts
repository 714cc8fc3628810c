export { translate } from "./translate.ts";
export type { Translation } from "./translate.ts";
