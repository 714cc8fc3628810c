import { BodyPlan } from "./body-plan.ts";
import { invalid } from "./failure.ts";
import type { SourceBatch, SourceColumn } from "./source-table.ts";
import { type NumberedField, valuesOf } from "./write-schema.ts";

/** One dictionary batch to be written. */
export interface DictionaryMessage {
  readonly id: number;
  readonly isDelta: boolean;
  readonly body: BodyPlan;
}

/**
 * Decides which dictionary batches go before a batch of rows. Batches of one column may have different dictionaries: one that only grew is
 * sent as deltas, any other replaces what was there.
 */
export class DictionaryPlan {
  readonly #sent = new Map<number, SourceColumn>();

  /** What must be sent before these columns, inner dictionaries first. */
  before(
    fields: readonly NumberedField[],
    columns: readonly SourceBatch[],
  ): readonly DictionaryMessage[] {
    const messages: DictionaryMessage[] = [];
    for (const [index, field] of fields.entries()) {
      const batch = columns[index];
      if (batch === undefined) throw invalid("a nested column lacks a field");
      if (field.dictionary === undefined) {
        if (field.children.length > 0) {
          messages.push(...this.before(field.children, batch.children ?? []));
        }
      } else {
        messages.push(...this.#dictionary(field, field.dictionary, batch));
      }
    }
    return messages;
  }

  #dictionary(field: NumberedField, id: number, batch: SourceBatch): readonly DictionaryMessage[] {
    const { dictionary: column } = batch;
    if (!column) throw invalid("a column of keys has no dictionary");
    const sent = this.#sent.get(id);
    if (sent === column) return [];
    this.#sent.set(id, column);
    const isGrown = sent?.data.every((piece, at) => piece === column.data[at]) ?? false;
    const known = isGrown ? (sent?.data.length ?? 0) : 0;
    const type = valuesOf(field.field.type);
    return column.data.slice(known).flatMap((piece, at) => {
      const inner =
        field.children.length > 0 ? this.before(field.children, piece.children ?? []) : [];
      const body = new BodyPlan(piece.length, [{ type, batch: piece }]);
      return [...inner, { id, isDelta: known + at > 0, body }];
    });
  }
}
