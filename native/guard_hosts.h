/* Which hosts and ports may be reached: rules, and the addresses that allowed names were resolved to. */
#ifndef AMPHIS_GUARD_HOSTS_H
#define AMPHIS_GUARD_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#define GUARD_MOST_NAME 256
#define GUARD_MOST_REMEMBERED 1024

/* An address of either version: one of version 4 as version 6 maps it. */
struct guard_address {
    unsigned char bytes[16];
};

struct guard_host_rule;

struct guard_remembered {
    struct guard_address address;
    int port;
};

/* Addresses are forgotten, the oldest first, when there are too many. */
struct guard_hosts {
    size_t count;
    struct guard_host_rule *rules;
    size_t remembered_count;
    size_t next;
    struct guard_remembered remembered[GUARD_MOST_REMEMBERED];
};

/*
 * Adds a rule: `name` NAME, `below` NAME for all names that end so, `any` - for everything, `net` ADDRESS/BITS, `unix` PATH.
 * Port 0 stands for all. 0, or an error number: EINVAL, ENOMEM.
 */
int guard_hosts_add(struct guard_hosts *all, const char *kind, const char *text, int port);

/* A number in any notation that the system would take for one; "" is that of all of them. False for names. */
bool guard_address_of(const char *text, struct guard_address *address);

/* Port 0 asks whether there is one at all. Names are compared without regard to case, and to a dot at their end. */
bool guard_hosts_allow_name(const struct guard_hosts *all, const char *name, int port);
bool guard_hosts_allow_address(const struct guard_hosts *all, const struct guard_address *address, int port);
bool guard_hosts_allow_path(const struct guard_hosts *all, const char *path);

/* From here on an address may be reached as the name may that was resolved to it. */
void guard_hosts_remember(struct guard_hosts *all, const char *name, const struct guard_address *address);

#endif
