/*
 * The policy as a worker keeps it from its first use to its end. For the pages of this folder.
 */
#ifndef GEMPIX_APP_PRIVACY_POLICY_CACHE_H
#define GEMPIX_APP_PRIVACY_POLICY_CACHE_H

struct conf;
struct err;
struct policy;

/* Reads the files once; a worker serves one request at a time and lives for minutes. */
int policy_cached(const struct conf *conf, const struct policy **out, struct err *e);

/* The date of the newest material change, alone: every page needs it, and few need the whole policy,
 * half a megabyte. *out NULL: there was none. */
int policy_material(const struct conf *conf, const char **out, struct err *e);

#endif
