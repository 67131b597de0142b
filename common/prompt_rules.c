/*
 * The operator's rules about prompts; see prompt_rules.h. Strict: a list that is not used, or a
 * word that folds to nothing, is a mistake that nobody would notice.
 */
#include "common/prompt_rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/prompt_fold.h"
#include "common/yaml_tree.h"

#define MEMORY ((size_t)8 << 20)
#define ENTRIES_MAX 4000
#define GROUPS_MAX 32
#define CATEGORIES_MAX 32
#define WORDS_MAX 16 /* of an entry; characters of Chinese and Japanese are words */
#define NAME_MAX_BYTES 80
#define AGE 18

struct entry {
    const char *source; /* as it stands in the file */
    const char *words[WORDS_MAX];
    size_t lens[WORDS_MAX];
    size_t count;
    bool begins; /* the last word may go on */
    int group;
    struct entry *next; /* of the same first byte */
};

struct category {
    const char *id, *name;
    enum prompt_action action;
    uint32_t any, together; /* groups */
};

struct prompt_rules {
    struct arena *arena;
    const char *path;
    const char *groups[GROUPS_MAX];
    size_t group_count, entry_count, category_count;
    struct category categories[CATEGORIES_MAX];
    struct entry *by_byte[2][256]; /* by reading and first byte; '#' = a number */
    struct folded folded;
};

static int
wrong(const struct prompt_rules *r, const struct yaml_node *n, const char *what, struct err *e)
{
    return err_setf(e, ST_INVALID, "%.120s:%zu: %s", r->path, n != NULL ? n->line : 1, what);
}

/* --- lists --- */

/* One entry in one reading, cut like a prompt is. */
static int
add_reading(struct prompt_rules *r, const struct yaml_node *n, int group, enum fold_reading reading,
            struct err *e)
{
    struct entry *out = arena_calloc(r->arena, 1, sizeof *out);
    size_t len = n->len, at = 0;

    if (out == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", NULL);
    out->source = n->text;
    out->group = group;
    out->begins = len > 1 && n->text[len - 1] == '*';
    len -= out->begins;
    if (n->text[0] == '#') {
        out->words[out->count++] = "#";
        at = 1;
    }
    if (len > 0 && len > at && n->text[len - 1] == '#')
        len--;
    fold_text(n->text + at, len - at, reading, &r->folded);
    for (size_t i = 0; i < r->folded.count; i++) {
        if (out->count == WORDS_MAX)
            return wrong(r, n, "an entry has at most sixteen words.", e);
        out->lens[out->count] = r->folded.words[i].len;
        out->words[out->count] =
            arena_strndup(r->arena, r->folded.words[i].text, r->folded.words[i].len);
        if (out->words[out->count++] == NULL)
            return err_set(e, ST_NOMEM, "Out of memory.", NULL);
    }
    if (r->folded.count == 0)
        return wrong(r, n, "an entry needs letters.", e);
    if (n->len > 1 && n->text[n->len - 1] == '#') {
        if (out->count == WORDS_MAX)
            return wrong(r, n, "an entry has at most sixteen words.", e);
        out->words[out->count++] = "#";
    }
    out->next = r->by_byte[reading][(unsigned char)out->words[0][0]];
    r->by_byte[reading][(unsigned char)out->words[0][0]] = out;
    return ST_OK;
}

static int
add_entry(struct prompt_rules *r, const struct yaml_node *n, int group, struct err *e)
{
    bool counted = n->kind == YAML_TREE_SCALAR && strchr(n->text, '#') != NULL;
    int rc = ST_OK;

    if (n->kind != YAML_TREE_SCALAR || n->len == 0 || strlen(n->text) != n->len || n->len > 100)
        return wrong(r, n, "an entry is a text of 1 to 100 bytes.", e);
    if (++r->entry_count > ENTRIES_MAX)
        return wrong(r, n, "there are too many entries.", e);
    /* Ages are found where digits are numbers, everything else in both readings. */
    if (!counted)
        rc = add_reading(r, n, group, FOLD_SPELT, e);
    return rc == ST_OK ? add_reading(r, n, group, FOLD_COUNTED, e) : rc;
}

static int
read_groups(struct prompt_rules *r, const struct yaml_node *n, struct err *e)
{
    int rc = ST_OK;

    if (n->kind != YAML_TREE_MAP)
        return wrong(r, n, "groups: names with lists of words are expected.", e);
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (m->kind != YAML_TREE_LIST || m->first == NULL || r->group_count == GROUPS_MAX)
            return wrong(r, m, "a group is a list of words; there are at most 32.", e);
        r->groups[r->group_count] = m->key;
        for (const struct yaml_node *w = m->first; w != NULL && rc == ST_OK; w = w->next)
            rc = add_entry(r, w, (int)r->group_count, e);
        r->group_count++;
    }
    return rc;
}

