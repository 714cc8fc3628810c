/** What a piece of printed text is; decides its colour. */
export type Role = "text" | "number" | "word" | "scalar" | "note";

/** Puts a token into its colour, or leaves it as it is. */
export type Paint = (token: string, role: Role) => string;

const CODES: Readonly<Record<Role, number>> = {
  text: 32,
  number: 33,
  word: 35,
  scalar: 36,
  note: 90,
};

export const plain: Paint = (token) => token;

export const ansi: Paint = (token, role) => `\u001b[${CODES[role]}m${token}\u001b[39m`;

/**
 * Tells whether what is written to a stream should be coloured.
 *
 * Pass `process.stdout` and `process.env`. NO_COLOR wins over FORCE_COLOR, which wins over what the stream is.
 */
export function wantsColor(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0") return true;
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}
