/*
 * A ring whose records call a function on Node's event loop.
 *
 * After the listener ran, a hook looks at the ring each time before the loop would sleep, so that a peer that answers at
 * once is heard without a system call on either side. When nothing is there, the hook asks for the doorbell and goes
 * away; the doorbell brings it back. The peer's system call and ours are paid for only when this side really sleeps.
 */
#ifndef AMPHIS_RING_WATCH_H
#define AMPHIS_RING_WATCH_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "ring.h"

/* Words that JavaScript and the watch share, so that changing them costs no call. */
enum ring_watch_word {
    /* Written here: the hook will look before the loop sleeps, so that there is no need to ask for it. */
    RING_WATCH_LOOKING,
    /* Written there: an answer is due, so that looking a while is worth it. */
    RING_WATCH_EXPECTING,
    /* Written there: records are left alone. */
    RING_WATCH_PAUSED,
    /* Written there, cleared here: the doorbell may say that there is room in another ring. */
    RING_WATCH_WANTS_ROOM,
    RING_WATCH_WORDS
};

struct ring_watch_plan {
    /* The consumer's side. Held by `holder`, which the watch lets go of when it is done. */
    struct ring *ring;
    void *holder;
    void (*let_go)(void *holder);
    /* The own doorbell, which the watch takes the rings of. Borrowed: close it after the watch. */
    int doorbell;
    /* Upper bound of looking before sleeping, while an answer is due. */
    uint64_t spin_ns;
    /* RING_WATCH_WORDS of Int32Array. */
    napi_value words;
    napi_value listener;
};

struct ring_watch;

/* NULL and `failure` otherwise; then the holder stays the caller's. */
struct ring_watch *ring_watch_open(napi_env env, const struct ring_watch_plan *plan, struct failure *failure);
/* Has the hook look at the ring before the loop sleeps. */
void ring_watch_look(struct ring_watch *watch);
/* Whether the watch keeps the process alive; it does at first. */
void ring_watch_keep_alive(struct ring_watch *watch, bool keeps);
void ring_watch_close(struct ring_watch *watch);

#endif
