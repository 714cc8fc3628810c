import type { Value } from "../../value/index.ts";
import { returnWriter, takeWriter } from "../bytes/index.ts";
import { type Codec, type CodecOptions, resolveCodecOptions } from "../codec.ts";
import { explainRefusal } from "../refusal.ts";
import { MsgpackReader } from "./decode.ts";
import { writeValue } from "./encode.ts";

/** The default codec: MessagePack with the extension types of spec/values.md. */
export function msgpack(options?: CodecOptions): Codec {
  return new MsgpackCodec(resolveCodecOptions(options));
}

class MsgpackCodec implements Codec {
  readonly name = "msgpack";
  readonly #options: Required<CodecOptions>;

  constructor(options: Required<CodecOptions>) {
    this.#options = options;
  }

  encode(value: Value): Uint8Array {
    const out = takeWriter();
    try {
      writeValue(out, value, this.#options.maxDepth);
      return out.finish();
    } catch (thrown) {
      throw explainRefusal(thrown, value, "msgpack", this.#options.maxDepth);
    } finally {
      returnWriter(out);
    }
  }

  decode(bytes: Uint8Array): Value {
    const input = new MsgpackReader(bytes, 0, bytes.length, this.#options);
    const value = input.read(this.#options.maxDepth);
    if (input.at !== input.end) {
      throw input.corrupt(`${input.end - input.at} bytes follow the value`);
    }
    return value;
  }
}

export { MsgpackReader } from "./decode.ts";
export {
  writeArrayHead as writeMsgpackArrayHead,
  writeNumber as writeMsgpackNumber,
  writeString as writeMsgpackString,
  writeValue as writeMsgpackValue,
} from "./encode.ts";
