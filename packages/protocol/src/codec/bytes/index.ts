export { TextCache } from "./text-cache.ts";
export { readUtf8, writeUtf8 } from "./text.ts";
export { ByteWriter, finishWith, returnWriter, takeWriter } from "./writer.ts";
