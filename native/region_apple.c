#if defined(__APPLE__)
#include "region_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A name that nobody can guess, and that is gone before the call returns. */
int system_open(void) {
    char name[32];
    snprintf(name, sizeof name, "/amphis-%08x%08x", arc4random(), arc4random());
    int descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (descriptor >= 0) shm_unlink(name);
    return descriptor;
}

/* The size of such memory can be set once only, which is a seal of its own. */
int system_seal(int descriptor) {
    (void)descriptor;
    return 0;
}

bool system_is_sealed(int descriptor, struct failure *failure) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        *failure = (struct failure){.what = "fstat", .error = errno};
        return false;
    }
    /* Shared memory is of no type of file; whatever is of one could be made shorter. Without a size it is refused next. */
    if ((status.st_mode & S_IFMT) == 0) return true;
    *failure = (struct failure){.what = "not-memory", .error = 0};
    return false;
}

int system_punch(int descriptor, uint64_t offset, uint64_t bytes) {
    (void)descriptor;
    (void)offset;
    (void)bytes;
    return ENOTSUP;
}

int system_reserve(int descriptor, uint64_t offset, uint64_t bytes) {
    (void)descriptor;
    (void)offset;
    (void)bytes;
    return ENOTSUP;
}

int system_advise_huge(void *base, uint64_t bytes) {
    (void)base;
    (void)bytes;
    return ENOTSUP;
}
#else
typedef int not_apple;
#endif
