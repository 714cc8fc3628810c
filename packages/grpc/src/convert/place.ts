import { AmphisError } from "@amphis/protocol";

/** What is converted; named in errors. */
export type ProtoBody =
  | "value"
  | "envelope"
  | "execute request"
  | "execute response"
  | "stream element"
  | "hello"
  | "error"
  | "reference";

/** Where a conversion is, so that its errors can say so. */
export class Place {
  readonly #body: ProtoBody;
  readonly #steps: string[] = [];

  constructor(body: ProtoBody) {
    this.#body = body;
  }

  get path(): string {
    return `$${this.#steps.join("")}`;
  }

  /** Converts what stands one step further in. The steps of a conversion that threw are kept for nobody. */
  in<T>(step: string, convert: () => T): T {
    this.#steps.push(step);
    const result = convert();
    this.#steps.pop();
    return result;
  }

  /** A received message has the wrong shape. */
  invalid(expected: string): AmphisError<"BODY_INVALID"> {
    const [body, path] = [this.#body, this.path];
    return new AmphisError("BODY_INVALID", `Cannot read ${body}: ${path} must be ${expected}`, {
      body,
      path,
      expected,
    });
  }

  /** A value has no form in Protocol Buffers. */
  refused(
    code: "VALUE_UNSUPPORTED" | "VALUE_OUT_OF_RANGE",
    expected: string,
    received: string,
  ): AmphisError {
    const path = this.path;
    return new AmphisError(
      code,
      `Cannot write ${this.#body}: ${path} must be ${expected}, got ${received}`,
      { path, expected, received },
    );
  }

  tooDeep(limit: number): AmphisError<"DEPTH_EXCEEDED"> {
    return new AmphisError(
      "DEPTH_EXCEEDED",
      `Cannot convert ${this.#body}: the value is nested deeper than ${limit} levels or contains itself`,
      { limit },
    );
  }

  /** A 64-bit field as a number. */
  safe(value: bigint): number {
    const number = Number(value);
    if (value < 0n || !Number.isSafeInteger(number)) {
      throw this.invalid(`an int from 0 to ${Number.MAX_SAFE_INTEGER}`);
    }
    return number;
  }
}
