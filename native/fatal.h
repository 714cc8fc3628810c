/* Last words: what a process says of the signal that ends it, before the system takes it apart. */
#ifndef AMPHIS_FATAL_H
#define AMPHIS_FATAL_H

#include <stddef.h>

#define FATAL_MOST_BYTES 256
/* One place for each signal that stands for a fault of the program itself. */
#define FATAL_SIGNALS 5

/* Descriptors stay the caller's, and open for as long as the process lives; -1: there is none. */
struct fatal_words {
    /* A stream socket: gets the words of the signal. */
    int line;
    /* A file that a handler before this one has written to; moved to `error`, and emptied. */
    int report;
    int error;
    struct {
        int number;
        size_t length;
        unsigned char bytes[FATAL_MOST_BYTES];
    } words[FATAL_SIGNALS];
};

/*
 * Has this process say the words of a signal when it is about to end by that; a child that it forks says nothing. Whoever
 * installs a handler later goes first, and has to raise the signal again. 0 or errno.
 *
 * To take apart a process of a hundred megabytes takes milliseconds, after which its descriptors end at last.
 */
int fatal_announce(const struct fatal_words *words);

#endif
