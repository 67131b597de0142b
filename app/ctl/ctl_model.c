/*
 * Commands about models: install, list, show, verify, remove. The work is done in model_*.c; here
 * are options, tables and JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "app/ctl/model_check.h"
#include "app/ctl/model_install.h"
#include "app/ctl/model_licence.h"
#include "app/ctl/model_place.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/json.h"
#include "common/network.h"
#include "common/text.h"

#define TEXT_MAX ((size_t)1 << 20)

int
ctl_model_install(struct ctl *c)
{
    const struct model_install how = {
        .source = c->words[0],
        .name = ctl_option(c, "name"),
        .file = ctl_option(c, "file"),
        .tokenizer = ctl_option(c, "tokenizer"),
        .prediction = ctl_option(c, "prediction"),
        .licence = ctl_option(c, "licence"),
        .half = ctl_option(c, "fp16") != NULL,
        .link = ctl_option(c, "link") != NULL,
        .accept = ctl_option(c, "accept-licence") != NULL,
        .test = ctl_option(c, "no-test") == NULL,
    };

    return model_install(c->conf, &how, &c->e);
}

static void
put_member(struct text *t, const char *key, const char *value)
{
    text_printf(t, ", \"%s\": ", key);
    json_put_string(t, value);
}

/* What lists and `show` say of a model. */
static void
put_place(struct text *t, const struct model_place *p)
{
    const struct manifest *m = &p->manifest;

    text_puts(t, "{\"name\": ");
    json_put_string(t, p->name);
    put_member(t, "folder", p->folder);
    text_printf(t, ", \"default\": %s, \"bytes\": %" PRId64, p->chosen ? "true" : "false", p->size);
    put_member(t, "state", model_state_name(p->state));
    if (p->problem[0] != '\0')
        put_member(t, "problem", p->problem);
    put_member(t, "family", m->family);
    put_member(t, "variant", m->variant);
    put_member(t, "prediction", m->prediction);
    put_member(t, "scheduler", m->scheduler);
    put_member(t, "licence", m->licence.name);
    put_member(t, "licence_file", m->licence.file);
    put_member(t, "licence_accepted", m->licence.accepted);
    put_member(t, "source", m->source);
    put_member(t, "revision", m->revision);
    put_member(t, "installed_at", m->installed_at);
    text_printf(t, ", \"files\": %zu}", m->file_count);
}

static int
print_text(struct ctl *c, struct text *t)
{
    int rc = t->failed ? err_set(&c->e, ST_NOMEM, "The answer is too long.", NULL) : ST_OK;

    if (rc == ST_OK)
        puts(text_cstr(t));
    text_release(t);
    return rc;
}

/* "1.7 GB" */
static const char *
amount(int64_t bytes, char out[16])
{
    if (bytes >= 1000000000)
        snprintf(out, 16, "%.1f GB", (double)bytes / 1e9);
    else
        snprintf(out, 16, "%.1f MB", (double)bytes / 1e6);
    return out;
}

static const char *
or_dash(const char *s)
{
    return s[0] != '\0' ? s : "-";
}

int
ctl_model_list(struct ctl *c)
{
    struct model_place *list;
    struct text t;
    size_t count;
    int rc;

    if ((rc = model_places(c->conf, &list, &count, &c->e)) != ST_OK)
        return rc;
    text_init(&t, TEXT_MAX);
    if (ctl_option(c, "json") != NULL) {
        text_putc(&t, '[');
        for (size_t i = 0; i < count; i++) {
            text_puts(&t, i == 0 ? "" : ", ");
            put_place(&t, &list[i]);
        }
        text_putc(&t, ']');
    } else {
        text_printf(&t, "%-24s  %-12s  %9s  %-22s  %s", "name", "family", "size", "licence",
                    "state");
        for (size_t i = 0; i < count; i++) {
            const struct manifest *m = &list[i].manifest;
            char size[16], family[40];
            snprintf(family, sizeof family, "%s%s%s", or_dash(m->family),
                     m->variant[0] != '\0' ? " " : "", m->variant);
            text_printf(&t, "\n%-24s  %-12s  %9s  %-22s  %s%s", list[i].name, family,
                        amount(list[i].size, size), or_dash(m->licence.name),
                        model_state_name(list[i].state), list[i].chosen ? ", default" : "");
        }
    }
    model_places_free(list, count);
    return print_text(c, &t);
}

