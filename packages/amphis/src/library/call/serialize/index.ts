export { checkSerializer } from "./check-serializer.ts";
export type { CallsPython, CheckSerializerOptions, SerializerReport } from "./check-serializer.ts";
export { registration, typedValues } from "./serializers.ts";
