/*
 * Finding things in the data register, and its words. Knows no YAML (register_load.c) and no SQL.
 */
#include "common/register.h"

#include <string.h>

#include "common/language.h"

const struct register_thing *
register_find(const struct register_file *r, enum register_kind kind, const char *name)
{
    for (const struct register_thing *t = r->things[kind]; t != NULL; t = t->next)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

const struct register_part *
register_part_of(const struct register_thing *t, const char *name)
{
    for (const struct register_part *p = t->parts; p != NULL; p = p->next)
        for (size_t i = 0; p->names[i] != NULL; i++)
            if (strcmp(p->names[i], name) == 0)
                return p;
    return NULL;
}

const struct register_word *
register_word(const struct register_word *list, const char *id)
{
    for (; list != NULL; list = list->next)
        if (strcmp(list->id, id) == 0)
            return list;
    return NULL;
}

const struct register_keep *
register_keep_of(const struct register_thing *t, const struct register_part *p)
{
    return p->keeps ? &p->keep : &t->keep;
}

const char *
register_kind_word(enum register_kind kind)
{
    static const char *const words[] = {N_("table"), N_("file"), N_("log"), N_("cookie")};

    return words[kind];
}

const char *
register_whose_word(enum register_whose whose)
{
    static const char *const words[] = {N_("account holders"), N_("visitors"),
                                        N_("people who run the site"), N_("nobody")};

    return words[whose];
}

const char *
register_basis_word(enum register_basis basis)
{
    static const char *const words[] = {N_("contract"), N_("legitimate interest"), N_("consent"),
                                        N_("legal obligation")};

    return T(words[basis]);
}

const char *
register_action_word(enum register_action action)
{
    static const char *const words[] = {N_("kept"), N_("deleted"), N_("emptied"), N_("anonymised"),
                                        N_("pseudonymised")};

    return words[action];
}