/* The licence's own text. */
static int
show_licence(struct ctl *c, const struct model_place *p)
{
    char path[DISK_PATH], buffer[4096];
    FILE *f = NULL;
    size_t n;
    int rc;

    if (p->manifest.licence.file[0] == '\0')
        return err_setf(&c->e, ST_NOTFOUND, "The model brought no text of a licence.");
    if ((rc = disk_join(path, p->folder, p->manifest.licence.file, &c->e)) != ST_OK)
        return rc;
    if ((f = fopen(path, "re")) == NULL)
        return err_setf(&c->e, ST_IO, "%.180s cannot be read.", path);
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0)
        fwrite(buffer, 1, n, stdout);
    fclose(f);
    return ST_OK;
}

static void
print_place(const struct model_place *p)
{
    const struct manifest *m = &p->manifest;
    const struct model_licence *licence = model_licence_find(m->licence.name);
    char size[16];

    printf("name        %s%s\n", p->name, p->chosen ? " (default)" : "");
    printf("folder      %s\n", p->folder);
    printf("state       %s%s%s\n", model_state_name(p->state), p->problem[0] != '\0' ? ": " : "",
           p->problem);
    printf("size        %s in %zu files\n", amount(p->size, size), m->file_count);
    if (network_find(m->family) != NETWORK_NONE) {
        printf("family      %s: %s, to be used beside a model or alone\n", m->family,
               network_what(network_find(m->family)));
    } else {
        printf("family      %s %s\n", or_dash(m->family), m->variant);
        printf("prediction  %s\n", or_dash(m->prediction));
        printf("scheduler   %s\n", or_dash(m->scheduler));
    }
    printf("source      %s\n", or_dash(m->source));
    printf("revision    %s\n", or_dash(m->revision));
    printf("installed   %s\n", or_dash(m->installed_at));
    printf("licence     %s\n", m->licence.name[0] != '\0' ? m->licence.name : "none is named");
    if (licence->id[0] != '\0')
        printf("            %s\n", licence->title);
    if (m->file_count > 0 && !licence->free)
        printf("            %s\n", licence->terms);
    if (m->licence.accepted[0] != '\0')
        printf("            accepted %s\n", m->licence.accepted);
    if (m->licence.file[0] != '\0')
        printf("            its text: %s/%s\n", p->folder, m->licence.file);
}

int
ctl_model_show(struct ctl *c)
{
    struct model_place p;
    struct text t;
    int rc;

    if ((rc = model_place_find(c->conf, c->words[0], &p, &c->e)) != ST_OK)
        return rc;
    if (ctl_option(c, "licence") != NULL) {
        rc = show_licence(c, &p);
    } else if (ctl_option(c, "json") != NULL) {
        text_init(&t, TEXT_MAX);
        put_place(&t, &p);
        rc = print_text(c, &t);
    } else {
        print_place(&p);
    }
    model_place_release(&p);
    return rc;
}

struct verdict {
    bool quiet;
    size_t bad;
};

static void
say_file(void *ctx, const char *name, const char *problem)
{
    struct verdict *v = ctx;

    v->bad += problem != NULL;
    if (!v->quiet && problem != NULL)
        printf("    %s: %s\n", name, problem);
}

