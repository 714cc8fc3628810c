/* The window of a side that spins, through failures, tries and successes. */
#define _GNU_SOURCE
#include "../spin.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_NS 64000u

static void demand(int holds, const char *claim) {
    if (holds) return;
    fprintf(stderr, "Broken: %s\n", claim);
    abort();
}

static void fail_until_off(struct spin *spin) {
    for (uint64_t window = MOST_NS; window > MOST_NS >> 6; window /= 2) {
        demand(spin_window(spin, MOST_NS) == window, "a window is half the last one that did not pay");
        spin_learn(spin, false);
    }
}

/* The first window of `waits`, which are all without one before; 0: none. */
static int first_try(struct spin *spin, int waits) {
    for (int wait = 1; wait <= waits; wait++) {
        uint64_t window = spin_window(spin, MOST_NS);
        demand(window == 0 || window == MOST_NS, "a try is a whole window");
        if (window > 0) return wait;
    }
    return 0;
}

int main(void) {
    struct spin spin = {0};
    demand(spin_window(&spin, 0) == 0, "who asks for no window gets none");
    fail_until_off(&spin);
    demand(first_try(&spin, 1000) == 64, "one wait in 64 tries again");
    spin_learn(&spin, false);
    demand(first_try(&spin, 1000) == 64, "a try that fails changes nothing");
    spin_learn(&spin, true);
    demand(spin_window(&spin, MOST_NS) == MOST_NS, "a try that pays restores the window");
    spin_learn(&spin, false);
    spin_learn(&spin, true);
    demand(spin_window(&spin, MOST_NS) == MOST_NS, "one success makes up for failures");

    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    demand(sched_setaffinity(0, sizeof one, &one) == 0, "a thread may stay on its CPU");
    spin_open(&spin);
    demand(first_try(&spin, 1000) == 0, "who has one CPU never spins");
    puts("well");
    return 0;
}
