/*
 * Reads the data register and refuses what is not complete: an unknown word, a missing answer, a
 * name that is declared twice. Whether a table really has the columns is no matter of this file.
 * Read next: register_rule.c for the rules of retention, docs/policy/README.md for the form.
 */
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/register.h"
#include "common/register_read.h"
#include "common/yaml_tree.h"

int
register_complain(struct register_reader *r, size_t line, const char *what)
{
    return err_setf(r->e, ST_INVALID, "%s:%zu: %s: %s", r->path, line, r->where, what);
}

int
register_no_memory(struct register_reader *r)
{
    return err_set(r->e, ST_NOMEM, "Out of memory.", "reading %s", r->path);
}

bool
register_is_name(const char *s)
{
    size_t len = strlen(s);

    return len > 0 && len <= 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

int
register_take_text(struct register_reader *r, const struct yaml_node *n, const char **out)
{
    if (n->kind != YAML_TREE_SCALAR || n->len == 0 || strlen(n->text) != n->len)
        return register_complain(r, n->line, "a text is expected.");
    *out = n->text;
    return ST_OK;
}

int
register_take_words(struct register_reader *r, const struct yaml_node *n, const char *const **out)
{
    const char *text, **list;
    size_t count = 0;
    int rc = register_take_text(r, n, &text);

    if (rc != ST_OK)
        return rc;
    if ((list = arena_calloc(r->arena, strlen(text) / 2 + 2, sizeof *list)) == NULL)
        return register_no_memory(r);
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len > 0 && (list[count++] = arena_strndup(r->arena, text, len)) == NULL)
            return register_no_memory(r);
        text += len + (text[len] == ' ');
    }
    *out = list;
    return ST_OK;
}

int
register_take_choice(struct register_reader *r, const struct yaml_node *n,
                     const char *const *choices, int count, int *out)
{
    char what[200];
    size_t len;
    const char *text;
    int rc = register_take_text(r, n, &text);

    if (rc != ST_OK)
        return rc;
    for (int i = 0; i < count; i++) {
        if (strcmp(choices[i], text) == 0) {
            *out = i;
            return ST_OK;
        }
    }
    snprintf(what, sizeof what, "%.30s is none of:", text);
    for (int i = 0; i < count; i++) {
        len = strlen(what);
        snprintf(what + len, sizeof what - len, " %s", choices[i]);
    }
    return register_complain(r, n->line, what);
}

/* "P2 P13" into a mask. */
static int
take_promises(struct register_reader *r, const struct yaml_node *n, uint32_t *out)
{
    const char *const *words = NULL;
    int rc = register_take_words(r, n, &words), number;
    char rest;

    for (size_t i = 0; rc == ST_OK && words[i] != NULL; i++) {
        if (sscanf(words[i], "P%2d%c", &number, &rest) != 1 || number < 1 ||
            number > REGISTER_PROMISES)
            rc = register_complain(r, n->line, "promises are P1 to P21.");
        else
            *out |= UINT32_C(1) << number;
    }
    return rc;
}

/* Ids that the lists at the top of the file declare. */
static int
take_ids(struct register_reader *r, const struct yaml_node *n, const struct register_word *list,
         const char *const **out)
{
    char what[120];
    int rc = register_take_words(r, n, out);

    for (size_t i = 0; rc == ST_OK && (*out)[i] != NULL; i++) {
        if (register_word(list, (*out)[i]) == NULL) {
            snprintf(what, sizeof what, "%.40s is not declared at the top.", (*out)[i]);
            rc = register_complain(r, n->line, what);
        }
    }
    return rc;
}

static int
take_category(struct register_reader *r, const struct yaml_node *n, const char **out)
{
    const char *const *ids = NULL;
    int rc = take_ids(r, n, r->file->categories, &ids);

    if (rc == ST_OK && (ids[0] == NULL || ids[1] != NULL))
        return register_complain(r, n->line, "one category is expected.");
    *out = rc == ST_OK ? ids[0] : NULL;
    return rc;
}

