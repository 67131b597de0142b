/*
 * An export as the input of gempix-pack: a JSON file for each exported table, the files themselves,
 * and a readable index. Knows no SQL. Read next: common/export_store.c, app/pack/main_pack.c.
 */
#include "common/export.h"

#include <inttypes.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/export_store.h"
#include "common/ids.h"
#include "common/json.h"
#include "common/store.h"
#include "common/text.h"

#define ARENA_MAX ((size_t)1024 * 1024)
#define ROW_MAX ((size_t)64 << 20)
#define INDEX_MAX ((size_t)256 * 1024)
#define NAME_MAX_BYTES 96

struct copy {
    struct db *db;
    int64_t account, rows;
    FILE *out;
    struct text piece; /* of a file, not yet written */
    struct text index; /* lines of the readable index */
    struct err *e;
};

/* "- NAME SECONDS" opens a file; pieces with their length follow; a piece of no bytes ends it. */
static void
begin(struct copy *c, const char *name)
{
    fprintf(c->out, "- %s %" PRId64 "\n", name, clock_now() / CLOCK_SECOND);
}

static int
flush(struct copy *c)
{
    if (c->piece.failed)
        return err_set(c->e, ST_NOMEM, "Out of memory.", "export");
    if (c->piece.len > 0) {
        fprintf(c->out, "%zu\n", c->piece.len);
        fwrite(text_cstr(&c->piece), 1, c->piece.len, c->out);
    }
    text_clear(&c->piece);
    return ferror(c->out) ? err_set(c->e, ST_IO, "The copy cannot be written.", NULL) : ST_OK;
}

static int
end(struct copy *c)
{
    int rc = flush(c);

    fputs("0\n", c->out);
    return rc;
}

static void
put_time(struct text *t, int64_t us)
{
    char at[32];

    clock_iso(us, at, sizeof at);
    json_put_string(t, at);
}

static void
put_value(struct text *t, const struct db_rows *rows, unsigned column, enum register_form form)
{
    const char *s;

    if (db_is_null(rows, column)) {
        text_puts(t, "null");
        return;
    }
    if (form == REGISTER_TIME) {
        put_time(t, db_get_int(rows, column));
        return;
    }
    if (form == REGISTER_FLAG) {
        text_puts(t, db_get_int(rows, column) != 0 ? "true" : "false");
        return;
    }
    s = db_get_text(rows, column, NULL);
    if ((form == REGISTER_NUMBER || form == REGISTER_JSON) && s[0] != '\0')
        text_puts(t, s); /* the database has checked that it is one */
    else
        json_put_string(t, s);
}

static int
put_row(struct copy *c, const struct export_place *p, const struct db_rows *rows, bool first)
{
    text_puts(&c->piece, first ? "\n  {" : ",\n  {");
    for (unsigned i = 0; i < p->columns; i++) {
        text_puts(&c->piece, i > 0 ? ", " : "");
        json_put_string(&c->piece, p->names[i]);
        text_puts(&c->piece, ": ");
        put_value(&c->piece, rows, i, p->forms[i]);
    }
    text_putc(&c->piece, '}');
    c->rows++;
    return flush(c);
}

static int
put_rows(struct copy *c, const struct export_place *p, size_t place, int64_t *count)
{
    size_t got = EXPORT_PAGE;
    int rc = ST_OK;

    for (*count = 0; got == EXPORT_PAGE && rc == ST_OK;) {
        struct db_rows *rows;

        if ((rc = export_store_page(c->db, place, c->account, *count, &rows, c->e)) != ST_OK)
            return rc;
        got = db_count(rows);
        while (rc == ST_OK && db_next(rows))
            rc = put_row(c, p, rows, (*count)++ == 0);
        db_rows_free(rows);
    }
    return rc;
}

/* The register's words are ours, yet may hold a sign that HTML knows. */
static void
put_html(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '<')
            text_puts(t, "&lt;");
        else if (*s == '>')
            text_puts(t, "&gt;");
        else if (*s == '&')
            text_puts(t, "&amp;");
        else
            text_putc(t, *s);
    }
}

static int
put_place(struct copy *c, const struct export_place *p, size_t place)
{
    char name[NAME_MAX_BYTES];
    int64_t count;
    int rc;

    snprintf(name, sizeof name, "%s.json", p->thing->export_as);
    for (char *s = name; *s != '\0'; s++)
        if (*s == ' ')
            *s = '_';
    begin(c, name);
    text_puts(&c->piece, "{\"name\": ");
    json_put_string(&c->piece, p->thing->export_as);
    text_puts(&c->piece, ", \"about\": ");
    json_put_string(&c->piece, p->thing->about);
    text_puts(&c->piece, ", \"rows\": [");
    if ((rc = put_rows(c, p, place, &count)) != ST_OK)
        return rc;
    text_puts(&c->piece, "\n]}\n");
    text_printf(&c->index, "<tr><td><a href=\"%s\">%s</a></td><td>", name, name);
    put_html(&c->index, p->thing->about);
    text_printf(&c->index, "</td><td>%" PRId64 "</td></tr>\n", count);
    return end(c);
}

