/*
 * Passwords that everybody tries first. The list is short on purpose: it stops the obvious, length
 * does the rest.
 */
#ifndef GEMPIX_APP_ACCOUNT_PASSWORD_LIST_H
#define GEMPIX_APP_ACCOUNT_PASSWORD_LIST_H

#include <stdbool.h>

/* True for a password of the list, whatever its letter case, and for one character or a short run
   repeated or counted up ("aaaaaaaa", "abcabcabc", "12345678"). */
bool password_is_common(const char *password);

#endif
