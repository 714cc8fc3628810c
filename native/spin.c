#define _GNU_SOURCE
#include "spin.h"

#include <sched.h>

/* The last window before none is a 32nd: shorter than what a look at the clock and at the ring cost. */
#define MOST_HALVINGS 6
#define WAITS_PER_PROBE 64

static bool is_confined(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    /* It fails on machines with more CPUs than the set holds. */
    return sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) == 1;
#else
    return false;
#endif
}

void spin_open(struct spin *spin) {
    *spin = (struct spin){.confined = is_confined()};
}

uint64_t spin_window(struct spin *spin, uint64_t most_ns) {
    if (most_ns == 0) return 0;
    if (!spin->confined && spin->halvings < MOST_HALVINGS) return most_ns >> spin->halvings;
    if (++spin->skipped < WAITS_PER_PROBE) return 0;
    spin->skipped = 0;
    spin->confined = is_confined();
    return spin->confined ? 0 : most_ns;
}

void spin_learn(struct spin *spin, bool paid) {
    if (paid) spin->halvings = 0;
    else if (spin->halvings < MOST_HALVINGS) spin->halvings++;
}

void spin_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}
