/*
 * Parameters and results as values: no SQL, no connection. db.c runs the statements.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/db.h"
#include "common/db_row.h"

struct db_value
db_int(int64_t i)
{
    return (struct db_value){.kind = DB_INT, .i = i};
}

struct db_value
db_real(double d)
{
    return (struct db_value){.kind = DB_REAL, .d = d};
}

struct db_value
db_text(const char *s)
{
    if (s == NULL)
        return db_null();
    return db_bytes(s, strlen(s));
}

struct db_value
db_bytes(const void *data, size_t len)
{
    return (struct db_value){.kind = DB_BYTES, .data = data, .len = len};
}

struct db_value
db_null(void)
{
    return (struct db_value){.kind = DB_NULL};
}

bool
db_next(struct db_rows *rows)
{
    if (rows->next >= rows->count)
        return false;
    rows->next++;
    return true;
}

size_t
db_count(const struct db_rows *rows)
{
    return rows->count;
}

static const struct db_cell *
cell(const struct db_rows *rows, unsigned column)
{
    assert(rows->next > 0 && column < rows->columns);
    return &rows->cells[(rows->next - 1) * rows->columns + column];
}

bool
db_is_null(const struct db_rows *rows, unsigned column)
{
    return cell(rows, column)->kind == DB_NULL;
}

int64_t
db_get_int(const struct db_rows *rows, unsigned column)
{
    const struct db_cell *c = cell(rows, column);

    if (c->kind == DB_INT)
        return c->i;
    return c->kind == DB_REAL ? (int64_t)c->d : 0;
}

double
db_get_real(const struct db_rows *rows, unsigned column)
{
    const struct db_cell *c = cell(rows, column);

    if (c->kind == DB_REAL)
        return c->d;
    return c->kind == DB_INT ? (double)c->i : 0;
}

const char *
db_get_text(const struct db_rows *rows, unsigned column, size_t *len)
{
    const struct db_cell *c = cell(rows, column);

    if (len != NULL)
        *len = c->kind == DB_BYTES ? c->len : 0;
    return c->kind == DB_BYTES ? c->bytes : "";
}

void
db_get_bytes(const struct db_rows *rows, unsigned column, void *out, size_t size)
{
    const struct db_cell *c = cell(rows, column);

    if (c->kind == DB_BYTES && c->len == size)
        memcpy(out, c->bytes, size);
    else
        memset(out, 0, size);
}

void
db_rows_free(struct db_rows *rows)
{
    if (rows == NULL)
        return;
    arena_free(rows->arena);
    free(rows);
}
