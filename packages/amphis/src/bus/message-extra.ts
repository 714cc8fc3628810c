import { AmphisError, type Frame, type FrameAttachment, msgpack, Place } from "@amphis/protocol";

import { type CallWants, ONE_VALUE } from "./exchange.ts";

/** What travels beside a message: an attachment with a map, or none when there is nothing to say. */
export interface MessageExtra {
  /** The endpoint that is meant, when the target is not its name. */
  readonly endpoint?: string | undefined;
  /** Items of a stream that may come at once; a stream is wanted. */
  readonly credit?: number | undefined;
  /** The caller streams items too. */
  readonly input?: boolean | undefined;
}

const CODEC = msgpack();
/** Nothing beside the message. */
export const NO_EXTRA: MessageExtra = {};
const MAX_CREDIT = 0x7fff_ffff;

/** What the caller of a message wants, by what travels beside it. */
export function wantsOf(extra: MessageExtra): CallWants {
  if (extra === NO_EXTRA) return ONE_VALUE;
  const { credit = 0, input = false } = extra;
  return { credit, input };
}

export function encodeMessageExtra({
  endpoint,
  credit = 0,
  input = false,
}: MessageExtra): readonly FrameAttachment[] | undefined {
  if (endpoint === undefined && credit === 0 && !input) return undefined;
  const data = CODEC.encode({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credit === 0 ? {} : { credit }),
    ...(input ? { input } : {}),
  });
  return [{ kind: "inline", data }];
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeMessageExtra({ attachments }: Frame): MessageExtra {
  const [attachment] = attachments;
  if (attachment === undefined) return NO_EXTRA;
  if (attachment.kind !== "inline" || attachments.length > 1) {
    throw new AmphisError(
      "BODY_INVALID",
      "Cannot read message: it may have one attachment, and that inline",
      { body: "message", path: "$", expected: "one inline attachment" },
    );
  }
  const extra = new Place("message", CODEC.decode(attachment.data));
  const [endpoint, credit, input] = [
    extra.key("endpoint"),
    extra.key("credit"),
    extra.key("input"),
  ];
  return {
    endpoint: endpoint.isAbsent ? undefined : endpoint.text(),
    credit: credit.isAbsent ? undefined : credit.int(1, MAX_CREDIT),
    input: input.isAbsent ? undefined : input.bool(),
  };
}
