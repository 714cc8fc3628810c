/*
 * What this package uses of its platform beyond the language: present in browsers and in every JavaScript server. Nothing is imported, so
 * that the package loads anywhere; Node's Buffer is used when it is there, because its string methods are several times faster.
 */

interface Decoder {
  decode(bytes: Uint8Array): string;
}

interface Encoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

/** The methods of Node's Buffer that work on any Uint8Array. */
export interface BufferMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

interface BufferClass {
  readonly prototype: BufferMethods;
  allocUnsafeSlow(size: number): Uint8Array<ArrayBuffer>;
}

interface Platform {
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => Decoder;
  readonly TextEncoder: new () => Encoder;
  readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
  readonly performance: { now(): number };
  readonly Buffer?: BufferClass;
  atob(text: string): string;
  btoa(text: string): string;
}

const platform = globalThis as unknown as Platform;

/** Refuses what is not UTF-8; keeps a byte-order mark as the character that it is. */
export const strictUtf8: Decoder = new platform.TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

export const utf8Encoder: Encoder = new platform.TextEncoder();

export const buffer: BufferMethods | undefined = platform.Buffer?.prototype;

/** A plain Uint8Array whose content is undefined until it is written. */
export function allocate(size: number): Uint8Array<ArrayBuffer> {
  const unsafe = platform.Buffer?.allocUnsafeSlow(size);
  return unsafe === undefined
    ? new Uint8Array(size)
    : new Uint8Array(unsafe.buffer, unsafe.byteOffset, size);
}

const SLAB_BYTES = 65_536;
/** Larger pieces have memory of their own, so that none keeps much alive that is not its own. */
const SMALL_BYTES = 4_096;
let slab = new ArrayBuffer(0);
let slabUsed = SLAB_BYTES;

/** As {@link allocate}, for what is soon gone: small pieces are cut from a shared slab, since to make one costs more than to fill it. */
export function allocateBriefly(size: number): Uint8Array<ArrayBuffer> {
  if (size > SMALL_BYTES) return allocate(size);
  if (slabUsed + size > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const piece = new Uint8Array(slab, slabUsed, size);
  slabUsed = (slabUsed + size + 7) & ~7;
  return piece;
}

export function fillRandom(bytes: Uint8Array): void {
  platform.crypto.getRandomValues(bytes);
}

/** Milliseconds on a clock that never goes back; its zero means nothing. */
export function monotonicMs(): number {
  return platform.performance.now();
}

export function base64Encode(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return platform.btoa(binary);
}

/** What `atob` reads and base64 with padding is not: white space, stray or missing padding, surplus bits in the last character. */
const NOT_BASE64 = /[^A-Za-z0-9+/=]|=[^=]|===|[^AQgw=]==$|[^AEIMQUYcgkosw048=]=$/;

/** Undefined when the text is not base64 with padding. */
export function base64Decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || NOT_BASE64.test(text)) return undefined;
  const binary = platform.atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
