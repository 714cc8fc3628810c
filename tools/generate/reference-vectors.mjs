// Golden references to shared memory: what both languages must accept, and the code for each reason to refuse.

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const NOW = 1_700_000_000_000;
const LENT = { generation: 7, arena: 1, offset: 4_096, byteLength: 1_024 };
const GOOD = {
  arena: 1,
  generation: 7,
  offset: 4_096,
  byteLength: 1_024,
  holder: 3,
  expiresAt: NOW + 60_000,
  descriptor: { dtype: "float32", shape: [16, 16], strides: [64, 4], byteOffset: 0 },
};

/** @type {import("./runner/generator.mjs").Generator["generate"]} */
export async function generate(root) {
  const { encodeReference } = await import(new URL("packages/protocol/bundle/index.js", root).href);
  const { referenceToken } = await import(
    new URL("packages/amphis/bundle/memory/index.js", root).href
  );
  /**
   * What is signed is `change` over the good one; `tamper` is changed after. `codes`: one for each use, null = accepted.
   *
   * @param {string} name
   * @param {{ change?: object, tamper?: object, holder?: number, codes?: (string | null)[], key?: Uint8Array }} [options]
   */
  const row = (name, { change = {}, tamper = {}, holder = 3, codes = [null], key = KEY } = {}) => {
    const unsigned = { ...GOOD, ...change };
    const reference = { ...unsigned, token: referenceToken(key, unsigned), ...tamper };
    return {
      name,
      key: Buffer.from(KEY).toString("hex"),
      hex: Buffer.from(encodeReference(reference)).toString("hex"),
      holder,
      now: NOW,
      published: [LENT],
      codes,
    };
  };
  const rows = [
    row("whole lease"),
    row("part of a lease", { change: { offset: 4_160, byteLength: 64 } }),
    row("no bytes at the end of a lease", { change: { offset: 5_120, byteLength: 0 } }),
    row("without expiry", { change: { expiresAt: 0 } }),
    row("last millisecond", { change: { expiresAt: NOW + 1 } }),
    row("used twice", { codes: [null, null] }),
    row("for one use", {
      change: { descriptor: { once: 1 } },
      codes: [null, "REFERENCE_REPLAYED", "REFERENCE_REPLAYED"],
    }),
    row("keys of a newer version", { change: { descriptor: { format: "x", unknown: [1, null] } } }),
    row("token of another key", { key: KEY.toReversed(), codes: ["REFERENCE_FORGED"] }),
    row("token of zeros", { tamper: { token: new Uint8Array(32) }, codes: ["REFERENCE_FORGED"] }),
    ...Object.entries({
      arena: 2,
      generation: 8,
      offset: 4_097,
      byteLength: 1_023,
      holder: 4,
      expiresAt: 0,
      descriptor: {},
    }).map(([field, value]) =>
      row(`${field} changed after signing`, {
        tamper: { [field]: value },
        holder: field === "holder" ? 4 : 3,
        codes: ["REFERENCE_FORGED"],
      }),
    ),
    row("expired this millisecond", { change: { expiresAt: NOW }, codes: ["REFERENCE_EXPIRED"] }),
    row("of another holder", { holder: 4, codes: ["REFERENCE_HOLDER"] }),
    row("older generation", { change: { generation: 6 }, codes: ["REFERENCE_STALE"] }),
    row("other arena", { change: { arena: 2 }, codes: ["REFERENCE_OUT_OF_BOUNDS"] }),
    row("before the lease", { change: { offset: 4_095 }, codes: ["REFERENCE_OUT_OF_BOUNDS"] }),
    row("beyond the lease", { change: { byteLength: 1_025 }, codes: ["REFERENCE_OUT_OF_BOUNDS"] }),
    row("sum beyond exact integers", {
      change: { offset: Number.MAX_SAFE_INTEGER, byteLength: Number.MAX_SAFE_INTEGER },
      codes: ["REFERENCE_OUT_OF_BOUNDS"],
    }),
  ];
  const lines = rows.map((one) => `  ${JSON.stringify(one)}`);
  return new Map([["spec/vectors/references.json", `[\n${lines.join(",\n")}\n]\n`]]);
}
