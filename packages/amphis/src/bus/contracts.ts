import { AmphisError, type MessageContent, type Value } from "@amphis/protocol";
import type { SchemaRegistry } from "@amphis/protocol/schema";

import type { ContractName } from "./bus.ts";

/** What the payloads of one endpoint are held to. */
export interface PayloadChecks {
  /** @throws {AmphisError} VALIDATION_FAILED, MESSAGE_INVALID */
  request(content: MessageContent): void;
  /** @throws {AmphisError} VALIDATION_FAILED */
  answer(answer: Value): void;
}

/**
 * Checks the payload of a message whose schema is known.
 *
 * @throws {AmphisError} VALIDATION_FAILED
 */
export function checkPayload(
  schemas: SchemaRegistry | undefined,
  { schema, version, payload }: MessageContent,
): void {
  if (schemas === undefined || schema === undefined) return;
  schemas.find(schema, version)?.validator.validate(payload);
}

/**
 * The checks of an endpoint that names its contracts.
 *
 * @throws {AmphisError} SCHEMA_UNKNOWN for a contract that is not registered
 * @throws {TypeError} when there is no registry
 */
export function payloadChecks(
  schemas: SchemaRegistry | undefined,
  accepts: ContractName | undefined,
  answers: ContractName | undefined,
): PayloadChecks {
  const request = validatorOf(schemas, accepts);
  const answer = validatorOf(schemas, answers);
  return {
    request: (content) => {
      if (accepts !== undefined && content.schema !== undefined) {
        expectSchema(content.schema, accepts.schema);
      }
      if (request === undefined) checkPayload(schemas, content);
      else request.validate(content.payload);
    },
    answer: (value) => {
      answer?.validate(value);
    },
  };
}

function validatorOf(schemas: SchemaRegistry | undefined, contract: ContractName | undefined) {
  if (contract === undefined) return undefined;
  if (schemas === undefined) {
    throw new TypeError(
      `Cannot hold endpoint to ${contract.schema}: the bus was opened without schemas`,
    );
  }
  return schemas.get(contract.schema, contract.version ?? 1).validator;
}

function expectSchema(received: string, expected: string): void {
  if (received === expected) return;
  throw new AmphisError(
    "MESSAGE_INVALID",
    `Cannot take request: its payload is ${received}, and the endpoint takes ${expected}`,
    { field: "schema", expected, received },
  );
}
