#include "handle.h"

#include <stdlib.h>

/* A handle is generation * 2^20 + index, and a JavaScript number holds 53 bits of it. */
#define INDEX_BITS 20
#define MOST_ENTRIES (1u << INDEX_BITS)
#define NONE UINT32_MAX

void handle_table_open(struct handle_table *table) {
    *table = (struct handle_table){.first_free = NONE};
}

static int grow(struct handle_table *table) {
    uint32_t room = table->room == 0 ? 16 : table->room * 2;
    if (room > MOST_ENTRIES) return 0;
    struct handle_entry *entries = realloc(table->entries, room * sizeof *entries);
    if (entries == NULL) return 0;
    table->entries = entries;
    table->room = room;
    return 1;
}

uint64_t handle_add(struct handle_table *table, enum handle_kind kind, void *object) {
    uint32_t index = table->first_free;
    uint32_t generation = 1;
    if (index != NONE) {
        table->first_free = table->entries[index].next_free;
        generation = table->entries[index].generation;
    } else {
        if (table->count == table->room && !grow(table)) return 0;
        index = table->count++;
    }
    table->entries[index] =
        (struct handle_entry){.object = object, .kind = kind, .generation = generation, .next_free = NONE};
    return (uint64_t)generation << INDEX_BITS | index;
}

static struct handle_entry *entry_of(const struct handle_table *table, enum handle_kind kind, uint64_t handle) {
    uint64_t index = handle & (MOST_ENTRIES - 1);
    if (index >= table->count) return NULL;
    struct handle_entry *entry = &table->entries[index];
    return entry->kind == kind && entry->generation == handle >> INDEX_BITS ? entry : NULL;
}

void *handle_find(const struct handle_table *table, enum handle_kind kind, uint64_t handle) {
    struct handle_entry *entry = entry_of(table, kind, handle);
    return entry == NULL ? NULL : entry->object;
}

static void *take(struct handle_table *table, struct handle_entry *entry) {
    entry->kind = HANDLE_FREE;
    entry->generation++;
    /* A place whose generations are used up is never taken again, so that no number ever stands for two objects. */
    if (entry->generation != 0) {
        entry->next_free = table->first_free;
        table->first_free = (uint32_t)(entry - table->entries);
    }
    return entry->object;
}

void *handle_take(struct handle_table *table, enum handle_kind kind, uint64_t handle) {
    struct handle_entry *entry = entry_of(table, kind, handle);
    return entry == NULL ? NULL : take(table, entry);
}

void *handle_take_any(struct handle_table *table, enum handle_kind *kind) {
    for (uint32_t index = 0; index < table->count; index++) {
        struct handle_entry *entry = &table->entries[index];
        if (entry->kind == HANDLE_FREE) continue;
        *kind = entry->kind;
        return take(table, entry);
    }
    return NULL;
}

void handle_table_close(struct handle_table *table) {
    free(table->entries);
    handle_table_open(table);
}
