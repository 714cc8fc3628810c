#define _GNU_SOURCE

#include "fatal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* Whoever reads standard error may stand still. What was to be read there is not worth a process that does not end. */
#define PATIENCE_MS 100
/* A pipe with room takes as much at once. */
#define PIECE_BYTES 4096

static struct fatal_words words;
static pid_t owner;
static atomic_flag is_said = ATOMIC_FLAG_INIT;

/* The report begins anew for who writes to the same file next, a child of this process say. */
static void move_report(void) {
    char piece[PIECE_BYTES];
    struct pollfd room = {.fd = words.error, .events = POLLOUT};
    off_t at = 0;
    for (;;) {
        ssize_t length = pread(words.report, piece, sizeof piece, at);
        if (length <= 0 || poll(&room, 1, PATIENCE_MS) != 1) break;
        ssize_t written = write(words.error, piece, (size_t)length);
        if (written <= 0) break;
        at += written;
    }
    if (ftruncate(words.report, 0) == 0) lseek(words.report, 0, SEEK_SET);
}

static void say(int number) {
    for (size_t index = 0; index < FATAL_SIGNALS; index++) {
        if (words.words[index].number != number) continue;
        send(words.line, words.words[index].bytes, words.words[index].length, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

/* Calls nothing that a signal handler may not. */
static void on_fatal(int number) {
    if (!atomic_flag_test_and_set(&is_said)) {
        if (words.report >= 0) move_report();
        /* In a child the number of the line may be that of something else. */
        if (words.line >= 0 && getpid() == owner) say(number);
    }
    signal(number, SIG_DFL);
    raise(number);
}

int fatal_announce(const struct fatal_words *given) {
    words = *given;
    owner = getpid();
    /* On the stack for signals, where there is one: the other may have overflown. */
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < FATAL_SIGNALS; index++) {
        int number = words.words[index].number;
        if (number > 0 && sigaction(number, &action, NULL) != 0) return errno;
    }
    return 0;
}
