/*
 * The table of roles; see roles.h. Each has what its work needs and nothing else.
 */
#include "app/admin/roles.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BIT(permission) (UINT32_C(1) << (permission))

static const struct {
    const char *word;
    uint32_t may;
} roles[ROLES] = {
    [ROLE_SUPPORT] = {"support", BIT(PERM_DESK) | BIT(PERM_ACCOUNTS) | BIT(PERM_SESSIONS) |
                                     BIT(PERM_JOBS) | BIT(PERM_PURCHASES) | BIT(PERM_TICKETS)},
    [ROLE_MODERATOR] = {"moderator", BIT(PERM_DESK) | BIT(PERM_ACCOUNTS) | BIT(PERM_RESTRICT) |
                                         BIT(PERM_JOBS) | BIT(PERM_PROMPTS) | BIT(PERM_REPORTS) |
                                         BIT(PERM_FLAGS)},
    [ROLE_BILLING] = {"billing", BIT(PERM_DESK) | BIT(PERM_ACCOUNTS) | BIT(PERM_PURCHASES) |
                                     BIT(PERM_REFUNDS)},
    [ROLE_PRIVACY] = {"privacy", BIT(PERM_DESK) | BIT(PERM_ACCOUNTS) | BIT(PERM_RIGHTS) |
                                     BIT(PERM_AUDIT) | BIT(PERM_RECORD)},
    [ROLE_OWNER] = {"owner", UINT32_MAX},
};

const char *
role_word(enum role role)
{
    return roles[role].word;
}

int
role_find(const char *word)
{
    for (int i = 0; i < ROLES; i++) {
        if (strcmp(roles[i].word, word) == 0)
            return i;
    }
    return -1;
}

bool
role_may(enum role role, enum permission permission)
{
    return permission > 0 && permission < PERM_END && (roles[role].may & BIT(permission)) != 0;
}
