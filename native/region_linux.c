#if defined(__linux__)
#define _GNU_SOURCE
#include "region_system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int system_open(void) {
    int descriptor = memfd_create("amphis", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    /* Linux before 6.3 does not know the flag. */
    if (descriptor < 0 && errno == EINVAL) descriptor = memfd_create("amphis", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return descriptor;
}

int system_seal(int descriptor) {
    /* Against further seals too: a peer must not be able to forbid writing to whoever maps it next. */
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

static bool refuse(struct failure *failure, const char *what, int error) {
    *failure = (struct failure){.what = what, .error = error};
    return false;
}

bool system_is_sealed(int descriptor, struct failure *failure) {
    struct statfs system;
    if (fstatfs(descriptor, &system) != 0) return refuse(failure, "fstatfs", errno);
    /* A huge page that the pool cannot provide is a SIGBUS at the first touch. */
    if ((uint32_t)system.f_type == HUGETLBFS_MAGIC) return refuse(failure, "huge-pages", 0);
    if ((uint32_t)system.f_type != TMPFS_MAGIC) return refuse(failure, "not-memory", 0);
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return refuse(failure, "not-memory", 0);
    if ((seals & F_SEAL_SHRINK) == 0) return refuse(failure, "unsealed", 0);
    return true;
}

int system_punch(int descriptor, uint64_t offset, uint64_t bytes) {
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return fallocate(descriptor, mode, (off_t)offset, (off_t)bytes) == 0 ? 0 : errno;
}

int system_reserve(int descriptor, uint64_t offset, uint64_t bytes) {
    int status;
    do status = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes);
    while (status != 0 && errno == EINTR);
    return status == 0 ? 0 : errno;
}

int system_advise_huge(void *base, uint64_t bytes) {
    return madvise(base, bytes, MADV_HUGEPAGE) == 0 ? 0 : errno;
}
#else
typedef int not_linux;
#endif