/* delete, keep, null, pseudonymise, or {anonymise: TEXT}. */
static int
take_erase(struct register_reader *r, const struct yaml_node *n, struct register_erase *out)
{
    static const char *const choices[] = {"keep", "delete", "null", "", "pseudonymise"};
    int action = 0, rc;

    if (n->kind == YAML_TREE_MAP && n->first != NULL && n->first->next == NULL &&
        strcmp(n->first->key, "anonymise") == 0) {
        out->action = REGISTER_ANONYMISE;
        if (n->first->kind != YAML_TREE_SCALAR)
            return register_complain(r, n->line, "anonymise: the text that takes its place.");
        out->to = n->first->text;
        return ST_OK;
    }
    rc = register_take_choice(r, n, choices, 5, &action);
    out->action = (enum register_action)action;
    return rc;
}

/* --- the lists at the top --- */

static int
read_word(struct register_reader *r, const struct yaml_node *n, struct register_word **out)
{
    struct register_word *w = arena_alloc(r->arena, sizeof *w);
    int rc = ST_OK;

    if (w == NULL)
        return register_no_memory(r);
    w->id = r->where = n->key;
    if (!register_is_name(w->id))
        return register_complain(r, n->key_line, "a name of small letters is expected.");
    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "name: and about: are expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (strcmp(m->key, "name") == 0)
            rc = register_take_text(r, m, &w->name);
        else if (strcmp(m->key, "about") == 0)
            rc = register_take_text(r, m, &w->about);
        else if (strcmp(m->key, "where") == 0)
            rc = register_take_text(r, m, &w->where);
        else if (strcmp(m->key, "safeguard") == 0)
            rc = register_take_text(r, m, &w->safeguard);
        else if (strcmp(m->key, "promises") == 0)
            rc = take_promises(r, m, &w->promises);
        else
            rc = register_complain(r, m->key_line,
                                   "unknown; known: name, about, where, safeguard, "
                                   "promises.");
    }
    if (rc == ST_OK && (w->name == NULL || w->about == NULL))
        rc = register_complain(r, n->line, "name: and about: are expected.");
    *out = w;
    return rc;
}

static int
read_words(struct register_reader *r, const struct yaml_node *n, struct register_word **list)
{
    struct register_word **tail = list;
    int rc = ST_OK;

    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "a list of names is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if (register_word(*list, m->key) != NULL)
            return register_complain(r, m->key_line, "declared twice.");
        if ((rc = read_word(r, m, tail)) == ST_OK)
            tail = &(*tail)->next;
    }
    return rc;
}

/* --- parts --- */

static const char *const forms[] = {"no", "text", "number", "time", "hex", "json", "flag"};

/* "text" or "text as NAME". */
static int
take_export(struct register_reader *r, const struct yaml_node *n, struct register_part *p)
{
    struct yaml_node form = *n;
    const char *as;
    int value = 0, rc;

    if (n->kind == YAML_TREE_SCALAR && (as = strstr(n->text, " as ")) != NULL) {
        if (!register_is_name(as + 4) || p->names[1] != NULL)
            return register_complain(r, n->line, "\"as\" needs one column and one name.");
        p->export_as = as + 4;
        form.text = arena_strndup(r->arena, n->text, (size_t)(as - n->text));
        if (form.text == NULL)
            return register_no_memory(r);
        form.len = strlen(form.text);
    }
    rc = register_take_choice(r, &form, forms, (int)(sizeof forms / sizeof forms[0]), &value);
    p->form = (enum register_form)value;
    return rc;
}

/* "FORM, what it is", the short form of a part. */
static int
read_short_part(struct register_reader *r, const struct yaml_node *n, struct register_part *p)
{
    struct yaml_node form = *n;
    const char *comma = strstr(n->text, ", ");

    if (comma == NULL || comma[2] == '\0')
        return register_complain(r, n->line, "\"FORM, what it is\" is expected.");
    p->about = comma + 2;
    form.text = arena_strndup(r->arena, n->text, (size_t)(comma - n->text));
    if (form.text == NULL)
        return register_no_memory(r);
    form.len = strlen(form.text);
    return take_export(r, &form, p);
}

static int
read_part_key(struct register_reader *r, const struct yaml_node *m, struct register_part *p)
{
    if (strcmp(m->key, "about") == 0)
        return register_take_text(r, m, &p->about);
    if (strcmp(m->key, "export") == 0)
        return take_export(r, m, p);
    if (strcmp(m->key, "keep") == 0) {
        p->keeps = true;
        return register_read_keep(r, m, &p->keep);
    }
    if (strcmp(m->key, "erase") == 0) {
        p->erases = true;
        return take_erase(r, m, &p->erase);
    }
    if (strcmp(m->key, "category") == 0)
        return take_category(r, m, &p->category);
    if (strcmp(m->key, "promises") == 0)
        return take_promises(r, m, &p->promises);
    return register_complain(r, m->key_line,
                             "unknown; known: about, export, keep, erase, category, promises.");
}

