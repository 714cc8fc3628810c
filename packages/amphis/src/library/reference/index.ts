export { serveReference, writeReference } from "./operations.ts";
export type { ReferenceProgress, WriteReferenceOptions, WrittenReference } from "./write.ts";
export type { ReferenceServer, ServeReferenceOptions } from "./serve.ts";
export { EXAMPLE_FUNCTION, exampleArguments } from "./outcome.ts";
export type { Example, ExampleStep } from "./example.ts";
