export { checkCall } from "./check-call.ts";
export { signatureText } from "./print.ts";
