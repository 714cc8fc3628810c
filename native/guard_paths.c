#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "guard_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Whether a part of a path that does not exist yet could lead back up. */
static bool climbs(const char *rest) {
    for (const char *part = rest; part != NULL; part = strchr(part + 1, '/')) {
        const char *name = *part == '/' ? part + 1 : part;
        if (strncmp(name, "..", 2) == 0 && (name[2] == '/' || name[2] == '\0')) return true;
    }
    return false;
}

/* What a path leads to, with what does not exist of it behind that; false where nothing can be said. */
static bool resolve(const char *path, char *resolved) {
    char head[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof head) return false;
    memcpy(head, path, length + 1);
    size_t end = length;
    while (realpath(head, resolved) == NULL) {
        if (errno != ENOENT) return false;
        while (end > 0 && head[end - 1] == '/') end--;
        while (end > 0 && head[end - 1] != '/') end--;
        if (end == 0) memcpy(head, ".", 2);
        else head[end] = '\0';
        if (end == 0 && realpath(head, resolved) == NULL) return false;
        if (end == 0) break;
    }
    const char *rest = path + end;
    if (end == length) return true;
    size_t used = strlen(resolved);
    if (climbs(rest) || used + 1 + strlen(rest) >= PATH_MAX) return false;
    if (used > 0 && resolved[used - 1] != '/') resolved[used++] = '/';
    memcpy(resolved + used, rest, strlen(rest) + 1);
    return true;
}

int guard_paths_add(struct guard_paths *all, const char *path) {
    char resolved[PATH_MAX];
    char *root = strdup(resolve(path, resolved) ? resolved : path);
    char **roots = realloc(all->roots, (all->count + 1) * sizeof *roots);
    if (roots != NULL) all->roots = roots;
    if (root == NULL || roots == NULL) {
        free(root);
        return ENOMEM;
    }
    all->roots[all->count++] = root;
    return 0;
}

bool guard_paths_hold(const struct guard_paths *all, const char *path) {
    if (all->is_all) return true;
    char resolved[PATH_MAX];
    if (!resolve(path, resolved)) return false;
    for (size_t index = 0; index < all->count; index++) {
        size_t length = strlen(all->roots[index]);
        if (length == 1) return true;
        bool is_below = strncmp(resolved, all->roots[index], length) == 0;
        if (is_below && (resolved[length] == '/' || resolved[length] == '\0')) return true;
    }
    return false;
}
