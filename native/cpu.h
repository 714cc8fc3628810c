/* Which CPU this thread runs on. */
#ifndef AMPHIS_CPU_H
#define AMPHIS_CPU_H

#include <stdint.h>

#if defined(__APPLE__)
#include <pthread.h>

/* The number plus 1, which may be another one already; 0: unknown. */
static inline uint32_t cpu_word(void) {
    size_t number = 0;
    return pthread_cpu_number_np(&number) == 0 ? (uint32_t)number + 1 : 0;
}
#else
#include <sched.h>

/* The number plus 1, which may be another one already; 0: unknown. */
static inline uint32_t cpu_word(void) {
    return (uint32_t)sched_getcpu() + 1;
}
#endif

#endif
