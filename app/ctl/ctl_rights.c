/*
 * Commands about requests under the law of data protection: what waits, what was asked, answering,
 * taking more time, refusing. Knows no SQL. Read next: common/rights.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/rights_store.h"

#define LIST_MAX 1000
#define EVENTS_MAX 100

int
ctl_rights_list(struct ctl *c)
{
    const char *many = ctl_option(c, "count");
    struct rights *list;
    size_t count = 0;
    int64_t max = 100;
    int rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    if ((list = calloc((size_t)max, sizeof *list)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    if ((rc = rights_prepare(c->db, &c->e)) == ST_OK &&
        (rc = ctl_note(c, AUDIT_RIGHTS_LIST, "", "")) == ST_OK)
        rc = rights_store_list(c->db, 0, ctl_option(c, "done") != NULL, list, (size_t)max, &count,
                               &c->e);
    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        bool done = list[i].done_at != 0;
        char at[32], id[ID_TEXT];

        clock_iso(done ? list[i].done_at : list[i].due_at, at, sizeof at);
        id_format(&list[i].public_id, id);
        printf("%s  %s %s  %-8s  %-8s  %s%s\n", id, done ? "done" : "due ", at,
               rights_states[list[i].state], rights_kinds[list[i].kind],
               list[i].account != 0 ? "member" : "visitor",
               !done && list[i].due_at < clock_now() ? "  OVERDUE" : "");
    }
    free(list);
    return rc;
}

static int
find(struct ctl *c, struct rights *r)
{
    struct id id;
    int rc = rights_prepare(c->db, &c->e);

    if (rc != ST_OK)
        return rc;
    if (id_parse(c->words[0], &id) != ST_OK)
        return ctl_usage(c, "ID: 26 characters, as \"rights list\" shows them.");
    return rights_store_load(c->db, &id, 0, r, &c->e);
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
show_history(struct ctl *c, const struct rights *r)
{
    struct rights_event *list = NULL;
    size_t count;
    int rc = rights_store_events(c->db, r->id, &list, EVENTS_MAX, &count, &c->e);

    for (size_t i = 0; rc == ST_OK && i < count; i++) {
        char at[32];

        clock_iso(list[i].created_at, at, sizeof at);
        printf("\n%s, %s\n", at, rights_whats[list[i].what]);
        if (list[i].note[0] != '\0')
            print_words(list[i].note);
    }
    rights_events_free(list, rc == ST_OK ? count : 0);
    return rc;
}

int
ctl_rights_show(struct ctl *c)
{
    struct rights r;
    char due[32], *body = NULL;
    int rc = find(c, &r);

    if (rc != ST_OK || (rc = ctl_note(c, AUDIT_RIGHTS_LOOK, c->words[0], "")) != ST_OK ||
        (rc = rights_store_body(c->db, r.id, &body, &c->e)) != ST_OK)
        return rc;
    clock_iso(r.due_at, due, sizeof due);
    printf("kind %s, state %s%s%s, due %s, from %s%s\n\n", rights_kinds[r.kind],
           rights_states[r.state], r.refusal != 0 ? ": " : "", rights_refusals[r.refusal],
           r.due_at != 0 ? due : "a month after it is confirmed", r.account != 0 ? "member " : "",
           r.email[0] != '\0' ? r.email : "somebody whose account is closed");
    print_words(body);
    free(body);
    return show_history(c, &r);
}

/* The request and the words of standard input; the languages, because a letter goes out. */
static int
begin(struct ctl *c, struct rights *r, char body[RIGHTS_BODY_MAX + 2])
{
    size_t len;
    int rc = find(c, r);

    if (rc != ST_OK || (rc = language_start(c->conf->app.languages, &c->e)) != ST_OK)
        return rc;
    len = fread(body, 1, RIGHTS_BODY_MAX + 1, stdin);
    body[len] = '\0';
    while (len > 0 && (body[len - 1] == '\n' || body[len - 1] == ' '))
        body[--len] = '\0';
    return ST_OK;
}

static int
say(int rc, const char *what, const struct rights *r)
{
    if (rc == ST_OK)
        printf("%s; %s\n", what,
               r->email[0] != '\0' ? "the letter is in the outbox" : "nobody is left to write to");
    return rc;
}

int
ctl_rights_answer(struct ctl *c)
{
    char body[RIGHTS_BODY_MAX + 2];
    struct rights r;
    int rc = begin(c, &r, body);

    if (rc != ST_OK || (rc = ctl_note(c, AUDIT_RIGHTS_ANSWER, c->words[0], "")) != ST_OK)
        return rc;
    return say(rights_answer(c->db, c->conf, &r, body, &c->e), "answered", &r);
}

int
ctl_rights_extend(struct ctl *c)
{
    char body[RIGHTS_BODY_MAX + 2];
    struct rights r;
    int64_t months;
    int rc = ctl_number(c, "MONTHS", c->words[1], 1, RIGHTS_MONTHS_MORE, &months);

    if (rc != CTL_OK || (rc = begin(c, &r, body)) != ST_OK ||
        (rc = ctl_note(c, AUDIT_RIGHTS_EXTEND, c->words[0], "")) != ST_OK)
        return rc;
    return say(rights_extend(c->db, c->conf, &r, (int)months, body, &c->e), "extended", &r);
}

int
ctl_rights_refuse(struct ctl *c)
{
    const char *reason = ctl_option(c, "reason");
    char body[RIGHTS_BODY_MAX + 2];
    int refusal = 1, rc;
    struct rights r;

    while (reason != NULL && rights_refusals[refusal] != NULL &&
           strcmp(rights_refusals[refusal], reason) != 0)
        refusal++;
    if (reason == NULL || rights_refusals[refusal] == NULL)
        return ctl_usage(c, "--reason: unfounded, excessive, identity, law or others.");
    if ((rc = begin(c, &r, body)) != ST_OK ||
        (rc = ctl_note(c, AUDIT_RIGHTS_REFUSE, c->words[0], "")) != ST_OK)
        return rc;
    return say(rights_refuse(c->db, c->conf, &r, refusal, body, &c->e), "refused", &r);
}