/* --- categories --- */

static int
read_set(struct prompt_rules *r, const struct yaml_node *n, uint32_t *out, struct err *e)
{
    if (n->kind != YAML_TREE_LIST || n->first == NULL)
        return wrong(r, n, "a list of groups is expected.", e);
    for (const struct yaml_node *m = n->first; m != NULL; m = m->next) {
        size_t i = 0;

        while (i < r->group_count &&
               (m->kind != YAML_TREE_SCALAR || strcmp(m->text, r->groups[i]) != 0))
            i++;
        if (i == r->group_count)
            return wrong(r, m, "there is no such group; groups stand before categories.", e);
        *out |= UINT32_C(1) << i;
    }
    return ST_OK;
}

static int
read_category(struct prompt_rules *r, const struct yaml_node *n, struct err *e)
{
    struct category *c = &r->categories[r->category_count];
    int rc = ST_OK;

    if (n->kind != YAML_TREE_MAP || r->category_count == CATEGORIES_MAX || strlen(n->key) > 40)
        return wrong(r, n, "a category has members; there are at most 32.", e);
    *c = (struct category){.id = n->key};
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        const char *text = m->kind == YAML_TREE_SCALAR ? m->text : "";

        if (strcmp(m->key, "name") == 0 && text[0] != '\0' && m->len <= NAME_MAX_BYTES)
            c->name = text;
        else if (strcmp(m->key, "action") == 0 && strcmp(text, "refuse") == 0)
            c->action = PROMPT_REFUSE;
        else if (strcmp(m->key, "action") == 0 && strcmp(text, "flag") == 0)
            c->action = PROMPT_FLAG;
        else if (strcmp(m->key, "any") == 0)
            rc = read_set(r, m, &c->any, e);
        else if (strcmp(m->key, "together") == 0)
            rc = read_set(r, m, &c->together, e);
        else
            rc = wrong(
                r, m, "known: name (80 bytes at most), action (refuse or flag), any, together.", e);
    }
    if (rc == ST_OK && (c->name == NULL || c->action == PROMPT_PASS || (c->any | c->together) == 0))
        rc = wrong(r, n, "a category needs name, action, and any or together.", e);
    r->category_count++;
    return rc;
}

static int
read_all(struct prompt_rules *r, const struct yaml_node *root, struct err *e)
{
    uint32_t used = 0;
    int rc = ST_OK;

    if (root == NULL || root->kind != YAML_TREE_MAP)
        return wrong(r, root, "groups and categories are expected.", e);
    for (const struct yaml_node *m = root->first; m != NULL && rc == ST_OK; m = m->next) {
        if (strcmp(m->key, "groups") == 0) {
            rc = read_groups(r, m, e);
        } else if (strcmp(m->key, "categories") == 0 && m->kind == YAML_TREE_MAP) {
            for (const struct yaml_node *c = m->first; c != NULL && rc == ST_OK; c = c->next)
                rc = read_category(r, c, e);
        } else {
            rc = wrong(r, m, "known: groups, categories.", e);
        }
    }
    for (size_t i = 0; i < r->category_count; i++)
        used |= r->categories[i].any | r->categories[i].together;
    for (size_t i = 0; i < r->group_count && rc == ST_OK; i++)
        if ((used & UINT32_C(1) << i) == 0)
            rc = err_setf(e, ST_INVALID, "%.120s: no category uses the group %.40s.", r->path,
                          r->groups[i]);
    return rc;
}

