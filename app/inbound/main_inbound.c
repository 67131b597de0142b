/*
 * gempix-inbound: takes one letter from standard input and makes it part of a ticket: of the one
 * that its address or subject names with our signature, when its sender is who asked, else of a new
 * one. The mail server starts it for each letter:
 *
 *     gempix-inbound [-c gempix.yaml] [RECIPIENT]
 *
 * Exit status as in sysexits.h: 0 taken, or from a program and therefore left alone; 65 no letter,
 * or too large; 75 try again later. Knows no pages. Next: letter.h, common/ticket.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/inbound/letter.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"
#include "common/ticket_store.h"

#define MESSAGE_MAX ((size_t)12 << 20)
#define WORDS_MAX (TICKET_BODY_MAX - 4096) /* room for the subject and the names of files */

enum { TAKEN = 0, USAGE = 64, BAD = 65, LATER = 75 };

/* All of standard input. NULL when it is longer than MESSAGE_MAX, or without memory. */
static char *
read_all(size_t *size)
{
    char *data = malloc(MESSAGE_MAX + 1);

    *size = 0;
    if (data == NULL)
        return NULL;
    *size = fread(data, 1, MESSAGE_MAX + 1, stdin);
    if (*size <= MESSAGE_MAX && !ferror(stdin))
        return data;
    free(data);
    return NULL;
}

static bool
keeps(const void *data, size_t size)
{
    const char *extension;

    return size <= TICKET_FILE_MAX && ticket_picture_kind(data, size, &extension);
}

/* NAME@… and NAME+…@… of this address. */
static bool
is_ours(const char *address, const char *ours)
{
    const char *at = strchr(ours, '@'), *theirs = strchr(address, '@');
    size_t name = at != NULL ? (size_t)(at - ours) : 0;

    return at != NULL && theirs != NULL && strcasecmp(at, theirs) == 0 &&
           strncasecmp(address, ours, name) == 0 && (address[name] == '@' || address[name] == '+');
}

/* The secret of a link that was quoted does not come back into the database. */
static void
hide_links(char *body)
{
    for (char *p = body; (p = strstr(p, "token=")) != NULL;) {
        p += 6;
        while (strchr("\n\t >\"'&", *p) == NULL)
            *p++ = '*';
    }
}

/* Without the quotation at the end: what we wrote stands on the page already. */
static void
cut_quotation(struct text *t)
{
    size_t end = t->len, before;

    for (;;) {
        size_t line = end;

        while (line > 0 && t->data[line - 1] != '\n')
            line--;
        if (line < end && t->data[line] != '>' && strspn(t->data + line, " \t\r") < end - line)
            break;
        if (line == 0)
            return; /* all of it is quoted: better too much than nothing */
        end = line - 1;
    }
    before = t->len;
    if (end < before && end > 0)
        t->data[t->len = end] = '\0';
}

/* What stands in the ticket: the subject of a new one, the words, what was left out. */
static void
put_words(struct text *out, struct letter *l, bool fresh)
{
    cut_quotation(&l->body);
    if (l->body.len > 0)
        hide_links(l->body.data);
    if (fresh && l->subject[0] != '\0')
        text_printf(out, "%s\n\n", l->subject);
    text_puts(out, text_cstr(&l->body));
    if (l->body.len >= WORDS_MAX)
        text_puts(out, "\n[…]");
    if (l->dropped.len > 0)
        text_printf(out, "\n\n[Not kept, only three pictures of 2 MB are:\n%s]",
                    text_cstr(&l->dropped));
    if (out->len == 0)
        text_puts(out, "(without words)");
}

