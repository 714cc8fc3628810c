export { wantsColor } from "./color.ts";
export { formatFrame } from "./frame.ts";
export type { PrintableFrame } from "./frame.ts";
export { formatMessage } from "./message.ts";
export type { PrintableMessage } from "./message.ts";
export type { PrintOptions, PrintStyle } from "./options.ts";
export { formatValue } from "./value.ts";

// For the other parts of this package, whose errors quote what a peer sent.
export { cutText } from "./text.ts";
