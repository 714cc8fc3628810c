export { writeTypes } from "./write-types.ts";
export type { WriteTypesOptions, WrittenTypes } from "./write-types.ts";
export { isProperty, propertyName } from "./names.ts";
export { typeText, TypeTexts } from "./type-text.ts";