static int
check_part(struct register_reader *r, const struct register_thing *t, struct register_part *p)
{
    for (size_t i = 0; p->names[i] != NULL; i++) {
        if (!register_is_name(p->names[i]))
            return register_complain(r, p->line, "names of small letters are expected.");
        if (register_part_of(t, p->names[i]) != NULL)
            return register_complain(r, p->line, "a column is declared twice.");
        for (size_t j = 0; j < i; j++)
            if (strcmp(p->names[i], p->names[j]) == 0)
                return register_complain(r, p->line, "a column is declared twice.");
    }
    if (p->about == NULL)
        return register_complain(r, p->line, "about: is missing.");
    if (p->form != REGISTER_UNEXPORTED && t->export_as == NULL)
        return register_complain(r, p->line, "a column is exported and its table is not.");
    if (p->keeps && (p->keep.then == REGISTER_DELETE || p->keep.then == REGISTER_NOTHING))
        return register_complain(r, p->line, "then: null, anonymise or pseudonymise is expected.");
    p->category = p->category != NULL ? p->category : t->category;
    p->promises = p->promises != 0 ? p->promises : t->promises;
    return ST_OK;
}

static int
read_part(struct register_reader *r, const struct yaml_node *n, const struct register_thing *t,
          struct register_part **out)
{
    struct register_part *p = arena_alloc(r->arena, sizeof *p);
    struct yaml_node names = {.kind = YAML_TREE_SCALAR, .text = n->key, .len = strlen(n->key)};
    int rc;

    if (p == NULL)
        return register_no_memory(r);
    names.line = p->line = n->key_line;
    if ((rc = register_take_words(r, &names, &p->names)) != ST_OK)
        return rc;
    if (n->kind == YAML_TREE_SCALAR)
        rc = read_short_part(r, n, p);
    else if (n->kind != YAML_TREE_MAP)
        rc = register_complain(r, n->line, "\"FORM, what it is\" or a map is expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next)
        rc = read_part_key(r, m, p);
    if (rc == ST_OK)
        rc = check_part(r, t, p);
    *out = p;
    return rc;
}

static int
read_parts(struct register_reader *r, const struct yaml_node *n, struct register_thing *t)
{
    struct register_part *made = NULL, **tail = &t->parts;
    int rc = ST_OK;

    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "names with what they are, are expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        if ((rc = read_part(r, m, t, &made)) == ST_OK) {
            *tail = made;
            tail = &made->next;
        }
    }
    return rc;
}

/* --- things --- */

/* "COLUMN", or "TABLE by COLUMN" where that table's row knows the account. */
static int
take_owner(struct register_reader *r, const struct yaml_node *n, struct register_thing *t)
{
    const char *const *words = NULL;
    int rc = register_take_words(r, n, &words);

    if (rc != ST_OK)
        return rc;
    if (words[0] != NULL && words[1] == NULL) {
        t->owner = words[0];
    } else if (words[0] != NULL && strcmp(words[1], "by") == 0 && words[2] != NULL &&
               words[3] == NULL) {
        t->owner_table = words[0];
        t->owner = words[2];
    } else {
        return register_complain(r, n->line, "owner: COLUMN or TABLE by COLUMN is expected.");
    }
    return ST_OK;
}

static int
read_choice_key(struct register_reader *r, const struct yaml_node *m, struct register_thing *t)
{
    static const char *const whose[] = {"member", "visitor", "staff", "nobody"};
    static const char *const bases[] = {"contract", "interest", "consent", "law"};
    static const char *const flags[] = {"no", "yes"};
    int value = 0, rc;

    if (strcmp(m->key, "whose") == 0) {
        rc = register_take_choice(r, m, whose, 4, &value);
        t->whose = (enum register_whose)value;
    } else if (strcmp(m->key, "basis") == 0) {
        rc = register_take_choice(r, m, bases, 4, &value);
        t->basis = (enum register_basis)value;
        r->has_basis = true;
    } else {
        rc = register_take_choice(r, m, flags, 2, &value);
        t->essential = value == 1;
    }
    return rc;
}

