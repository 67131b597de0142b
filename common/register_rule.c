/*
 * The rules of retention: how `keep:` is read, and whether what it names is declared. Read next:
 * purge.c, which carries them out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/register.h"
#include "common/register_read.h"
#include "common/yaml_tree.h"

/* A year is never shorter than the calendar's, so that no legal period ends early. */
static const struct {
    const char *word;
    int64_t seconds;
} units[] = {
    {"second", 1},       {"minute", 60},        {"hour", 3600},        {"day", 86400},
    {"week", 7 * 86400}, {"month", 31 * 86400}, {"year", 366 * 86400},
};

/* "30 days", "1 hour", "0". */
static int
take_span(struct register_reader *r, const struct yaml_node *n, int64_t *out)
{
    const char *text;
    char *end;
    long count;
    int rc = register_take_text(r, n, &text);

    if (rc != ST_OK)
        return rc;
    count = strtol(text, &end, 10);
    if (end != text && count == 0 && *end == '\0') {
        *out = 0;
        return ST_OK;
    }
    for (size_t i = 0; end != text && *end == ' ' && i < sizeof units / sizeof units[0]; i++) {
        size_t len = strlen(units[i].word);
        if (count > 0 && count <= 1000 && strncmp(end + 1, units[i].word, len) == 0 &&
            strcmp(end + 1 + len, count == 1 ? "" : "s") == 0) {
            *out = count * units[i].seconds;
            return ST_OK;
        }
    }
    return register_complain(r, n->line, "for: 0, 1 hour, 30 days, 10 years and the like.");
}

/* "TABLE by COLUMN". */
static int
take_by(struct register_reader *r, const struct yaml_node *n, const char **table,
        const char **column)
{
    const char *const *words = NULL;
    int rc = register_take_words(r, n, &words);

    if (rc == ST_OK && (words[0] == NULL || words[1] == NULL || strcmp(words[1], "by") != 0 ||
                        words[2] == NULL || words[3] != NULL))
        return register_complain(r, n->line, "TABLE by COLUMN is expected.");
    if (rc == ST_OK) {
        *table = words[0];
        *column = words[2];
    }
    return rc;
}

/* "TABLE.COLUMN by COLUMN". */
static int
take_newest(struct register_reader *r, const struct yaml_node *n, struct register_keep *k)
{
    const char *dot, *path = NULL;
    int rc = take_by(r, n, &path, &k->column);

    if (rc != ST_OK)
        return rc;
    if ((dot = strchr(path, '.')) == NULL)
        return register_complain(r, n->line, "TABLE.COLUMN by COLUMN is expected.");
    k->rule = REGISTER_NEWEST;
    k->other = dot + 1;
    k->table = arena_strndup(r->arena, path, (size_t)(dot - path));
    return k->table != NULL ? ST_OK : register_no_memory(r);
}

/* {state: sent failed, ended_at: null}. */
static int
take_when(struct register_reader *r, const struct yaml_node *n, struct register_keep *k)
{
    int rc = ST_OK;

    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "when: {COLUMN: values} is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        struct register_condition *c = &k->when[k->whens];

        if (k->whens == REGISTER_WHEN || !register_is_name(m->key))
            return register_complain(r, m->key_line, "too many conditions, or no column.");
        c->column = m->key;
        k->whens++;
        rc = register_take_words(r, m, &c->values);
        if (rc == ST_OK && m->plain && strcmp(m->text, "null") == 0)
            c->values = arena_calloc(r->arena, 1, sizeof *c->values);
        if (c->values == NULL)
            return rc != ST_OK ? rc : register_no_memory(r);
        for (size_t i = 0; rc == ST_OK && c->values[i] != NULL; i++)
            if (!register_is_name(c->values[i]))
                rc = register_complain(r, m->line, "values of small letters are expected.");
    }
    return rc;
}

/* [media by job_id, …]. */
static int
take_unless(struct register_reader *r, const struct yaml_node *n, struct register_keep *k)
{
    int rc = ST_OK;

    if (n->kind != YAML_TREE_LIST)
        return register_complain(r, n->line, "unless: [TABLE by COLUMN] is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (k->unlesses == REGISTER_UNLESS)
            return register_complain(r, m->line, "too many tables.");
        rc = take_by(r, m, &k->unless[k->unlesses].table, &k->unless[k->unlesses].column);
        k->unlesses += rc == ST_OK;
    }
    return rc;
}

static int
take_rule_word(struct register_reader *r, const struct yaml_node *n, struct register_keep *k)
{
    static const char *const choices[] = {"account", "always"};
    int value = 0, rc = register_take_choice(r, n, choices, 2, &value);

    k->rule = value == 0 ? REGISTER_ACCOUNT : REGISTER_ALWAYS;
    k->then = value == 0 ? REGISTER_DELETE : REGISTER_NOTHING;
    return rc;
}

static int
read_action_key(struct register_reader *r, const struct yaml_node *m, struct register_keep *k)
{
    static const char *const actions[] = {"nothing", "delete", "null", "anonymise"};
    static const char *const who[] = {"steward", "operator", "media", "system", "browser"};
    int value = 0, rc;

    if (strcmp(m->key, "then") == 0) {
        rc = register_take_choice(r, m, actions, 4, &value);
        k->then = (enum register_action)value;
        return rc;
    }
    if (strcmp(m->key, "who") == 0) {
        rc = register_take_choice(r, m, who, 5, &value);
        k->by = (enum register_by)value;
        return rc;
    }
    if (strcmp(m->key, "to") == 0)
        return register_take_text(r, m, &k->to);
    if (strcmp(m->key, "members") == 0)
        return register_take_words(r, m, &k->members);
    if (strcmp(m->key, "words") == 0)
        return register_take_text(r, m, &k->words);
    return register_complain(r, m->key_line,
                             "unknown; known: after, for, set, job, with, newest, when, unless, "
                             "then, who, to, members, words.");
}

