#include "death.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

int death_with(pid_t parent) {
#if defined(__linux__)
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    /* A parent that ended before the call sends no signal, but then somebody else is the parent now. */
    return getppid() == parent ? 0 : ESRCH;
#else
    /* The end of its socket is all that tells a child of its parent's death there. */
    (void)parent;
    return ENOTSUP;
#endif
}