static int
read_thing_key(struct register_reader *r, const struct yaml_node *m, struct register_thing *t)
{
    int rc;

    if (strcmp(m->key, "about") == 0)
        return register_take_text(r, m, &t->about);
    if (strcmp(m->key, "whose") == 0 || strcmp(m->key, "basis") == 0 ||
        strcmp(m->key, "essential") == 0)
        return read_choice_key(r, m, t);
    if (strcmp(m->key, "category") == 0)
        return take_category(r, m, &t->category);
    if (strcmp(m->key, "promises") == 0)
        return take_promises(r, m, &t->promises);
    if (strcmp(m->key, "purpose") == 0)
        return take_ids(r, m, r->file->purposes, &t->purposes);
    if (strcmp(m->key, "processors") == 0)
        return take_ids(r, m, r->file->processors, &t->processors);
    if (strcmp(m->key, "keep") == 0) {
        r->has_keep = true;
        return register_read_keep(r, m, &t->keep);
    }
    if (strcmp(m->key, "owner") == 0)
        return take_owner(r, m, t);
    if (strcmp(m->key, "erase") == 0) {
        r->has_erase = true;
        return take_erase(r, m, &t->erase);
    }
    if (strcmp(m->key, "since") == 0)
        return register_take_text(r, m, &t->since);
    if (strcmp(m->key, "pattern") == 0)
        return register_take_text(r, m, &t->pattern);
    if (strcmp(m->key, "export") == 0) {
        r->has_export = true;
        rc = register_take_text(r, m, &t->export_as);
        if (rc == ST_OK && strcmp(t->export_as, "no") == 0)
            t->export_as = NULL;
        return rc;
    }
    if (strcmp(m->key, "columns") == 0 || strcmp(m->key, "fields") == 0)
        return ST_OK; /* after all others */
    return register_complain(r, m->key_line, "this key is unknown.");
}

/* Every question is answered; what is nobody's needs few answers. */
static int
check_thing(struct register_reader *r, const struct register_thing *t)
{
    const char *missing = NULL;

    if (t->about == NULL)
        missing = "about: is missing.";
    else if (!r->has_keep)
        missing = "keep: is missing.";
    else if ((t->kind == REGISTER_TABLE || t->kind == REGISTER_LOG) && t->parts == NULL)
        missing = "columns: or fields: are missing.";
    else if (t->kind == REGISTER_FILE && t->pattern == NULL)
        missing = "pattern: is missing.";
    else if (t->whose != REGISTER_NOBODY &&
             (t->category == NULL || t->promises == 0 || t->purposes == NULL ||
              t->processors == NULL || !r->has_basis || !r->has_export || !r->has_erase))
        missing = "category, promises, purpose, basis, export, erase and processors are needed.";
    else if (t->whose != REGISTER_NOBODY && t->keep.rule == REGISTER_ALWAYS)
        missing = "what is about a person is not kept for ever.";
    else if (t->kind == REGISTER_TABLE && t->whose == REGISTER_MEMBER && t->owner == NULL)
        missing = "owner: is missing.";
    else if (t->export_as != NULL && t->owner == NULL && t->kind == REGISTER_TABLE)
        missing = "what is exported needs owner:.";
    return missing != NULL ? register_complain(r, t->line, missing) : ST_OK;
}

static bool
is_cookie_name(const char *s)
{
    return *s != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyz-_") == strlen(s);
}

static int
read_thing(struct register_reader *r, const struct yaml_node *n, enum register_kind kind,
           struct register_thing **out)
{
    struct register_thing *t = arena_alloc(r->arena, sizeof *t);
    int rc = ST_OK;