/* A line "KEY NAME SECONDS": gempix-pack reads the file itself. */
static void
put_file(struct copy *c, const struct db_rows *rows)
{
    const char *extension = db_get_text(rows, 1, NULL);
    char key[STORE_KEY], text[ID_TEXT];
    struct id id;

    db_get_bytes(rows, 0, &id, sizeof id);
    store_key(&id, extension, key);
    id_format(&id, text);
    fprintf(c->out, "%s %s-%s.%s %" PRId64 "\n", key, db_get_text(rows, 2, NULL), text, extension,
            db_get_int(rows, 3) / CLOCK_SECOND);
}

static int
put_files(struct copy *c)
{
    size_t got = EXPORT_PAGE;
    int64_t count = 0;

    while (got == EXPORT_PAGE) {
        struct db_rows *rows;
        int rc = export_store_files(c->db, c->account, count, &rows, c->e);

        if (rc != ST_OK)
            return rc;
        got = db_count(rows);
        for (; db_next(rows); count++)
            put_file(c, rows);
        db_rows_free(rows);
    }
    text_printf(&c->index,
                "</table>\n<p>Pictures and uploads: %" PRId64 ", beside this page.</p>\n", count);
    return flush(c);
}

static int
put_attached(struct copy *c)
{
    size_t got = EXPORT_FEW;
    int64_t count = 0;
    int rc = ST_OK;

    while (got == EXPORT_FEW && rc == ST_OK) {
        struct db_rows *rows;

        if ((rc = export_store_attached(c->db, c->account, count, &rows, c->e)) != ST_OK)
            return rc;
        got = db_count(rows);
        for (; rc == ST_OK && db_next(rows); count++) {
            char name[NAME_MAX_BYTES];
            size_t len;
            const char *data = db_get_text(rows, 2, &len);

            snprintf(name, sizeof name, "question-%" PRId64 ".%s", db_get_int(rows, 0),
                     db_get_text(rows, 1, NULL));
            begin(c, name);
            text_put(&c->piece, data, len);
            rc = end(c);
        }
        db_rows_free(rows);
    }
    return rc;
}

static int
put_index(struct copy *c, const char *site)
{
    char at[32];

    clock_iso(clock_now(), at, sizeof at);
    begin(c, "index.html");
    text_puts(&c->piece, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                         "<meta name=\"viewport\" content=\"width=device-width\">"
                         "<title>Your data</title></head><body>\n<h1>Your data at ");
    put_html(&c->piece, site);
    text_printf(&c->piece,
                "</h1>\n<p>Made on %s. Each file holds one kind of what we store about you;"
                " any text editor opens it.</p>\n"
                "<table>\n<tr><th>File</th><th>What it is</th><th>Entries</th></tr>\n%s"
                "</body></html>\n",
                at, text_cstr(&c->index));
    if (c->index.failed)
        return err_set(c->e, ST_NOMEM, "Out of memory.", "export");
    return end(c);
}

int
export_write(struct db *db, const struct register_file *r, int64_t account, const char *site,
             FILE *out, int64_t *rows, struct err *e)
{
    static struct arena *arena; /* the connection keeps its statements */
    static struct export_place *places;
    static size_t count;
    struct copy c = {.db = db, .account = account, .out = out, .e = e};
    int rc = ST_OK;

    *rows = 0;
    text_init(&c.piece, ROW_MAX);
    text_init(&c.index, INDEX_MAX);
    if (arena == NULL && (arena = arena_new(ARENA_MAX)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "export");
    if (rc == ST_OK && places == NULL &&
        (rc = export_store_prepare(db, r, arena, &places, &count, e)) != ST_OK) {
        arena_free(arena);
        arena = NULL;
        places = NULL;
    }
    for (size_t i = 0; rc == ST_OK && i < count; i++)
        rc = put_place(&c, &places[i], i);
    if (rc == ST_OK)
        rc = put_files(&c);
    if (rc == ST_OK)
        rc = put_attached(&c);
    if (rc == ST_OK)
        rc = put_index(&c, site);
    *rows = c.rows;
    text_release(&c.piece);
    text_release(&c.index);
    return rc;
}
