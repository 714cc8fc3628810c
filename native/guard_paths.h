/* Whether a path is below one of some folders, by what it leads to. */
#ifndef AMPHIS_GUARD_PATHS_H
#define AMPHIS_GUARD_PATHS_H

#include <stdbool.h>
#include <stddef.h>

/* Folders and files, resolved when they were added; `is_all`: everything is below them. */
struct guard_paths {
    bool is_all;
    size_t count;
    char **roots;
};

/* Adds what a path leads to; one that leads nowhere as it is. 0, or an error number. */
int guard_paths_add(struct guard_paths *all, const char *path);

/* Follows links, for a path whose last parts do not exist as far as it does; then `..` is below nothing. */
bool guard_paths_hold(const struct guard_paths *all, const char *path);

#endif
