export { writeTypes } from "./write-types.ts";
export type { WriteTypesOptions, WrittenTypes } from "./write-types.ts";
export { typeText } from "./type-text.ts";