static int
put_letter(struct db *db, const struct conf *conf, struct letter *l, const struct ticket *known,
           const void *data, size_t size, struct err *e)
{
    struct ticket_asker who = {0, l->from, ""};
    struct ticket_words w = {.mail_id = l->message_id};
    struct text words;
    struct id id;
    int64_t since;
    int rc;

    text_init(&words, TICKET_BODY_MAX);
    put_words(&words, l, known == NULL);
    w.body = text_cstr(&words);
    w.key = l->message_id[0] != '\0' ? (const void *)l->message_id : data;
    w.key_size = l->message_id[0] != '\0' ? strlen(l->message_id) : size;
    for (size_t i = 0; i < l->picture_count; i++)
        w.pictures[w.picture_count++] =
            (struct ticket_picture){l->pictures[i].data, l->pictures[i].size};
    if (known != NULL) {
        rc = ticket_add(db, conf, known, &w, e);
    } else if ((rc = ticket_store_since(db, l->from, clock_now() - CLOCK_DAY, &since, e)) ==
               ST_OK) {
        rc = since < TICKET_PER_DAY
                 ? ticket_ask(db, conf, &who, 6, &w, &id, e)
                 : err_set(e, ST_LIMIT, "This address has opened many questions today.", NULL);
    }
    text_release(&words);
    return rc;
}

/* A letter whose pictures cannot be read is kept for its words, which then say so. */
static int
keep_letter(struct db *db, const struct conf *conf, struct letter *l, const struct ticket *known,
            const void *data, size_t size, struct err *e)
{
    int rc = put_letter(db, conf, l, known, data, size, e);

    if (rc != ST_INVALID || l->picture_count == 0)
        return rc;
    err_clear(e);
    l->picture_count = 0;
    text_puts(&l->dropped, "pictures that cannot be read\n");
    return put_letter(db, conf, l, known, data, size, e);
}

/* The ticket that it names, if it comes from who asked; *found false: a new one. */
static int
find(struct db *db, const struct conf *conf, const struct letter *l, const char *recipient,
     struct ticket *t, bool *found, struct err *e)
{
    const char *const places[] = {recipient, text_cstr(&l->recipients), l->subject};

    *found = false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int rc = ticket_by_reference(db, conf, places[i], t, e);

        if (rc != ST_OK && rc != ST_NOTFOUND)
            return rc;
        if (rc == ST_OK) {
            *found = strcasecmp(t->email, l->from) == 0;
            break;
        }
    }
    err_clear(e);
    return ST_OK;
}

static int
take(const struct conf *conf, const char *recipient, const void *data, size_t size, struct err *e)
{
    struct db *db = NULL;
    struct letter l = {0};
    struct ticket t;
    bool found;
    int rc = letter_read(data, size, keeps, WORDS_MAX, &l, e);

    if (rc != ST_OK)
        goto out;
    if (l.automatic || is_ours(l.from, conf->support.address) || is_ours(l.from, conf->mail.from)) {
        log_write(LOG_LEVEL_INFO, "a letter of a program is left alone");
        goto out;
    }
    if ((rc = db_open(conf, &db, e)) != ST_OK || (rc = ticket_prepare(db, e)) != ST_OK ||
        (rc = find(db, conf, &l, recipient, &t, &found, e)) != ST_OK)
        goto out;
    rc = keep_letter(db, conf, &l, found ? &t : NULL, data, size, e);
out:
    db_close(db);
    letter_release(&l);
    return rc;
}

int
main(int argc, char **argv)
{
    const char *path = GEMPIX_SYSCONFDIR "/gempix.yaml", *recipient = "";
    struct conf *conf = NULL;
    struct err e = {0};
    char *data = NULL;
    size_t size;
    int rc, at = 1;

    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        path = argv[2];
        at = 3;
    }
    if (argc > at + 1 || (argc > at && argv[at][0] == '-')) {
        fprintf(stderr, "usage: gempix-inbound [-c gempix.yaml] [RECIPIENT]\n");
        return USAGE;
    }
    if (argc > at)
        recipient = argv[at];
    log_start("gempix-inbound", LOG_LEVEL_INFO, false);
    if ((rc = crypto_start(&e)) == ST_OK && (rc = conf_load(path, &conf, &e)) == ST_OK) {
        rc = language_start(conf->app.languages, &e);
        if (rc == ST_OK && (data = read_all(&size)) == NULL)
            rc = err_set(&e, ST_TOOBIG, "This letter is too large.", NULL);
        if (rc == ST_OK)
            rc = take(conf, recipient, data, size, &e);
    }
    if (rc != ST_OK)
        log_err(LOG_LEVEL_ERROR, "a letter could not be taken", &e);
    free(data);
    conf_free(conf);
    return rc == ST_OK ? TAKEN : rc == ST_INVALID || rc == ST_TOOBIG ? BAD : LATER;
}
