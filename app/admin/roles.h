/*
 * What the staff may do: permissions, and the roles that hold them. Knows no accounts and no pages.
 * docs/admin.md explains each role.
 */
#ifndef GEMPIX_APP_ADMIN_ROLES_H
#define GEMPIX_APP_ADMIN_ROLES_H

#include <stdbool.h>

/* A route names one of them: ROUTE_STAFF(PERM_…). */
enum permission {
    PERM_DESK = 1,  /* the dashboard */
    PERM_ACCOUNTS,  /* find and look at an account */
    PERM_RESTRICT,  /* restrict an account, and end that */
    PERM_SESSIONS,  /* sign an account out */
    PERM_JOBS,      /* jobs, without their words and pictures */
    PERM_PROMPTS,   /* the words and pictures of a job */
    PERM_REPORTS,   /* reports of published pictures, and taking one down */
    PERM_PURCHASES, /* purchases */
    PERM_REFUNDS,   /* giving money back */
    PERM_RIGHTS,    /* requests about personal data */
    PERM_TICKETS,   /* letters to the support */
    PERM_FLAGS,     /* what looks like abuse */
    PERM_AUDIT,     /* the audit log */
    PERM_RECORD,    /* the record of processing */
    PERM_END
};

/* In the order of the column staff.role, counted from 0. */
enum role { ROLE_SUPPORT, ROLE_MODERATOR, ROLE_BILLING, ROLE_PRIVACY, ROLE_OWNER, ROLES };

/* "support", as commands and the database have it. */
const char *role_word(enum role role);
/* -1 where there is none. */
int role_find(const char *word);
bool role_may(enum role role, enum permission permission);

#endif