int
prompt_rules_load(const char *path, struct prompt_rules **out, struct err *e)
{
    struct prompt_rules *r = calloc(1, sizeof *r);
    struct yaml_node *root = NULL;
    int rc;

    *out = NULL;
    if (r == NULL || (r->arena = arena_new(MEMORY)) == NULL) {
        free(r);
        return err_set(e, ST_NOMEM, "Out of memory.", NULL);
    }
    r->path = path;
    if ((rc = yaml_tree_load(path, r->arena, &root, e)) == ST_OK)
        rc = read_all(r, root, e);
    r->path = NULL;
    if (rc != ST_OK) {
        prompt_rules_free(r);
        return rc;
    }
    *out = r;
    return ST_OK;
}

void
prompt_rules_free(struct prompt_rules *r)
{
    if (r == NULL)
        return;
    arena_free(r->arena);
    free(r);
}

size_t
prompt_rules_count(const struct prompt_rules *r)
{
    return r->entry_count;
}

/* --- prompts --- */

static bool
is_age(const struct fold_word *w)
{
    return w->number && w->len <= 2 && strtol(w->text, NULL, 10) < AGE;
}

static bool
fits(const struct entry *entry, const struct fold_word *w, size_t left)
{
    if (entry->count > left)
        return false;
    for (size_t i = 0; i < entry->count; i++) {
        bool last = i + 1 == entry->count;

        if (entry->words[i][0] == '#') {
            if (!is_age(&w[i]))
                return false;
        } else if (w[i].len < entry->lens[i] ||
                   (w[i].len > entry->lens[i] && !(last && entry->begins)) ||
                   memcmp(w[i].text, entry->words[i], entry->lens[i]) != 0) {
            return false;
        }
    }
    return true;
}

static void
look(const struct entry *list, const struct fold_word *w, size_t left, uint32_t *found,
     const char *sources[GROUPS_MAX])
{
    for (const struct entry *x = list; x != NULL; x = x->next) {
        if ((*found & UINT32_C(1) << x->group) == 0 && fits(x, w, left)) {
            *found |= UINT32_C(1) << x->group;
            sources[x->group] = x->source;
        }
    }
}

void
prompt_rules_check(struct prompt_rules *r, const char *prompt, struct prompt_verdict *out)
{
    const char *sources[GROUPS_MAX] = {0};
    uint32_t found = 0;

    *out = (struct prompt_verdict){.action = PROMPT_PASS};
    for (int reading = FOLD_SPELT; reading <= FOLD_COUNTED; reading++) {
        const struct folded *f = &r->folded;

        fold_text(prompt, strlen(prompt), (enum fold_reading)reading, &r->folded);
        for (size_t i = 0; i < f->count; i++) {
            const struct fold_word *w = &f->words[i];

            look(r->by_byte[reading][(unsigned char)w->text[0]], w, f->count - i, &found, sources);
            if (w->number)
                look(r->by_byte[reading]['#'], w, f->count - i, &found, sources);
        }
    }
    for (size_t i = 0; i < r->category_count; i++) {
        const struct category *c = &r->categories[i];
        bool all = c->together != 0 && (found & c->together) == c->together;
        uint32_t why = all ? c->together : found & c->any;
        size_t n = 0;

        if (why == 0 || c->action <= out->action)
            continue;
        *out = (struct prompt_verdict){.action = c->action, .category = c->id, .name = c->name};
        for (size_t g = 0; g < r->group_count && n < 3; g++)
            if ((why & UINT32_C(1) << g) != 0)
                out->words[n++] = sources[g];
    }
}
