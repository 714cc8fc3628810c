/*
 * amphis-launch PARENT PROGRAM [ARGUMENT...]: becomes PROGRAM, and dies with PARENT.
 *
 * A program of its own, because Node runs nothing between fork and exec, and a worker that asks for the signal by itself
 * survives its parent for as long as its interpreter takes to start. exec keeps pid, streams and exit code, so the
 * parent sees no difference.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "death.h"

/* What shells use for a program that cannot be started. */
#define CANNOT_START 127

static int refuse(const char *why) {
    fprintf(stderr, "Cannot launch: %s\n", why);
    return CANNOT_START;
}

int main(int count, char **arguments) {
    if (count < 3) return refuse("usage is amphis-launch PARENT PROGRAM [ARGUMENT...]");
    char *end;
    errno = 0;
    long parent = strtol(arguments[1], &end, 10);
    if (errno != 0 || *end != '\0' || parent <= 0) return refuse("the parent is not the number of a process");
    int error = death_with((pid_t)parent);
    if (error != 0) return refuse(error == ESRCH ? "the parent has ended" : strerror(error));
    execvp(arguments[2], arguments + 2);
    return refuse(strerror(errno));
}
