/*
 * Reads the words of the policy and refuses a file that leaves a promise out. Knows no pages. Next:
 * policy_tables.c.
 */
#include "app/privacy/policy.h"

#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/yaml_tree.h"

#define PATH_MAX_BYTES 4200

struct reader {
    const char *path;
    struct arena *arena;
    struct policy *policy;
    struct err *e;
};

static int
complain(struct reader *r, size_t line, const char *what)
{
    return err_setf(r->e, ST_INVALID, "%s:%zu: %s", r->path, line, what);
}

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Please try again later.", "privacy policy");
}

static int
take_promises(struct reader *r, const struct yaml_node *n, uint32_t *out)
{
    const char *at = n->kind == YAML_TREE_SCALAR ? n->text : "";
    int number, used;

    while (sscanf(at, " P%2d%n", &number, &used) == 1 && number >= 1 &&
           number <= REGISTER_PROMISES) {
        *out |= UINT32_C(1) << number;
        at += used;
    }
    return *out != 0 && *at == '\0' ? ST_OK : complain(r, n->line, "promises are P1 to P21.");
}

static int
take_table(struct reader *r, const struct yaml_node *n, enum policy_table_kind *out)
{
    static const char *const names[] = {"none", "data", "purposes", "cookies", "processors"};

    for (size_t i = 0; n->kind == YAML_TREE_SCALAR && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(n->text, names[i]) == 0) {
            *out = (enum policy_table_kind)i;
            return ST_OK;
        }
    }
    return complain(r, n->line, "table: data, purposes, cookies or processors.");
}

static int
take_lines(struct reader *r, const struct yaml_node *n, struct policy_line **out)
{
    struct policy_line **tail = out;

    if (n->kind != YAML_TREE_LIST)
        return complain(r, n->line, "text: a list of paragraphs.");
    for (const struct yaml_node *m = n->first; m != NULL; m = m->next) {
        if (m->kind != YAML_TREE_SCALAR || m->len == 0)
            return complain(r, m->line, "a paragraph is expected.");
        if ((*tail = arena_alloc(r->arena, sizeof **tail)) == NULL)
            return no_memory(r->e);
        (*tail)->text = m->text;
        tail = &(*tail)->next;
    }
    return ST_OK;
}

static int
read_section(struct reader *r, const struct yaml_node *n, struct policy_section *s)
{
    int rc = ST_OK;

    s->id = n->key;
    if (n->kind != YAML_TREE_MAP)
        return complain(r, n->line, "heading, promises and text are expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (strcmp(m->key, "heading") == 0 && m->kind == YAML_TREE_SCALAR && m->len > 0)
            s->heading = m->text;
        else if (strcmp(m->key, "promises") == 0)
            rc = take_promises(r, m, &s->promises);
        else if (strcmp(m->key, "text") == 0)
            rc = take_lines(r, m, &s->lines);
        else if (strcmp(m->key, "table") == 0)
            rc = take_table(r, m, &s->table);
        else
            rc = complain(r, m->key_line, "known: heading, promises, text, table.");
    }
    if (rc == ST_OK && (s->heading == NULL || s->promises == 0 || s->lines == NULL))
        rc = complain(r, n->line, "heading, promises and text are expected.");
    return rc;
}

/* Every promise that the product has given is stated. */
static int
check_promises(struct reader *r)
{
    uint32_t stated = 0;
    char what[80];

    for (const struct policy_section *s = r->policy->sections; s != NULL; s = s->next)
        stated |= s->promises;
    for (int n = 1; n <= REGISTER_PROMISES; n++) {
        if ((stated >> n & 1) == 0) {
            snprintf(what, sizeof what, "no section states P%d.", n);
            return complain(r, 1, what);
        }
    }
    return ST_OK;
}

static int
read_words(struct reader *r)
{
    struct policy_section **tail = &r->policy->sections;
    struct yaml_node *root;
    int rc = yaml_tree_load(r->path, r->arena, &root, r->e);

    if (rc != ST_OK)
        return rc;
    if (root == NULL || root->kind != YAML_TREE_MAP || root->first == NULL ||
        root->first->next != NULL || strcmp(root->first->key, "sections") != 0)
        return complain(r, 1, "sections: is expected, and nothing else.");
    for (const struct yaml_node *n = root->first->first; n != NULL; n = n->next) {
        if ((*tail = arena_alloc(r->arena, sizeof **tail)) == NULL)
            return no_memory(r->e);
        if ((rc = read_section(r, n, *tail)) != ST_OK)
            return rc;
        tail = &(*tail)->next;
    }
    return check_promises(r);
}

int
policy_load(const char *dir, const struct conf *conf, struct arena *arena, struct policy **out,
            struct err *e)
{
    struct reader r = {.arena = arena, .e = e};
    struct register_file *data;
    char path[PATH_MAX_BYTES];
    int rc;

    *out = NULL;
    if ((r.policy = arena_alloc(arena, sizeof *r.policy)) == NULL)
        return no_memory(e);
    snprintf(path, sizeof path, "%s/register.yaml", dir);
    if ((rc = register_load(path, arena, &data, e)) != ST_OK)
        return rc;
    r.policy->data = data;
    r.policy->conf = conf;
    snprintf(path, sizeof path, "%s/policy.yaml", dir);
    r.path = path;
    if ((rc = read_words(&r)) == ST_OK)
        *out = r.policy;
    return rc;
}
