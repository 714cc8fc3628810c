#define _GNU_SOURCE
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region_system.h"

static struct region *fail(struct failure *failure, const char *what, int error) {
    *failure = (struct failure){.what = what, .error = error};
    return NULL;
}

static struct region *map(int descriptor, uint64_t bytes, struct failure *failure) {
    struct region *region = malloc(sizeof *region);
    if (region == NULL) return fail(failure, "malloc", ENOMEM);
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (base == MAP_FAILED) {
        int error = errno;
        free(region);
        return fail(failure, "mmap", error);
    }
    region->descriptor = descriptor;
    region->bytes = bytes;
    region->base = base;
    atomic_init(&region->holders, 1);
    return region;
}

static struct region *size_and_map(int descriptor, uint64_t bytes, struct failure *failure) {
    if (ftruncate(descriptor, (off_t)bytes) != 0) return fail(failure, "ftruncate", errno);
    if (system_seal(descriptor) != 0) return fail(failure, "fcntl", errno);
    return map(descriptor, bytes, failure);
}

struct region *region_create(uint64_t bytes, struct failure *failure) {
    if (bytes == 0 || bytes > INT64_MAX) return fail(failure, "ftruncate", EINVAL);
    int descriptor = system_open();
    if (descriptor < 0) return fail(failure, "memfd_create", errno);
    struct region *region = size_and_map(descriptor, bytes, failure);
    if (region == NULL) close(descriptor);
    return region;
}

struct region *region_adopt(int descriptor, uint64_t bytes, struct failure *failure) {
    /* Seals before size: from here on the size cannot become smaller, and a page beyond it cannot be touched. */
    if (!system_is_sealed(descriptor, failure)) return NULL;
    struct stat status;
    if (fstat(descriptor, &status) != 0) return fail(failure, "fstat", errno);
    uint64_t size = (uint64_t)status.st_size;
    if (size == 0 || bytes > size) return fail(failure, "too-small", 0);
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return fail(failure, "fcntl", errno);
    return map(descriptor, bytes == 0 ? size : bytes, failure);
}

void region_hold(struct region *region) {
    atomic_fetch_add_explicit(&region->holders, 1, memory_order_relaxed);
}

void region_let_go(struct region *region) {
    if (atomic_fetch_sub_explicit(&region->holders, 1, memory_order_acq_rel) != 1) return;
    munmap(region->base, region->bytes);
    free(region);
}

void region_close(struct region *region) {
    close(region->descriptor);
    region->descriptor = -1;
    region_let_go(region);
}

int region_contains(const struct region *region, uint64_t offset, uint64_t bytes) {
    return offset <= region->bytes && bytes <= region->bytes - offset;
}

int region_punch(struct region *region, uint64_t offset, uint64_t bytes) {
    return system_punch(region->descriptor, offset, bytes);
}

int region_reserve(struct region *region, uint64_t offset, uint64_t bytes) {
    return system_reserve(region->descriptor, offset, bytes);
}

int region_advise_huge(struct region *region) {
    return system_advise_huge(region->base, region->bytes);
}
