/* Why something could not be done: the call that failed and its errno, or with errno 0 the reason for a refusal. */
#ifndef AMPHIS_FAILURE_H
#define AMPHIS_FAILURE_H

struct failure {
    const char *what;
    int error;
};

#endif