static int
read_keep_key(struct register_reader *r, const struct yaml_node *m, struct register_keep *k,
              int *rules, bool *span)
{
    if (strcmp(m->key, "for") == 0) {
        *span = true;
        return take_span(r, m, &k->seconds);
    }
    if (strcmp(m->key, "set") == 0)
        return register_take_text(r, m, &k->setting);
    if (strcmp(m->key, "when") == 0)
        return take_when(r, m, k);
    if (strcmp(m->key, "unless") == 0)
        return take_unless(r, m, k);
    (*rules)++;
    if (strcmp(m->key, "after") == 0) {
        k->rule = REGISTER_AFTER;
        return register_take_text(r, m, &k->column);
    }
    if (strcmp(m->key, "job") == 0) {
        k->rule = REGISTER_JOB;
        return register_take_text(r, m, &k->column);
    }
    if (strcmp(m->key, "with") == 0) {
        k->rule = REGISTER_WITH;
        return take_by(r, m, &k->table, &k->column);
    }
    if (strcmp(m->key, "newest") == 0)
        return take_newest(r, m, k);
    (*rules)--;
    return read_action_key(r, m, k);
}

static int
read_one(struct register_reader *r, const struct yaml_node *n, struct register_keep *out)
{
    int rules = 0, rc = ST_OK;
    bool span = false;

    *out = (struct register_keep){.then = REGISTER_DELETE};
    if (n->kind == YAML_TREE_SCALAR)
        return take_rule_word(r, n, out);
    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "keep: account, always or {…} is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next)
        rc = read_keep_key(r, m, out, &rules, &span);
    if (rc != ST_OK)
        return rc;
    if (rules != 1)
        return register_complain(r, n->line, "one of after, job, with, newest is expected.");
    if (span != (out->rule == REGISTER_AFTER || out->rule == REGISTER_NEWEST))
        return register_complain(r, n->line, "for: belongs to after: and newest:, and only there.");
    if ((out->then == REGISTER_ANONYMISE) != (out->to != NULL))
        return register_complain(r, n->line, "to: belongs to then: anonymise, and only there.");
    return ST_OK;
}

int
register_read_keep(struct register_reader *r, const struct yaml_node *n, struct register_keep *out)
{
    int rc = ST_OK;

    if (n->kind != YAML_TREE_LIST)
        return read_one(r, n, out);
    if (n->first == NULL)
        return register_complain(r, n->line, "a rule is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        rc = read_one(r, m, out);
        if (rc != ST_OK || m->next == NULL)
            return rc;
        if ((out->next = arena_alloc(r->arena, sizeof *out)) == NULL)
            return register_no_memory(r);
        out = out->next;
    }
    return rc;
}

/* --- what a rule names is declared --- */

static bool
has_column(const struct register_file *f, const char *table, const char *column)
{
    const struct register_thing *t = register_find(f, REGISTER_TABLE, table);

    return t != NULL && register_part_of(t, column) != NULL;
}

static int
check_rule(struct register_reader *r, const struct register_thing *t, const struct register_keep *k,
           size_t line)
{
    const struct register_file *f = r->file;
    bool right = true;

    if (k->rule == REGISTER_AFTER || k->rule == REGISTER_JOB || k->rule == REGISTER_WITH)
        right = has_column(f, t->name, k->column);
    if (k->rule == REGISTER_WITH)
        right = right && has_column(f, k->table, "id");
    if (k->rule == REGISTER_NEWEST)
        right = has_column(f, k->table, k->other) && has_column(f, k->table, k->column);
    if (k->rule == REGISTER_NEWEST || k->unlesses > 0)
        right = right && has_column(f, t->name, "id");
    for (size_t i = 0; i < k->whens; i++)
        right = right && has_column(f, t->name, k->when[i].column);
    for (size_t i = 0; i < k->unlesses; i++)
        right = right && has_column(f, k->unless[i].table, k->unless[i].column);
    if (!right)
        return register_complain(r, line, "keep: names a table or column that is not declared.");
    return ST_OK;
}

int
register_check_rules(struct register_reader *r)
{
    int rc = ST_OK;

    for (const struct register_thing *t = r->file->things[REGISTER_TABLE]; t != NULL; t = t->next) {
        r->where = t->name;
        if (t->owner != NULL && !has_column(r->file, t->name, t->owner))
            return register_complain(r, t->line, "owner: is no declared column.");
        if (t->since != NULL && !has_column(r->file, t->name, t->since))
            return register_complain(r, t->line, "since: is no declared column.");
        if (t->owner_table != NULL &&
            register_find(r->file, REGISTER_TABLE, t->owner_table) == NULL)
            return register_complain(r, t->line, "owner: is no declared table.");
        for (const struct register_keep *k = &t->keep; k != NULL && rc == ST_OK; k = k->next)
            rc = check_rule(r, t, k, t->line);
        for (const struct register_part *p = t->parts; p != NULL && rc == ST_OK; p = p->next)
            for (const struct register_keep *k = p->keeps ? &p->keep : NULL;
                 k != NULL && rc == ST_OK; k = k->next)
                rc = check_rule(r, t, k, p->line);
        if (rc != ST_OK)
            return rc;
    }
    return ST_OK;
}
