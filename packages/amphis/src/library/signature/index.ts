export { checkCall } from "./check-call.ts";
export { partsOf, signatureText } from "./print.ts";
