/*
 * What is for sale: packs of credits, from a YAML file that the operator writes. Knows no orders.
 *
 *     currency: eur
 *     plans:
 *       small:                     # letters, digits and '-'
 *         name: Small
 *         credits: 100
 *         amount: 500              # cents
 *         price: price_1Nx…        # the processor's price id
 *         currency: usd            # another than above
 *         refund_days: 30          # so long for the money of unused credits; 0: never
 *       club:
 *         kind: monthly            # or pack, which it is without this line
 *         name: Club
 *         credits: 300             # each month
 *         amount: 900              # each month
 *         price: price_1Ny…        # one that recurs by the month
 *         expires: month           # never: credits that are not used stay
 */
#ifndef GEMPIX_COMMON_PLANS_H
#define GEMPIX_COMMON_PLANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

#define PLANS_MOST 12

struct plan {
    const char *id, *name, *price;
    char currency[4]; /* lower case, ISO 4217 */
    int64_t credits, amount;
    int64_t refund_days; /* -1 = not told: billing.refund_days */
    bool monthly;
    bool expires; /* with the month */
};

struct plans {
    char currency[4]; /* lower case, ISO 4217 */
    struct plan list[PLANS_MOST];
    size_t count;
};

/* Reads the file; texts live in the arena. 0, ST_IO, ST_INVALID ("file:line: what is wrong"),
 * ST_NOMEM. */
int plans_load(const char *path, struct arena *arena, struct plans *out, struct err *e);
/* NULL when there is no such plan. */
const struct plan *plans_find(const struct plans *p, const char *id);

/* "5.00 €", "500 ¥", "12.50 CHF": for people, with the separator of the language chosen. */
#define MONEY_TEXT 48
void money_text(int64_t amount, const char *currency, char out[MONEY_TEXT]);

#endif
