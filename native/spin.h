/*
 * How long to look before sleeping: for as long as that has paid lately.
 *
 * A window that ended for nothing halves the next one; one that paid restores it. After enough failures there is no
 * window at all, but for one try in 64, since nothing else would tell that the peer has become quick.
 */
#ifndef AMPHIS_SPIN_H
#define AMPHIS_SPIN_H

#include <stdbool.h>
#include <stdint.h>

struct spin {
    uint8_t halvings;
    uint8_t skipped;
    /* This process may run on one CPU only, where spinning keeps the peer from working. */
    bool confined;
};

void spin_open(struct spin *spin);
/* The window for the next wait, at most `most_ns`; 0: sleep at once. */
uint64_t spin_window(struct spin *spin, uint64_t most_ns);
/* Whether the window was worth it. */
void spin_learn(struct spin *spin, bool paid);
/* Tells the CPU that this is a loop of looks. */
void spin_relax(void);

#endif
