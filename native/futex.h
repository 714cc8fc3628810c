/* Sleeping on a word of shared memory until another process changes it. */
#ifndef AMPHIS_FUTEX_H
#define AMPHIS_FUTEX_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * Sleeps while the word is `expected`. 0: woken, perhaps for nothing; EAGAIN: the word is another one already;
 * ETIMEDOUT; EINTR: a signal came. `timeout_ns` < 0 waits for ever.
 */
int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t timeout_ns);

/* Wakes up to `count` sleepers, in any process, and returns how many. */
int futex_wake(_Atomic uint32_t *word, int count);

#endif
