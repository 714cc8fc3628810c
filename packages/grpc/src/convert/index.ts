export { messageFromProto, messageToProto } from "./envelope.ts";
export {
  executeRequestFromProto,
  executeRequestToProto,
  executeResponseFromProto,
  executeResponseToProto,
} from "./execute.ts";
export type { ExecuteRequest, ExecuteResponse, Parameter } from "./execute.ts";
export { streamElementFromProto, streamElementToProto } from "./stream.ts";
export type { StreamElement } from "./stream.ts";
export { helloFromProto, helloToProto } from "./hello.ts";
export { errorFromProto, errorToProto } from "./error.ts";
export { referenceFromProto, referenceToProto } from "./reference.ts";
export { valueToProto } from "./value-to-proto.ts";
export { valueFromProto } from "./value-from-proto.ts";
export { decodeProto } from "./bytes.ts";
export type { ConvertOptions } from "./options.ts";
