/*
 * Memory that processes share: an anonymous file without a name, of a size that nobody can change.
 *
 * A region is counted: views and rings hold it, and its mapping stays until the last of them has let go.
 * The count is atomic, since a view may be collected on another thread.
 */
#ifndef AMPHIS_REGION_H
#define AMPHIS_REGION_H

#include <stdatomic.h>
#include <stdint.h>

#include "failure.h"

struct region {
    int descriptor;
    uint64_t bytes;
    uint8_t *base;
    _Atomic uint32_t holders;
};

/* New memory of zeros; none of it takes pages before it is touched. NULL and `failure` otherwise. */
struct region *region_create(uint64_t bytes, struct failure *failure);

/*
 * Maps the first `bytes` of memory that another process made (0: all of it). Refused with "not-memory", "huge-pages",
 * "unsealed" or "too-small": touching such memory could end this process with SIGBUS whenever the peer likes. The
 * region owns the descriptor when this succeeds; otherwise the caller keeps it.
 */
struct region *region_adopt(int descriptor, uint64_t bytes, struct failure *failure);

void region_hold(struct region *region);
/* Unmaps with the last holder. */
void region_let_go(struct region *region);
/* Closes the descriptor now; the mapping stays for those who hold it. */
void region_close(struct region *region);

int region_contains(const struct region *region, uint64_t offset, uint64_t bytes);
/* Gives whole pages back to the system; they read as zeros afterwards, in every process. 0, or errno. */
int region_punch(struct region *region, uint64_t offset, uint64_t bytes);
/* Takes the pages of a span from the system now, so that touching them cannot fail later. 0, or errno. */
int region_reserve(struct region *region, uint64_t offset, uint64_t bytes);
/* Asks for pages of 2 MiB; 0 says only that it was asked. */
int region_advise_huge(struct region *region);

#endif
