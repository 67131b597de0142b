/*
 * Commands about questions to the people who run the site: what waits, what was said, answering,
 * closing. Knows no SQL. Read next: common/ticket.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/ticket_store.h"

#define LIST_MAX 1000
#define MESSAGES_MAX 1000
#define FILES_MAX 200

/* -1 = all, -2 = no such state. */
static int
find_state(const char *word)
{
    for (int i = 0; ticket_states[i] != NULL; i++)
        if (strcmp(word, ticket_states[i]) == 0)
            return i;
    return strcmp(word, "all") == 0 ? -1 : -2;
}

int
ctl_tickets_list(struct ctl *c)
{
    const char *state = ctl_option(c, "state"), *many = ctl_option(c, "count");
    struct ticket_filter filter = {.state = TICKET_OPEN};
    struct ticket *list;
    size_t count = 0;
    int64_t max = 20;
    int rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    if (state != NULL && (filter.state = find_state(state)) == -2)
        return ctl_usage(c, "--state: open, waiting, resolved or all.");
    if ((list = calloc((size_t)max, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = ticket_store_prepare(c->db, &c->e);
    if (rc == ST_OK)
        rc = ticket_store_list(c->db, &filter, list, (size_t)max, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        char at[32], id[ID_TEXT];

        clock_iso(list[i].changed_at, at, sizeof at);
        id_format(&list[i].public_id, id);
        printf("%s  %s  %-8s  %-8s  %-7s  %s\n", id, at, ticket_states[list[i].state],
               ticket_kinds[list[i].kind], list[i].account != 0 ? "member" : "visitor",
               list[i].subject);
    }
    free(list);
    return rc;
}

static int
find(struct ctl *c, struct ticket *t)
{
    struct id id;
    int rc = ticket_prepare(c->db, &c->e);

    if (rc != ST_OK)
        return rc;
    if (id_parse(c->words[0], &id) != ST_OK)
        return ctl_usage(c, "ID: 26 characters, as \"tickets list\" shows them.");
    return ticket_store_load(c->db, &id, 0, t, &c->e);
}

/* The pictures as they came, into a folder: for a viewer that may look into files of strangers. */
static int
save(struct ctl *c, const struct ticket *t, const struct ticket_file *f, const char *folder)
{
    char path[4096];
    void *data = NULL;
    size_t size;
    FILE *out;
    int rc = ticket_store_file(c->db, t->id, f->id, &data, &size, &c->e);

    if (rc != ST_OK)
        return rc;
    snprintf(path, sizeof path, "%s/%" PRId64 ".%s", folder, f->id, f->extension);
    if ((out = fopen(path, "wbx")) == NULL || fwrite(data, 1, size, out) != size)
        rc = err_setf(&c->e, ST_IO, "%s: cannot be written, or is there already.", path);
    if (out != NULL && fclose(out) != 0 && rc == ST_OK)
        rc = err_setf(&c->e, ST_IO, "%s: cannot be written.", path);
    if (rc == ST_OK)
        printf("wrote %s\n", path);
    free(data);
    return rc;
}

/* Nothing that a stranger wrote may move the cursor of the operator's terminal. */
static void
print_words(const char *s)
{
    fputs("    ", stdout);
    for (; *s != '\0'; s++) {
        if (*s == '\n')
            fputs("\n    ", stdout);
        else if ((unsigned char)*s >= ' ' && *s != 127)
            putchar(*s);
    }
    fputs("\n", stdout);
}

static int
show_files(struct ctl *c, const struct ticket *t)
{
    struct ticket_file *files = calloc(FILES_MAX, sizeof *files);
    const char *folder = ctl_option(c, "files");
    size_t count = 0;
    int rc;

    if (files == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    rc = ticket_store_files(c->db, t->id, files, FILES_MAX, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        if (folder != NULL)
            rc = save(c, t, &files[i], folder);
        else
            printf("picture %" PRId64 ": %s, %" PRId64 " bytes (--files DIR writes it)\n",
                   files[i].id, files[i].extension, files[i].bytes);
    }
    free(files);
    return rc;
}

int
ctl_tickets_show(struct ctl *c)
{
    struct ticket_message *list = NULL;
    struct ticket t;
    size_t count;
    int rc = find(c, &t);

    if (rc != ST_OK || (rc = ctl_note(c, AUDIT_TICKET_LOOK, c->words[0], "")) != ST_OK)
        return rc;
    printf("%s\nstate %s, kind %s, from %s%s\n", t.subject, ticket_states[t.state],
           ticket_kinds[t.kind], t.account != 0 ? "member " : "",
           t.email[0] != '\0' ? t.email : "somebody whose account is closed");
    rc = ticket_store_messages(c->db, t.id, &list, MESSAGES_MAX, &count, &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        char at[32];

        clock_iso(list[i].created_at, at, sizeof at);
        printf("\n%s, %s:\n", at, list[i].staff ? "answer" : "question");
        print_words(list[i].body);
    }
    ticket_messages_free(list, rc == ST_OK ? count : 0);
    return rc == ST_OK ? show_files(c, &t) : rc;
}

int
ctl_tickets_answer(struct ctl *c)
{
    char body[TICKET_BODY_MAX + 2];
    struct ticket t;
    size_t len;
    int rc = find(c, &t);

    if (rc != ST_OK)
        return rc;
    if ((rc = language_start(c->conf->app.languages, &c->e)) != ST_OK)
        return rc;
    len = fread(body, 1, sizeof body - 1, stdin);
    body[len] = '\0';
    while (len > 0 && (body[len - 1] == '\n' || body[len - 1] == ' '))
        body[--len] = '\0';
    if ((rc = ctl_note(c, AUDIT_TICKET_ANSWER, c->words[0], "")) != ST_OK)
        return rc;
    rc = ticket_answer(c->db, c->conf, &t, body, ctl_option(c, "close") != NULL, &c->e);
    if (rc == ST_OK)
        printf("answered%s; %s\n", ctl_option(c, "close") != NULL ? " and closed" : "",
               t.email[0] != '\0' ? "the letter is in the outbox" : "nobody is left to write to");
    return rc;
}

int
ctl_tickets_close(struct ctl *c)
{
    struct ticket t;
    int rc = find(c, &t);

    if (rc == ST_OK && (rc = ctl_note(c, AUDIT_TICKET_CLOSE, c->words[0], "")) == ST_OK &&
        (rc = ticket_close(c->db, &t, &c->e)) == ST_OK)
        printf("closed %s\n", c->words[0]);
    return rc;
}
