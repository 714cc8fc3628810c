#if !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif
#include "guard_hosts.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define MAPPED_BITS 96

enum kind { NAME, BELOW, ANY, NET, UNIX, KINDS };

struct guard_host_rule {
    enum kind kind;
    char *text;
    struct guard_address net;
    int bits;
    int port;
};

static const char *const KIND_NAMES[KINDS] = {"name", "below", "any", "net", "unix"};

bool guard_address_of(const char *text, struct guard_address *address) {
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    if (text[0] == '\0') text = "0.0.0.0";
    if (getaddrinfo(text, NULL, &wanted, &found) != 0) return false;
    bool is_known = true;
    if (found->ai_family == AF_INET) {
        memcpy(address->bytes, mapped, sizeof mapped);
        memcpy(address->bytes + sizeof mapped, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr, 4);
    } else if (found->ai_family == AF_INET6) {
        memcpy(address->bytes, &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr, 16);
    } else {
        is_known = false;
    }
    freeaddrinfo(found);
    return is_known;
}

static bool is_within(const struct guard_address *address, const struct guard_address *net, int bits) {
    size_t whole = (size_t)bits / 8;
    if (memcmp(address->bytes, net->bytes, whole) != 0) return false;
    int rest = bits % 8;
    if (rest == 0) return true;
    unsigned char mask = (unsigned char)(0xff << (8 - rest));
    return ((address->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

/* ADDRESS/BITS; of version 4 counted from where that begins. */
static bool take_net(struct guard_host_rule *rule, const char *text) {
    char head[GUARD_MOST_NAME];
    const char *slash = strchr(text, '/');
    if (slash == NULL || slash == text || (size_t)(slash - text) >= sizeof head) return false;
    memcpy(head, text, (size_t)(slash - text));
    head[slash - text] = '\0';
    char *end;
    long bits = strtol(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '\0' || !guard_address_of(head, &rule->net)) return false;
    bool is_four = strchr(head, ':') == NULL;
    if (bits < 0 || bits > (is_four ? 32 : 128)) return false;
    rule->bits = (int)bits + (is_four ? MAPPED_BITS : 0);
    return true;
}

int guard_hosts_add(struct guard_hosts *all, const char *kind, const char *text, int port) {
    struct guard_host_rule rule = {.kind = KINDS, .port = port};
    for (int each = 0; each < KINDS; each++) {
        if (strcmp(kind, KIND_NAMES[each]) == 0) rule.kind = (enum kind)each;
    }
    if (rule.kind == KINDS || text[0] == '\0' || port < 0 || port > 65535) return EINVAL;
    if (rule.kind == NET && !take_net(&rule, text)) return EINVAL;
    rule.text = strdup(text);
    struct guard_host_rule *rules = realloc(all->rules, (all->count + 1) * sizeof *rules);
    if (rules != NULL) all->rules = rules;
    if (rule.text == NULL || rules == NULL) {
        free(rule.text);
        return ENOMEM;
    }
    all->rules[all->count++] = rule;
    return 0;
}

static bool is_named(const struct guard_host_rule *rule, const char *name) {
    if (rule->kind == ANY) return true;
    size_t length = strlen(name);
    if (length > 0 && name[length - 1] == '.') length--;
    size_t own = strlen(rule->text);
    if (rule->kind == NAME) return length == own && strncasecmp(name, rule->text, own) == 0;
    if (rule->kind != BELOW || length <= own + 1) return false;
    const char *tail = name + length - own;
    return tail[-1] == '.' && strncasecmp(tail, rule->text, own) == 0;
}

static bool is_port(int allowed, int port) {
    return allowed == 0 || port == 0 || allowed == port;
}

bool guard_hosts_allow_name(const struct guard_hosts *all, const char *name, int port) {
    for (size_t index = 0; index < all->count; index++) {
        const struct guard_host_rule *rule = &all->rules[index];
        if (is_named(rule, name) && is_port(rule->port, port)) return true;
    }
    return false;
}

bool guard_hosts_allow_address(const struct guard_hosts *all, const struct guard_address *address, int port) {
    for (size_t index = 0; index < all->count; index++) {
        const struct guard_host_rule *rule = &all->rules[index];
        bool is_meant = rule->kind == ANY || (rule->kind == NET && is_within(address, &rule->net, rule->bits));
        if (is_meant && is_port(rule->port, port)) return true;
    }
    for (size_t index = 0; index < all->remembered_count; index++) {
        const struct guard_remembered *one = &all->remembered[index];
        if (memcmp(&one->address, address, sizeof *address) == 0 && is_port(one->port, port)) return true;
    }
    return false;
}

bool guard_hosts_allow_path(const struct guard_hosts *all, const char *path) {
    for (size_t index = 0; index < all->count; index++) {
        if (all->rules[index].kind == UNIX && strcmp(all->rules[index].text, path) == 0) return true;
    }
    return false;
}

static void remember(struct guard_hosts *all, const struct guard_address *address, int port) {
    for (size_t index = 0; index < all->remembered_count; index++) {
        const struct guard_remembered *one = &all->remembered[index];
        if (memcmp(&one->address, address, sizeof *address) == 0 && one->port == port) return;
    }
    all->remembered[all->next] = (struct guard_remembered){*address, port};
    all->next = (all->next + 1) % GUARD_MOST_REMEMBERED;
    if (all->remembered_count < GUARD_MOST_REMEMBERED) all->remembered_count++;
}

void guard_hosts_remember(struct guard_hosts *all, const char *name, const struct guard_address *address) {
    for (size_t index = 0; index < all->count; index++) {
        const struct guard_host_rule *rule = &all->rules[index];
        /* Whatever `any` allows it allows by its address too. */
        if (rule->kind != ANY && is_named(rule, name)) remember(all, address, rule->port);
    }
}
