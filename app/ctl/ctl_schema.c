/*
 * Commands about the database itself: tables and users. They run as a database administrator.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/migrate.h"
#include "common/text.h"

#define TEMPLATE_MAX ((size_t)64 * 1024)

static void
say(const char *file)
{
    printf("applying %s\n", file);
    fflush(stdout);
}

int
ctl_migrate(struct ctl *c)
{
    const char *directory = ctl_option(c, "sql");
    int applied, rc;

    if (directory == NULL)
        directory = GEMPIX_DATADIR "/sql";
    if (ctl_option(c, "check") != NULL) {
        if ((rc = migrate_check(c->db, directory, &c->e)) == ST_OK)
            puts("the database is up to date");
        return rc;
    }
    if ((rc = migrate_run(c->db, directory, &applied, say, &c->e)) != ST_OK)
        return rc;
    printf("%d migration%s applied\n", applied, applied == 1 ? "" : "s");
    return CTL_OK;
}

struct placeholder {
    const char *name, *value;
};

/* Names go into SQL text here, so only letters that need no quoting are let through. */
static bool
is_plain_name(const char *s)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t len = strlen(s);

    return len > 0 && len <= 64 && strspn(s, letters) == len;
}

/* Copies the template with every @NAME@ replaced; an unknown one is an error. */
static int
fill(struct ctl *c, const char *template, const struct placeholder *names, size_t count,
     struct text *out)
{
    for (const char *at = template; *at != '\0';) {
        size_t plain = strcspn(at, "@"), i;
        text_put(out, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        for (i = 0; i < count; i++) {
            size_t len = strlen(names[i].name);
            if (strncmp(at + 1, names[i].name, len) == 0 && at[len + 1] == '@') {
                text_puts(out, names[i].value);
                at += len + 2;
                break;
            }
        }
        if (i == count) /* the @ of user@host */
            text_putc(out, *at++);
    }
    return out->failed ? err_set(&c->e, ST_NOMEM, "The template is too long.", NULL) : ST_OK;
}

static int
read_template(struct ctl *c, const char *path, struct text *out)
{
    FILE *file = fopen(path, "re");
    char buffer[4096];
    size_t n;

    if (file == NULL)
        return err_setf(&c->e, ST_IO, "%s cannot be read: %s.", path, strerror(errno));
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_put(out, buffer, n);
    n = (size_t)ferror(file);
    fclose(file);
    if (n != 0 || out->failed)
        return err_setf(&c->e, ST_IO, "%s cannot be read.", path);
    return ST_OK;
}

int
ctl_grant_users(struct ctl *c)
{
    const char *path = ctl_option(c, "sql");
    const char *app = ctl_option(c, "app"), *render = ctl_option(c, "render");
    const char *steward = ctl_option(c, "steward");
    const struct placeholder names[] = {
        {"DATABASE", c->conf->db.name},
        {"APP", app != NULL ? app : "gempix-app"},
        {"RENDER", render != NULL ? render : "gempix-render"},
        {"STEWARD", steward != NULL ? steward : "gempix-steward"},
    };
    const size_t count = sizeof names / sizeof names[0];
    struct text template, script;
    int rc;

    for (size_t i = 0; i < count; i++)
        if (!is_plain_name(names[i].value))
            return ctl_usage(c, "%s: a name of letters, digits, - and _ is needed.",
                             names[i].value);
    if (path == NULL)
        path = GEMPIX_DATADIR "/sql/grants.sql";
    text_init(&template, TEMPLATE_MAX);
    text_init(&script, 2 * TEMPLATE_MAX);
    if ((rc = read_template(c, path, &template)) == ST_OK &&
        (rc = fill(c, text_cstr(&template), names, count, &script)) == ST_OK)
        rc = db_script(c->db, text_cstr(&script), script.len, &c->e);
    text_release(&template);
    text_release(&script);
    return rc;
}
