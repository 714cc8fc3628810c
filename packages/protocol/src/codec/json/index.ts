import { strictUtf8, utf8Encoder } from "../../platform.ts";
import type { Value } from "../../value/index.ts";
import { type Codec, type CodecOptions, resolveCodecOptions } from "../codec.ts";
import { corrupt } from "../corrupt.ts";
import { BigIntKeys } from "../key.ts";
import { explainRefusal } from "../refusal.ts";
import { fromTree } from "./decode.ts";
import { toText } from "./encode.ts";

/** JSON for people and browsers; what JSON has no form for is tagged, so nothing is lost. */
export function json(options?: CodecOptions): Codec {
  return new JsonCodec(resolveCodecOptions(options));
}

class JsonCodec implements Codec {
  readonly name = "json";
  readonly #options: Required<CodecOptions>;

  constructor(options: Required<CodecOptions>) {
    this.#options = options;
  }

  encode(value: Value): Uint8Array {
    return encodeJson(value, this.#options, this.#options.maxDepth);
  }

  decode(bytes: Uint8Array): Value {
    return decodeJson(bytes, this.#options, this.#options.maxDepth);
  }
}

/** `left` is how many levels the value may nest, when something around it adds to the limit. */
export function encodeJson(
  value: Value,
  options: Required<CodecOptions>,
  left: number,
): Uint8Array {
  try {
    return utf8Encoder.encode(toText(value, left));
  } catch (thrown) {
    throw explainRefusal(thrown, value, "json", options.maxDepth);
  }
}

/** As {@link encodeJson}. */
export function decodeJson(
  bytes: Uint8Array,
  options: Required<CodecOptions>,
  left: number,
): Value {
  return fromTree(parse(bytes), { ...options, bigIntKeys: new BigIntKeys() }, left);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes));
  } catch (error) {
    throw corrupt("json", 0, error instanceof Error ? error.message : "the text is not JSON");
  }
}
