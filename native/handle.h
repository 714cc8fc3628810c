/*
 * Numbers that stand for native objects in JavaScript. A number that was closed, made up, or belongs to another kind
 * finds nothing, so no mistake in JavaScript reaches freed memory; and a lookup costs a few nanoseconds for each record.
 */
#ifndef AMPHIS_HANDLE_H
#define AMPHIS_HANDLE_H

#include <stdint.h>

enum handle_kind { HANDLE_FREE, HANDLE_REGION, HANDLE_RING, HANDLE_WATCH, HANDLE_RING_WATCH };

struct handle_entry {
    void *object;
    enum handle_kind kind;
    uint32_t generation;
    uint32_t next_free;
};

struct handle_table {
    struct handle_entry *entries;
    uint32_t count;
    uint32_t room;
    uint32_t first_free;
};

void handle_table_open(struct handle_table *table);
/* The number, at most 2^53 - 1; 0: out of memory or of numbers. */
uint64_t handle_add(struct handle_table *table, enum handle_kind kind, void *object);
void *handle_find(const struct handle_table *table, enum handle_kind kind, uint64_t handle);
/* What the number stood for; it finds nothing from now on. */
void *handle_take(struct handle_table *table, enum handle_kind kind, uint64_t handle);
/* Takes the objects one after another, for the end: NULL after the last. */
void *handle_take_any(struct handle_table *table, enum handle_kind *kind);
void handle_table_close(struct handle_table *table);

#endif
