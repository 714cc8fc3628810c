export {
  messageFromProto,
  messageToProto,
  executeRequestFromProto,
  executeRequestToProto,
  executeResponseFromProto,
  executeResponseToProto,
  streamElementFromProto,
  streamElementToProto,
  helloFromProto,
  helloToProto,
  errorFromProto,
  errorToProto,
  referenceFromProto,
  referenceToProto,
  valueToProto,
  valueFromProto,
  decodeProto,
} from "./convert/index.ts";
export type {
  ExecuteRequest,
  ExecuteResponse,
  Parameter,
  StreamElement,
  ConvertOptions,
} from "./convert/index.ts";

// The generated messages, for those who write a service with them.
export {
  EnvelopeSchema,
  WireErrorSchema,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
  HelloSchema,
  SharedMemoryReferenceSchema,
  StreamElementSchema,
  ValueSchema,
} from "./generated/index.ts";
export type {
  Envelope,
  WireError as ProtoError,
  ExecuteRequest as ProtoExecuteRequest,
  ExecuteResponse as ProtoExecuteResponse,
  Hello as ProtoHello,
  SharedMemoryReference,
  StreamElement as ProtoStreamElement,
  Value as ProtoValue,
} from "./generated/index.ts";
