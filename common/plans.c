/*
 * The operator's plans; see plans.h. Strict: what is not known is a mistake that would otherwise be
 * found by a customer.
 */
#include "common/plans.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/language.h"
#include "common/yaml_tree.h"

#define CREDITS_MOST 1000000
#define AMOUNT_MOST 99999999 /* what the processor takes at once */
#define DAYS_MOST 3650
#define TEXT_MOST 80
#define ID_MOST 40

/* Currencies without minor units, of those that the processor knows. */
static const char *const whole[] = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
                                    "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"};

static int
wrong(struct err *e, const char *path, const struct yaml_node *n, const char *what)
{
    return err_setf(e, ST_INVALID, "%.120s:%zu: %s", path, n != NULL ? n->line : 1, what);
}

static int
read_number(const char *path, const struct yaml_node *n, int64_t least, int64_t most, int64_t *out,
            struct err *e)
{
    char *end = NULL;

    *out = n->kind == YAML_TREE_SCALAR ? strtoll(n->text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || end == n->text || *out < least || *out > most)
        return err_setf(e, ST_INVALID,
                        "%.120s:%zu: %.40s is a whole number from %" PRId64 " to %" PRId64 ".",
                        path, n->line, n->key, least, most);
    return ST_OK;
}

static int
read_text(const char *path, const struct yaml_node *n, const char **out, struct err *e)
{
    if (n->kind != YAML_TREE_SCALAR || n->len == 0 || n->len > TEXT_MOST ||
        strlen(n->text) != n->len)
        return err_setf(e, ST_INVALID, "%.120s:%zu: %.40s is a text of 1 to %d bytes.", path,
                        n->line, n->key, TEXT_MOST);
    *out = n->text;
    return ST_OK;
}

static bool
is_id(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= ID_MOST && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* One of two words. */
static int
read_choice(const char *path, const struct yaml_node *n, const char *no, const char *yes, bool *out,
            struct err *e)
{
    const char *word = n->kind == YAML_TREE_SCALAR ? n->text : "";

    *out = strcmp(word, yes) == 0;
    if (*out || strcmp(word, no) == 0)
        return ST_OK;
    return err_setf(e, ST_INVALID, "%.120s:%zu: %.40s is %s or %s.", path, n->line, n->key, no,
                    yes);
}

static int
read_currency(const char *path, const struct yaml_node *n, char out[4], struct err *e)
{
    if (n->kind != YAML_TREE_SCALAR || n->len != 3 ||
        strspn(n->text, "abcdefghijklmnopqrstuvwxyz") != 3)
        return wrong(e, path, n, "currency is three small letters, such as eur.");
    memcpy(out, n->text, 4);
    return ST_OK;
}

static int
read_plan(const char *path, const struct yaml_node *n, struct plan *out, struct err *e)
{
    int rc = ST_OK;

    *out = (struct plan){.id = n->key, .refund_days = -1};
    if (n->kind != YAML_TREE_MAP || !is_id(n->key))
        return wrong(e, path, n,
                     "a plan has a name of small letters, digits and '-', and members.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (strcmp(m->key, "name") == 0)
            rc = read_text(path, m, &out->name, e);
        else if (strcmp(m->key, "price") == 0)
            rc = read_text(path, m, &out->price, e);
        else if (strcmp(m->key, "credits") == 0)
            rc = read_number(path, m, 1, CREDITS_MOST, &out->credits, e);
        else if (strcmp(m->key, "amount") == 0)
            rc = read_number(path, m, 1, AMOUNT_MOST, &out->amount, e);
        else if (strcmp(m->key, "refund_days") == 0)
            rc = read_number(path, m, 0, DAYS_MOST, &out->refund_days, e);
        else if (strcmp(m->key, "currency") == 0)
            rc = read_currency(path, m, out->currency, e);
        else if (strcmp(m->key, "kind") == 0)
            rc = read_choice(path, m, "pack", "monthly", &out->monthly, e);
        else if (strcmp(m->key, "expires") == 0)
            rc = read_choice(path, m, "never", "month", &out->expires, e);
        else
            rc = wrong(e, path, m,
                       "a plan has kind, name, credits, amount, currency, price, refund_days and "
                       "expires, nothing else.");
    }
    if (rc == ST_OK &&
        (out->name == NULL || out->price == NULL || out->credits == 0 || out->amount == 0))
        rc = wrong(e, path, n, "a plan needs name, credits, amount and price.");
    if (rc == ST_OK && out->expires && !out->monthly)
        rc = wrong(e, path, n, "only a monthly plan has credits that expire.");
    return rc;
}

static int
read_list(const char *path, const struct yaml_node *list, struct plans *out, struct err *e)
{
    int rc = ST_OK;

    if (list->kind != YAML_TREE_MAP)
        return wrong(e, path, list, "plans is a map of plans.");
    for (const struct yaml_node *n = list->first; n != NULL && rc == ST_OK; n = n->next) {
        if (out->count == PLANS_MOST)
            return err_setf(e, ST_INVALID, "%.120s:%zu: at most %d plans.", path, n->line,
                            PLANS_MOST);
        rc = read_plan(path, n, &out->list[out->count++], e);
    }
    return rc;
}

int
plans_load(const char *path, struct arena *arena, struct plans *out, struct err *e)
{
    struct yaml_node *root;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = yaml_tree_load(path, arena, &root, e)) != ST_OK)
        return rc;
    if (root == NULL || root->kind != YAML_TREE_MAP)
        return wrong(e, path, root, "currency and plans are missing.");
    for (const struct yaml_node *n = root->first; n != NULL && rc == ST_OK; n = n->next) {
        if (strcmp(n->key, "currency") == 0)
            rc = read_currency(path, n, out->currency, e);
        else if (strcmp(n->key, "plans") == 0)
            rc = read_list(path, n, out, e);
        else
            rc = wrong(e, path, n, "only currency and plans stand here.");
    }
    if (rc == ST_OK && (out->currency[0] == '\0' || out->count == 0))
        rc = wrong(e, path, root, "currency and plans are needed.");
    for (size_t i = 0; i < out->count; i++) {
        if (out->list[i].currency[0] == '\0')
            memcpy(out->list[i].currency, out->currency, sizeof out->currency);
    }
    return rc;
}

const struct plan *
plans_find(const struct plans *p, const char *id)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->list[i].id, id) == 0)
            return &p->list[i];
    }
    return NULL;
}

void
money_text(int64_t amount, const char *currency, char out[MONEY_TEXT])
{
    static const struct {
        const char *code, *sign;
    } signs[] = {{"eur", "€"}, {"usd", "$"}, {"gbp", "£"}, {"jpy", "¥"}};
    char sign[8] = "";
    bool minor = true;

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        minor = minor && strcmp(whole[i], currency) != 0;
    for (size_t i = 0; i < 3 && currency[i] != '\0'; i++)
        sign[i] = (char)toupper((unsigned char)currency[i]);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strcmp(signs[i].code, currency) == 0)
            snprintf(sign, sizeof sign, "%s", signs[i].sign);
    }
    if (minor)
        snprintf(out, MONEY_TEXT, "%" PRId64 "%c%02d\u00a0%s", amount / 100,
                 languages[language_current()].point, (int)(amount % 100), sign);
    else
        snprintf(out, MONEY_TEXT, "%" PRId64 "\u00a0%s", amount, sign);
}