int
ctl_model_verify(struct ctl *c)
{
    struct verdict v = {.quiet = ctl_option(c, "json") != NULL};
    bool test = ctl_option(c, "no-test") == NULL, beside;
    struct text report, t;
    struct model_place p;
    int rc, result;

    if ((rc = model_place_find(c->conf, c->words[0], &p, &c->e)) != ST_OK)
        return rc;
    text_init(&report, TEXT_MAX);
    text_init(&t, TEXT_MAX);
    if ((rc = model_check_files(&p, say_file, &v, &c->e)) != ST_OK)
        goto out;
    beside = network_find(p.manifest.family) != NETWORK_NONE;
    result = p.state == MODEL_OK || p.state == MODEL_UNKNOWN ? CTL_OK : CTL_FAILED;
    if (result == CTL_OK && test && model_check_engine(c->conf, p.folder, &report, &c->e) != ST_OK)
        result = CTL_FAILED;
    if (v.quiet) {
        struct json *parsed = NULL;
        text_puts(&t, "{\"model\": ");
        put_place(&t, &p);
        text_printf(&t, ", \"ok\": %s", result == CTL_OK ? "true" : "false");
        if (c->e.message[0] != '\0')
            put_member(&t, "problem", c->e.message);
        if (json_parse(text_cstr(&report), report.len, 8, &parsed, NULL) == ST_OK) {
            text_puts(&t, ", \"engine\": ");
            json_put(&t, parsed);
        }
        json_free(parsed);
        text_putc(&t, '}');
        puts(text_cstr(&t));
    } else if (result == CTL_OK) {
        printf("%s: %zu files %s%s\n", p.name, p.manifest.file_count,
               p.state == MODEL_UNKNOWN ? "to compare with (it has no manifest)" : "are unchanged",
               !test    ? ""
               : beside ? ", and the engine can use it"
                        : ", and the engine draws with it");
    } else {
        printf("%s: %s\n", p.name,
               c->e.message[0] != '\0' ? c->e.message : model_state_name(p.state));
    }
    rc = result;
out:
    text_release(&t);
    text_release(&report);
    model_place_release(&p);
    return rc;
}

/* Is somebody waiting for a picture of this model? */
static int
check_jobs(struct ctl *c, const char *name)
{
    int64_t waiting = 0;
    int rc;

    if ((rc = db_open(c->conf, &c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_jobs_of_model(c->db, name, &waiting, &c->e)) != ST_OK)
        return rc;
    if (waiting > 0)
        return err_setf(&c->e, ST_CONFLICT,
                        "%" PRId64 " job%s wait%s for %.64s. Let them finish, or use --force: then "
                        "they fail and their credits go back.",
                        waiting, waiting == 1 ? "" : "s", waiting == 1 ? "s" : "", name);
    return ST_OK;
}

/* Out of sight by one rename, then away: whoever looks in between sees no half of a model. */
static int
remove_place(struct ctl *c, const struct model_place *p)
{
    char hidden[DISK_PATH], lock_path[DISK_PATH], name[MANIFEST_NAME + 8];
    int lock, rc;

    snprintf(name, sizeof name, ".%s.part", p->name);
    if ((rc = disk_join(hidden, c->conf->models.dir, name, &c->e)) != ST_OK)
        return rc;
    snprintf(name, sizeof name, ".%s.lock", p->name);
    if ((rc = disk_join(lock_path, c->conf->models.dir, name, &c->e)) != ST_OK ||
        (rc = disk_lock(lock_path, &lock, &c->e)) != ST_OK)
        return rc;
    if (strcmp(hidden, p->folder) != 0 && (rc = disk_remove(hidden, &c->e)) == ST_OK &&
        rename(p->folder, hidden) != 0)
        rc = err_setf(&c->e, ST_IO, "%.180s cannot be removed: %s.", p->folder, strerror(errno));
    if (rc == ST_OK)
        rc = disk_remove(hidden, &c->e);
    unlink(lock_path);
    close(lock);
    return rc;
}

int
ctl_model_remove(struct ctl *c)
{
    bool force = ctl_option(c, "force") != NULL;
    size_t inside = strlen(c->conf->models.dir);
    struct model_place p;
    int rc;

    if ((rc = model_place_find(c->conf, c->words[0], &p, &c->e)) != ST_OK)
        return rc;
    if (strncmp(p.folder, c->conf->models.dir, inside) != 0 || p.folder[inside] != '/')
        rc = err_setf(&c->e, ST_DENIED,
                      "%.64s was not installed by this command; it lies in %.140s.", p.name,
                      p.folder);
    else if (p.chosen && !force)
        rc = err_setf(&c->e, ST_CONFLICT,
                      "%.64s is the site's model (model.path). Choose another one first, or use "
                      "--force.",
                      p.name);
    else if (!force && p.state != MODEL_PARTIAL)
        rc = check_jobs(c, p.name);
    if (rc == ST_OK && (rc = remove_place(c, &p)) == ST_OK)
        printf("%s is removed\n", p.name);
    model_place_release(&p);
    return rc;
}
