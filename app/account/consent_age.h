/*
 * From which age one may agree to an online service by oneself, by country; docs/policy/ages.md has
 * the sources. Only that it was confirmed is stored, neither the country nor a birthday.
 */
#ifndef GEMPIX_APP_ACCOUNT_CONSENT_AGE_H
#define GEMPIX_APP_ACCOUNT_CONSENT_AGE_H

#define CONSENT_AGE_LEAST 13
#define CONSENT_AGE_MOST 16

struct consent_age {
    const char *code; /* ISO 3166-1, small letters; "other" is the first */
    const char *name;
    int years; /* CONSENT_AGE_LEAST to CONSENT_AGE_MOST */
};

/* Ends with a NULL code. */
extern const struct consent_age consent_ages[];
/* The codes in the same order, for a form's choice; ends with NULL. */
extern const char *const consent_codes[];

/* Index of a code in capital letters, as the web server tells it; 0 = any other country. */
int consent_age_find(const char *region);

#endif
