#define _GNU_SOURCE
#include "futex.h"

#include <errno.h>
#include <stddef.h>

#if defined(__APPLE__)
#include <os/os_sync_wait_on_address.h>

/* From macOS 14.4 on; the sleepers are in other processes. */

int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t timeout_ns) {
    if (timeout_ns == 0) return *word == expected ? ETIMEDOUT : EAGAIN;
    os_sync_wait_on_address_flags_t flags = OS_SYNC_WAIT_ON_ADDRESS_SHARED;
    int slept = timeout_ns < 0 ? os_sync_wait_on_address((void *)word, expected, sizeof *word, flags)
                               : os_sync_wait_on_address_with_timeout((void *)word, expected, sizeof *word, flags,
                                                                      OS_CLOCK_MACH_ABSOLUTE_TIME, (uint64_t)timeout_ns);
    return slept >= 0 ? 0 : errno;
}

int futex_wake(_Atomic uint32_t *word, int count) {
    int woken = 0;
    os_sync_wake_by_address_flags_t flags = OS_SYNC_WAKE_BY_ADDRESS_SHARED;
    while (woken < count && os_sync_wake_by_address_any((void *)word, sizeof *word, flags) == 0) woken++;
    return woken;
}
#else
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Without FUTEX_PRIVATE_FLAG: the sleepers are in other processes. */

int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t timeout_ns) {
    struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    long slept = syscall(SYS_futex, word, FUTEX_WAIT, expected, timeout_ns < 0 ? NULL : &timeout, NULL, 0);
    return slept == 0 ? 0 : errno;
}

int futex_wake(_Atomic uint32_t *word, int count) {
    long woken = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
    return woken < 0 ? 0 : (int)woken;
}
#endif
