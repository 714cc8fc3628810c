#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "confine.h"

#include <errno.h>

#if defined(__linux__)
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's own numbers, the same on every processor: headers may be older than the kernel. */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define VERSION_ONLY 1U
#define PATH_BENEATH 1

#define EXECUTE (1ULL << 0)
#define WRITE_FILE (1ULL << 1)
#define READ_FILE (1ULL << 2)
#define READ_DIR (1ULL << 3)
#define REFER (1ULL << 13)
#define TRUNCATE (1ULL << 14)
#define IOCTL_DEV (1ULL << 15)
#define FIRST_RIGHTS ((1ULL << 13) - 1)
#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)
/* Devices can be made by nobody, whatever is allowed elsewhere: MAKE_CHAR and MAKE_BLOCK. */
#define NEVER ((1ULL << 6) | (1ULL << 11))
#define ABSTRACT_SOCKETS (1ULL << 0)
#define SIGNALS (1ULL << 1)

struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int landlock_version(void) {
    long version = syscall(CREATE_RULESET, NULL, (size_t)0, VERSION_ONLY);
    return version < 0 ? 0 : (int)version;
}

static uint64_t rights_of(int version) {
    uint64_t rights = FIRST_RIGHTS;
    if (version >= 2) rights |= REFER;
    if (version >= 3) rights |= TRUNCATE;
    if (version >= 5) rights |= IOCTL_DEV;
    return rights;
}

static int allow(int ruleset, const char *path, uint64_t rights) {
    int parent = open(path, O_PATH | O_CLOEXEC);
    if (parent < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
    struct stat about;
    int failed = fstat(parent, &about) == 0 ? 0 : errno;
    /* Rights of folders mean nothing for a file, and the kernel refuses them. */
    if (failed == 0 && !S_ISDIR(about.st_mode)) rights &= OF_FILES;
    struct beneath rule = {.allowed = rights, .parent = parent};
    if (failed == 0 && syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0U) != 0) failed = errno;
    close(parent);
    return failed;
}

static int allow_all(int ruleset, struct confine_paths paths, uint64_t rights) {
    for (size_t index = 0; index < paths.count; index++) {
        int failed = allow(ruleset, paths.paths[index], rights);
        if (failed != 0) return failed;
    }
    return 0;
}

int confine_files(struct confine_paths read, struct confine_paths write) {
    int version = landlock_version();
    if (version == 0) return ENOSYS;
    uint64_t rights = rights_of(version);
    struct ruleset rules = {.files = rights};
    /* Older kernels know a shorter structure, and take a longer one as long as what they do not know is zero. */
    if (version >= 6) rules.scoped = ABSTRACT_SOCKETS | SIGNALS;
    int ruleset = (int)syscall(CREATE_RULESET, &rules, sizeof rules, 0U);
    if (ruleset < 0) return errno;
    int failed = allow_all(ruleset, read, (EXECUTE | READ_FILE | READ_DIR) & rights);
    if (failed == 0) failed = allow_all(ruleset, write, rights & ~NEVER);
    if (failed == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) failed = errno;
    if (failed == 0 && syscall(RESTRICT_SELF, ruleset, 0U) != 0) failed = errno;
    close(ruleset);
    return failed;
}

#else

int landlock_version(void) { return 0; }

int confine_files(struct confine_paths read, struct confine_paths write) {
    (void)read;
    (void)write;
    return ENOSYS;
}

#endif