    if (t == NULL)
        return register_no_memory(r);
    t->kind = kind;
    t->name = r->where = n->key;
    t->line = n->key_line;
    r->has_basis = r->has_keep = r->has_export = r->has_erase = false;
    if (!register_is_name(t->name) && (kind != REGISTER_COOKIE || !is_cookie_name(t->name)))
        return register_complain(r, n->key_line, "a name of small letters is expected.");
    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "about:, whose: and so on are expected.");
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next) {
        for (const struct yaml_node *s = n->first; s != m && rc == ST_OK; s = s->next)
            if (strcmp(s->key, m->key) == 0)
                rc = register_complain(r, m->key_line, "a key is given twice.");
        rc = rc == ST_OK ? read_thing_key(r, m, t) : rc;
    }
    for (const struct yaml_node *m = n->first; m != NULL && rc == ST_OK; m = m->next)
        if (strcmp(m->key, "columns") == 0 || strcmp(m->key, "fields") == 0)
            rc = read_parts(r, m, t);
    if (rc == ST_OK)
        rc = check_thing(r, t);
    *out = t;
    return rc;
}

static int
read_things(struct register_reader *r, const struct yaml_node *n, enum register_kind kind)
{
    struct register_thing **tail = &r->file->things[kind], *made = NULL;
    int rc;

    if (n->kind != YAML_TREE_MAP)
        return register_complain(r, n->line, "names are expected.");
    for (const struct yaml_node *m = n->first; m != NULL; m = m->next) {
        r->where = m->key;
        if (register_find(r->file, kind, m->key) != NULL)
            return register_complain(r, m->key_line, "declared twice.");
        if ((rc = read_thing(r, m, kind, &made)) != ST_OK)
            return rc;
        *tail = made;
        tail = &made->next;
    }
    return ST_OK;
}

/* --- the file --- */

static int
take_version(struct register_reader *r, const struct yaml_node *n, const char **out)
{
    int year, month, day;
    char rest;
    int rc = register_take_text(r, n, out);

    if (rc == ST_OK &&
        (strlen(*out) != 10 || sscanf(*out, "%4d-%2d-%2d%c", &year, &month, &day, &rest) != 3))
        rc = register_complain(r, n->line, "a date, YYYY-MM-DD, is expected.");
    return rc;
}

static int
read_section(struct register_reader *r, const struct yaml_node *n)
{
    static const char *const kinds[REGISTER_KINDS] = {"tables", "files", "logs", "cookies"};

    r->where = n->key;
    if (strcmp(n->key, "version") == 0)
        return take_version(r, n, &r->file->version);
    if (strcmp(n->key, "material") == 0)
        return take_version(r, n, &r->file->material);
    if (strcmp(n->key, "purposes") == 0)
        return read_words(r, n, &r->file->purposes);
    if (strcmp(n->key, "categories") == 0)
        return read_words(r, n, &r->file->categories);
    if (strcmp(n->key, "processors") == 0)
        return read_words(r, n, &r->file->processors);
    for (int k = 0; k < REGISTER_KINDS; k++)
        if (strcmp(n->key, kinds[k]) == 0)
            return read_things(r, n, (enum register_kind)k);
    return register_complain(r, n->key_line,
                             "unknown section; known: version, material, purposes, "
                             "categories, processors, tables, files, logs, "
                             "cookies.");
}

int
register_load(const char *path, struct arena *arena, struct register_file **out, struct err *e)
{
    struct register_reader r = {.path = path, .arena = arena, .e = e, .where = "the file"};
    struct yaml_node *root;
    int rc;

    *out = NULL;
    if ((rc = yaml_tree_load(path, arena, &root, e)) != ST_OK)
        return rc;
    if ((r.file = arena_alloc(arena, sizeof *r.file)) == NULL)
        return register_no_memory(&r);
    if (root == NULL || root->kind != YAML_TREE_MAP)
        return register_complain(&r, 1, "sections are expected.");
    for (const struct yaml_node *n = root->first; n != NULL && rc == ST_OK; n = n->next) {
        r.where = n->key;
        for (const struct yaml_node *s = root->first; s != n && rc == ST_OK; s = s->next)
            if (strcmp(s->key, n->key) == 0)
                rc = register_complain(&r, n->key_line, "this section is given twice.");
        rc = rc == ST_OK ? read_section(&r, n) : rc;
    }
    r.where = "the file";
    if (rc == ST_OK && r.file->version == NULL)
        rc = register_complain(&r, 1, "version: is missing.");
    if (rc == ST_OK && r.file->material != NULL && strcmp(r.file->material, r.file->version) > 0)
        rc = register_complain(&r, 1, "material: is later than version.");
    if (rc == ST_OK)
        rc = register_check_rules(&r);
    *out = rc == ST_OK ? r.file : NULL;
    return rc;
}
