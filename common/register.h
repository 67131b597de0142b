/*
 * The data register: docs/policy/register.yaml as structs. It says of every table, column, file,
 * log field and cookie what it is, whose, why it is there, how long, and what happens then. Purge,
 * export, erasure, the policy's tables and the record of processing are driven by it; a test
 * compares it with what is really there. How to write a declaration: docs/policy/README.md.
 */
#ifndef GEMPIX_COMMON_REGISTER_H
#define GEMPIX_COMMON_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

#define REGISTER_PROMISES 21
#define REGISTER_UNLESS 4
#define REGISTER_WHEN 4

enum register_kind { REGISTER_TABLE, REGISTER_FILE, REGISTER_LOG, REGISTER_COOKIE };
#define REGISTER_KINDS 4

enum register_whose { REGISTER_MEMBER, REGISTER_VISITOR, REGISTER_STAFF, REGISTER_NOBODY };
enum register_basis { REGISTER_CONTRACT, REGISTER_INTEREST, REGISTER_CONSENT, REGISTER_LAW };

/* When the end comes. */
enum register_rule {
    REGISTER_ACCOUNT, /* while the account lives; erasure ends it */
    REGISTER_AFTER,   /* a time in `column` and `seconds` more */
    REGISTER_JOB,     /* when the job that `column` names ends */
    REGISTER_WITH,    /* with the row of `table` that `column` names */
    REGISTER_NEWEST,  /* `seconds` after the newest `table`.`other` whose `column` is this row's id
                       */
    REGISTER_ALWAYS,  /* nothing about a person; stays */
};

enum register_action {
    REGISTER_NOTHING, /* of REGISTER_ALWAYS; as an erasure: kept as it is */
    REGISTER_DELETE,
    REGISTER_NULL,
    REGISTER_ANONYMISE,    /* `to` takes its place, in `members` where it is JSON */
    REGISTER_PSEUDONYMISE, /* a keyed hash takes its place */
};

/* Who sees to the end. */
enum register_by {
    REGISTER_STEWARD,  /* gempix-steward purge, by this register */
    REGISTER_OPERATOR, /* gempixctl purge: rows that no program may remove */
    REGISTER_MEDIA,    /* gempix-steward media: rows and files together */
    REGISTER_SYSTEM,   /* what the operating system rotates */
    REGISTER_BROWSER,
};

/* Value and type of an exported column. */
enum register_form {
    REGISTER_UNEXPORTED,
    REGISTER_TEXT,
    REGISTER_NUMBER,
    REGISTER_TIME, /* microseconds since 1970 */
    REGISTER_HEX,  /* bytes */
    REGISTER_JSON,
    REGISTER_FLAG,
};

struct register_condition {
    const char *column;
    const char *const *values; /* NULL-terminated; an empty list: the column is NULL */
};

struct register_unless {
    const char *table, *column; /* while a row of `table` has this row's id in `column` */
};

struct register_keep {
    enum register_rule rule;
    enum register_action then;
    enum register_by by;
    const char *column; /* of this table; of `table` for REGISTER_NEWEST */
    const char *table, *other;
    int64_t seconds;
    const char *setting; /* configuration key that sets the span, or NULL */
    const char *to;
    const char *const *members; /* NULL-terminated, or NULL */
    struct register_condition when[REGISTER_WHEN];
    size_t whens;
    struct register_unless unless[REGISTER_UNLESS];
    size_t unlesses;
    const char *words;          /* instead of those made of the above; or NULL */
    struct register_keep *next; /* whichever comes first */
};

/* What happens to it when its person is erased. */
struct register_erase {
    enum register_action action;
    const char *to; /* "{id}" in it stands for the row's id */
};

/* Columns or fields of one nature. */
struct register_part {
    const char *const *names; /* NULL-terminated */
    const char *about;
    enum register_form form;
    const char *export_as; /* of a single name; NULL: the column's own */
    struct register_keep keep;
    bool keeps; /* `keep` is its own, else the thing's counts */
    struct register_erase erase;
    bool erases;          /* `erase` is its own */
    const char *category; /* id, as the thing's where it gives none */
    uint32_t promises;
    size_t line;
    struct register_part *next;
};

struct register_thing {
    enum register_kind kind;
    const char *name, *about;
    enum register_whose whose;
    const char *category;        /* id */
    uint32_t promises;           /* bit n: Pn */
    const char *const *purposes; /* ids, NULL-terminated */
    enum register_basis basis;
    struct register_keep keep;
    const char *owner; /* column with the account's id, or with the id of `owner_table`'s row */
    const char *owner_table; /* NULL: `owner` is the account's id */
    const char *since;       /* column with the time that a row is from, or NULL */
    const char *export_as;   /* name of the list in an export; NULL = not exported */
    struct register_erase erase;
    const char *const *processors; /* ids, NULL-terminated */
    const char *pattern;           /* of a file: path below its root, * and ? as in a shell */
    bool essential;                /* a cookie that the site cannot work without */
    struct register_part *parts;
    size_t line;
    struct register_thing *next;
};

/* A purpose, category or processor with its words. */
struct register_word {
    const char *id, *name, *about;
    const char *where, *safeguard; /* of a processor */
    uint32_t promises;
    struct register_word *next;
};

struct register_file {
    const char *version;  /* date of the policy, YYYY-MM-DD */
    const char *material; /* newest version whose change account holders are told of; NULL: none */
    struct register_word *purposes, *categories, *processors;
    struct register_thing *things[REGISTER_KINDS]; /* by kind, in the file's order */
};

/* Reads and checks the whole file; everything lives in the arena. 0, ST_IO, ST_NOMEM, or ST_INVALID
 * ("file:line: where: what is wrong"). */
int register_load(const char *path, struct arena *arena, struct register_file **out, struct err *e);

/* NULL where there is none. */
const struct register_thing *register_find(const struct register_file *r, enum register_kind kind,
                                           const char *name);
const struct register_part *register_part_of(const struct register_thing *t, const char *name);
const struct register_word *register_word(const struct register_word *list, const char *id);
/* The table's declaration or the part's own. */
const struct register_keep *register_keep_of(const struct register_thing *t,
                                             const struct register_part *p);

/* Words for pages, English: "table", "account holders", "contract", "delete". */
const char *register_kind_word(enum register_kind kind);
const char *register_whose_word(enum register_whose whose);
const char *register_basis_word(enum register_basis basis);
const char *register_action_word(enum register_action action);

#endif
