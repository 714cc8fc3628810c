/* Ties the life of this process to that of its parent. */
#ifndef AMPHIS_DEATH_H
#define AMPHIS_DEATH_H

#include <sys/types.h>

/*
 * Asks the kernel for SIGKILL when the thread that started this process ends. Outlives exec, except of a program with
 * more rights than its caller; forked children do not inherit it. 0; ESRCH when `parent` is no longer the parent; or errno.
 */
int death_with(pid_t parent);

#endif
