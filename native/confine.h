/*
 * Rules that a process gives itself and can never take back: Landlock for files, seccomp against new processes.
 *
 * They bind the thread that asks, and what descends from it; so a worker asks before it has others.
 */
#ifndef AMPHIS_CONFINE_H
#define AMPHIS_CONFINE_H

#include <stddef.h>

/* Paths of one kind; one that does not exist is left out, as nothing can be done with it. */
struct confine_paths {
    const char *const *paths;
    size_t count;
};

/* Version of Landlock's interface; 0 where the kernel has none. */
int landlock_version(void);

/*
 * Takes away every file but those below these: `read` may be read and executed, `write` changed too. From version 6 on, abstract sockets and
 * signals of processes outside are out of reach as well. 0, or an error number.
 */
int confine_files(struct confine_paths read, struct confine_paths write);

/* Takes away fork and exec; threads are left. 0, or an error number; ENOSYS on other processors than x64 and arm64. */
int confine_processes(void);

#endif
