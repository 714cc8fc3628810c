import { float16ToNumber, numberToFloat16 } from "../../src/memory/index.ts";

/*
 * The integration format of Arrow: what a table must hold, as JSON. https://arrow.apache.org/docs/format/Integration.html
 * Values come out as `openTable` gives them by default.
 */

interface JsonType {
  readonly name: string;
  readonly unit?: string;
  readonly bitWidth?: number;
  readonly precision?: string;
  readonly listSize?: number;
  readonly mode?: string;
  readonly typeIds?: readonly number[];
}

export interface JsonField {
  readonly name: string;
  readonly type: JsonType;
  readonly children: readonly JsonField[];
  readonly dictionary?: { readonly id: number };
}

interface JsonColumn {
  readonly count: number;
  readonly VALIDITY?: readonly number[];
  readonly DATA?: readonly unknown[];
  readonly VIEWS?: readonly JsonView[];
  readonly VARIADIC_DATA_BUFFERS?: readonly string[];
  readonly OFFSET?: readonly (number | string)[];
  readonly TYPE_ID?: readonly number[];
  readonly children?: readonly JsonColumn[];
}

interface JsonView {
  readonly SIZE: number;
  readonly INLINED?: string;
  readonly BUFFER_INDEX?: number;
  readonly OFFSET?: number;
}

interface JsonTable {
  readonly schema: { readonly fields: readonly JsonField[] };
  readonly batches: readonly { readonly count: number; readonly columns: readonly JsonColumn[] }[];
  readonly dictionaries?: readonly {
    readonly id: number;
    readonly data: { readonly columns: readonly JsonColumn[] };
  }[];
}

type Values = readonly unknown[];
type Read = (field: JsonField, column: JsonColumn) => Values;

/** The values of each column, all batches after one another. */
export function expectedColumns(text: string): readonly Values[] {
  // Integers beyond 2^53 stand as numbers in intervals.
  const json = JSON.parse(text.replace(/("nanoseconds": )(-?\d+)/gu, '$1"$2"')) as JsonTable;
  const { schema, batches } = json;
  const read: Read = (field, column) =>
    field.dictionary === undefined
      ? valuesOf(field, column, read)
      : keyed(field, column, valuesOfDictionary(field, json, read));
  return schema.fields.map((field, at) =>
    batches.flatMap(({ columns }) => read(field, columns[at] as JsonColumn)),
  );
}

function valuesOfDictionary(field: JsonField, json: JsonTable, read: Read): Values {
  const { dictionary, ...values } = field;
  const found = json.dictionaries?.find(({ id }) => id === dictionary?.id);
  return read(values, found?.data.columns[0] as JsonColumn);
}

function keyed(_: JsonField, column: JsonColumn, dictionary: Values): Values {
  return valid(column, (at) => dictionary[Number(column.DATA?.[at])]);
}

function valid(column: JsonColumn, value: (at: number) => unknown): Values {
  return Array.from({ length: column.count }, (_, at) =>
    column.VALIDITY?.[at] === 0 ? null : value(at),
  );
}

function valuesOf(field: JsonField, column: JsonColumn, read: Read): Values {
  const { type } = field;
  const children = field.children.map((child, at) =>
    read(child, column.children?.[at] as JsonColumn),
  );
  const slice = (at: number, child = 0): Values => {
    const { OFFSET = [] } = column;
    return children[child]?.slice(Number(OFFSET[at]), Number(OFFSET[at + 1])) ?? [];
  };
  switch (type.name) {
    case "null":
      return Array.from({ length: column.count }, () => null);
    case "list":
    case "largelist":
      return valid(column, (at) => slice(at));
    case "map":
      return valid(column, (at) => slice(at).map((pair) => Object.values(pair as object)));
    case "fixedsizelist": {
      const { listSize = 0 } = type;
      return valid(column, (at) => children[0]?.slice(at * listSize, (at + 1) * listSize));
    }
    case "struct":
      return valid(column, (at) =>
        Object.fromEntries(field.children.map(({ name }, child) => [name, children[child]?.[at]])),
      );
    case "union":
      return valid(column, (at) => {
        const child = type.typeIds?.indexOf(column.TYPE_ID?.[at] as number) as number;
        return children[child]?.[type.mode === "DENSE" ? Number(column.OFFSET?.[at]) : at];
      });
    case "utf8view":
    case "binaryview":
      return valid(column, (at) => viewed(type.name === "utf8view", column, at));
    default:
      return valid(column, (at) => plain(type, column.DATA?.[at]));
  }
}

function viewed(isText: boolean, column: JsonColumn, at: number): unknown {
  const view = column.VIEWS?.[at] as JsonView;
  if (view.INLINED !== undefined) return isText ? view.INLINED : bytesOf(view.INLINED);
  const bytes = bytesOf(column.VARIADIC_DATA_BUFFERS?.[view.BUFFER_INDEX as number] as string);
  const part = bytes.slice(view.OFFSET as number, (view.OFFSET as number) + view.SIZE);
  return isText ? Buffer.from(part).toString() : part;
}

function bytesOf(hex: string): readonly number[] {
  return [...Buffer.from(hex, "hex")];
}

function plain(type: JsonType, value: unknown): unknown {
  switch (type.name) {
    case "bool":
      return Boolean(value);
    case "int":
      return type.bitWidth === 64 ? BigInt(value as string) : Number(value);
    case "time":
      return type.bitWidth === 64 ? BigInt(value as string) : value;
    case "timestamp":
    case "duration":
      return BigInt(value as string);
    case "decimal":
      return type.bitWidth === 32 ? Number(value) : BigInt(value as string);
    case "date":
      return type.unit === "DAY" ? (value as number) * 86_400_000 : Number(value);
    case "binary":
    case "largebinary":
    case "fixedsizebinary":
      return bytesOf(value as string);
    case "interval":
      return intervalOf(type, value);
    case "floatingpoint":
      return floatOf(type, value as number);
    default:
      return value;
  }
}

function intervalOf(type: JsonType, value: unknown): unknown {
  if (type.unit === "YEAR_MONTH") return value;
  const { days, milliseconds, months, nanoseconds } = value as Record<string, number | string>;
  return type.unit === "DAY_TIME"
    ? [days, milliseconds]
    : [months, days, BigInt(nanoseconds as string)];
}

function floatOf(type: JsonType, value: number): number {
  if (type.precision === "SINGLE") return Math.fround(value);
  return type.precision === "HALF" ? float16ToNumber(numberToFloat16(value)) : value;
}
