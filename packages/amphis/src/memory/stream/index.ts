export { ChunkReader } from "./chunk-reader.ts";
export type { ChunkReaderInit } from "./chunk-reader.ts";
export { ChunkWriter } from "./chunk-writer.ts";
export type { ChunkStreamInit, WriteBytesOptions, WriteOptions } from "./chunk-writer.ts";
