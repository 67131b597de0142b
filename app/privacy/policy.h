/*
 * The privacy policy: the words of policy.yaml and the tables of the data register, as one
 * document. Pages and the plain text of a version are made from it.
 */
#ifndef GEMPIX_APP_PRIVACY_POLICY_H
#define GEMPIX_APP_PRIVACY_POLICY_H

#include <stddef.h>

#include "common/register.h"

struct arena;
struct conf;
struct err;
struct text;

enum policy_table_kind {
    POLICY_NO_TABLE,
    POLICY_DATA,
    POLICY_PURPOSES,
    POLICY_COOKIES,
    POLICY_PROCESSORS
};

struct policy_line {
    const char *text;
    struct policy_line *next;
};

struct policy_section {
    const char *id, *heading;
    uint32_t promises;
    struct policy_line *lines; /* in English, for T and register_put_filled */
    enum policy_table_kind table;
    struct policy_section *next;
};

struct policy {
    const struct register_file *data;
    const struct conf *conf; /* fills in the rules' spans */
    struct policy_section *sections;
};

/* Reads register.yaml and policy.yaml of a directory. A promise that no section states is an error.
   `conf` fills in names and spans; NULL leaves the placeholders, as versions are kept. Everything
   lives in the arena. 0, ST_IO, ST_INVALID, ST_NOMEM. */
int policy_load(const char *dir, const struct conf *conf, struct arena *arena, struct policy **out,
                struct err *e);

#define POLICY_COLUMNS 5

struct policy_row {
    const char *cells[POLICY_COLUMNS]; /* the first names the row */
    struct policy_row *next;
};

/* A table with the words above it. */
struct policy_table {
    const char *name, *about; /* NULL where the section's heading says enough */
    const char *heads[POLICY_COLUMNS];
    size_t columns;
    struct policy_row *rows;
    struct policy_table *next;
};

/* The tables of a section, made from the register. *out is NULL for POLICY_NO_TABLE. 0 or
 * ST_NOMEM. */
int policy_tables(const struct policy *p, enum policy_table_kind kind, struct arena *arena,
                  struct policy_table **out, struct err *e);

/* The whole as plain text, as versions are kept: "# " before a heading, "## " before a table's
 * name, "- " before a row; a paragraph is a line. */
int policy_put_text(const struct policy *p, struct arena *arena, struct text *out, struct err *e);

/* "P3 P4" of a mask. */
void policy_put_promises(struct text *t, uint32_t promises);

#endif
