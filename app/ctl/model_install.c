/*
 * The steps of an installation, in order. See model_install.h.
 */
#include "app/ctl/model_install.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ctl/model_check.h"
#include "app/ctl/model_licence.h"
#include "app/ctl/model_look.h"
#include "app/ctl/model_source.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/json.h"
#include "common/manifest.h"
#include "common/network.h"
#include "common/text.h"

#define INDEX_MAX ((size_t)1 << 20)
#define STAMP ".source"

struct work {
    const struct conf *conf;
    const struct model_install *how;
    struct model_source source;
    struct manifest manifest;
    const struct model_file *single; /* NULL = a folder in the diffusers layout */
    enum network beside;             /* of a single file that is no model by itself */
    char staging[DISK_PATH], final[DISK_PATH], lock_path[DISK_PATH];
    int lock;
    bool keep; /* what has arrived, though it is not a model yet */
    struct err *e;
};

static int
choose_name(struct work *w)
{
    const char *name = w->how->name != NULL ? w->how->name : w->source.suggestion;
    char hidden[MANIFEST_NAME + 8];
    struct err *e = w->e;
    int rc;

    if (!manifest_is_name(name))
        return err_setf(e, ST_INVALID,
                        "\"%.64s\" cannot be a model's name: small letters, digits, -, _ and . are "
                        "allowed. Choose one with --name.",
                        name);
    snprintf(w->manifest.name, sizeof w->manifest.name, "%s", name);
    snprintf(hidden, sizeof hidden, ".%s.part", name);
    if ((rc = disk_join(w->final, w->conf->models.dir, name, e)) != ST_OK ||
        (rc = disk_join(w->staging, w->conf->models.dir, hidden, e)) != ST_OK)
        return rc;
    snprintf(hidden, sizeof hidden, ".%s.lock", name);
    if ((rc = disk_join(w->lock_path, w->conf->models.dir, hidden, e)) != ST_OK)
        return rc;
    if (access(w->final, F_OK) == 0)
        return err_setf(e, ST_CONFLICT,
                        "There is a model %.64s already. Remove it first (gempixctl model remove "
                        "%.64s) or choose another --name.",
                        name, name);
    return ST_OK;
}

static int
choose_files(struct work *w)
{
    struct model_source *s = &w->source;
    struct json *index = NULL;
    struct text text;
    int rc;

    if (w->how->file != NULL || s->kind == SOURCE_SINGLE ||
        model_files_find(&s->files, "model_index.json") == NULL)
        return model_files_pick_single(&s->files, w->how->file, &w->single, w->e);
    text_init(&text, INDEX_MAX);
    if ((rc = model_source_text(s, "model_index.json", &text, w->e)) == ST_OK &&
        (rc = json_parse(text_cstr(&text), text.len, 16, &index, w->e)) == ST_OK)
        rc = model_files_pick_folder(&s->files, index, w->how->half, w->e);
    json_free(index);
    text_release(&text);
    return rc;
}

/* Finds out the licence and its text. */
static int
learn_licence(struct work *w)
{
    struct manifest *m = &w->manifest;
    const struct model_file *file = model_files_licence(&w->source.files);
    const char *given = w->how->licence != NULL ? w->how->licence : w->source.licence;
    const struct model_file *card = model_files_find(&w->source.files, "README.md");
    struct text text;
    int rc = ST_OK;

    snprintf(m->licence.name, sizeof m->licence.name, "%s", given);
    if (file != NULL)
        snprintf(m->licence.file, sizeof m->licence.file, "%s", file->name);
    if (card != NULL && (given[0] == '\0' || strcmp(given, "other") == 0)) {
        char said[sizeof m->licence.name];
        text_init(&text, INDEX_MAX);
        rc = model_source_text(&w->source, card->name, &text, w->e);
        model_licence_of_card(text_cstr(&text), said, sizeof said);
        if (said[0] != '\0')
            snprintf(m->licence.name, sizeof m->licence.name, "%s", said);
        text_release(&text);
    }
    return rc;
}

static int
accept_licence(struct work *w)
{
    struct manifest *m = &w->manifest;
    const struct model_licence *known = model_licence_find(m->licence.name);
    char line[16] = "";

    printf("licence: %s%s%s%s\n", known->title, known->id[0] == '\0' ? " (" : "",
           known->id[0] != '\0'         ? ""
           : m->licence.name[0] != '\0' ? m->licence.name
                                        : "none is named",
           known->id[0] == '\0' ? ")" : "");
    if (known->free)
        return ST_OK;
    printf("    %s\n    The text: %s%s%s\n", known->terms, w->source.label,
           m->licence.file[0] != '\0' ? ", file " : "", m->licence.file);
    if (!w->how->accept && isatty(STDIN_FILENO)) {
        fputs("Have you read it, and do you accept it? Type yes: ", stdout);
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            line[0] = '\0';
    }
    if (!w->how->accept && strcmp(line, "yes\n") != 0)
        return err_setf(w->e, ST_DENIED,
                        "The licence has to be accepted first. Read it, then repeat the command "
                        "with --accept-licence.");
    clock_iso(clock_now(), m->licence.accepted, sizeof m->licence.accepted);
    return ST_OK;
}

/* What is wanted, less what an earlier call has brought. */
static int64_t
need(const struct work *w)
{
    int64_t sum = 0;

    for (size_t i = 0; i < w->source.files.count; i++) {
        const struct model_file *f = &w->source.files.list[i];
        char path[DISK_PATH], part[DISK_PATH];
        struct stat st;
        if (!f->wanted || f->size < 0)
            continue;
        if (w->how->link && w->source.kind != SOURCE_HUB)
            continue;
        if (f->size > INT64_MAX - sum)
            return INT64_MAX;
        sum += f->size;
        if (disk_join(path, w->staging, f->name, NULL) != ST_OK ||
            snprintf(part, sizeof part, "%s.part", path) >= DISK_PATH)
            continue;
        if (stat(path, &st) == 0 || stat(part, &st) == 0)
            sum -= st.st_size < f->size ? st.st_size : f->size;
    }
    return sum;
}

/* The staging folder, empty unless it holds the same source's files. */
static int
open_staging(struct work *w)
{
    char stamp[DISK_PATH], before[1500] = "";
    struct text now;
    FILE *f;
    int rc;

    if ((rc = disk_folder(w->conf->models.dir, w->e)) != ST_OK ||
        (rc = disk_lock(w->lock_path, &w->lock, w->e)) != ST_OK ||
        (rc = disk_join(stamp, w->staging, STAMP, w->e)) != ST_OK)
        return rc;
    text_init(&now, 1400);
    text_printf(&now, "%s %s %d %d\n", w->source.label, w->source.revision, w->how->half,
                w->how->link);
    if ((f = fopen(stamp, "re")) != NULL) {
        before[fread(before, 1, sizeof before - 1, f)] = '\0';
        fclose(f);
    }
    if (strcmp(before, text_cstr(&now)) != 0) {
        f = NULL;
        if ((rc = disk_remove(w->staging, w->e)) == ST_OK &&
            (rc = disk_folder(w->staging, w->e)) == ST_OK &&
            ((f = fopen(stamp, "we")) == NULL || fwrite(now.data, 1, now.len, f) != now.len))
            rc = err_setf(w->e, ST_IO, "%.150s cannot be written: %s.", stamp, strerror(errno));
        if (f != NULL && fclose(f) != 0 && rc == ST_OK)
            rc = err_setf(w->e, ST_IO, "%.150s cannot be written: %s.", stamp, strerror(errno));
    }
    text_release(&now);
    return rc;
}

static int
show_progress(void *ctx, int64_t done, int64_t total)
{
    const char *name = ctx;

    if (!isatty(STDERR_FILENO))
        return 0;
    if (total > 0)
        fprintf(stderr, "\r%.60s: %.1f of %.1f MB ", name, (double)done / 1e6, (double)total / 1e6);
    else
        fprintf(stderr, "\r%.60s: %.1f MB ", name, (double)done / 1e6);
    return 0;
}

/* Is it there from an earlier call, whole? */
static bool
is_there(const struct model_file *f, const char *path, struct fetch_done *done)
{
    struct stat st;

    return f->sha256[0] != '\0' && stat(path, &st) == 0 && st.st_size == f->size &&
           fetch_digest(path, done->sha256, &done->size, NULL) == ST_OK &&
           strcmp(done->sha256, f->sha256) == 0;
}

static int
bring(struct work *w, struct model_file *f)
{
    char path[DISK_PATH];
    struct model_get get = {
        .file = f, .to = path, .link = w->how->link, .ctx = f->name, .progress = show_progress};
    struct fetch_done done = {0};
    bool had;
    int rc;

    if ((rc = disk_join(path, w->staging, f->name, w->e)) != ST_OK ||
        (rc = disk_folder_of(path, w->e)) != ST_OK)
        return rc;
    had = w->source.kind == SOURCE_HUB && is_there(f, path, &done);
    if (!had && (rc = model_source_get(&w->source, &get, &done, w->e)) != ST_OK)
        return rc;
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    printf("    %s  %.1f MB%s\n", f->name, (double)done.size / 1e6,
           had                ? ", was there"
           : done.resumed > 0 ? ", resumed"
                              : "");
    fflush(stdout);
    return manifest_add(&w->manifest, f->name, done.size, done.sha256, w->e);
}

static int
bring_all(struct work *w)
{
    int rc = ST_OK;

    for (size_t i = 0; rc == ST_OK && i < w->source.files.count; i++)
        if (w->source.files.list[i].wanted)
            rc = bring(w, &w->source.files.list[i]);
    return rc;
}

/* Looks into the single file, where it lies. A model without a vocabulary is an error. */
static int
look_into(struct work *w, const char *folder)
{
    char path[DISK_PATH];
    int rc;

    if (w->single == NULL)
        return ST_OK;
    if ((rc = disk_join(path, folder, w->single->name, w->e)) != ST_OK ||
        (rc = model_look_network(path, &w->beside, w->e)) != ST_OK)
        return rc;
    if (w->beside == NETWORK_NONE && w->how->tokenizer == NULL)
        return err_setf(w->e, ST_INVALID,
                        "A model in a single file has no vocabulary. Name a folder that holds "
                        "vocab.json and merges.txt with --tokenizer; that of another model of the "
                        "same family will do.");
    return ST_OK;
}

/* A single file brings no vocabulary. */
static int
bring_tokenizer(struct work *w)
{
    static const char *const NAMES[] = {"vocab.json", "merges.txt"};
    struct manifest *m = &w->manifest;
    int rc = ST_OK;

    if (w->single == NULL || w->beside != NETWORK_NONE)
        return ST_OK;
    snprintf(m->tokenizer, sizeof m->tokenizer, "tokenizer");
    for (size_t i = 0; rc == ST_OK && i < 2; i++) {
        char from[DISK_PATH], to[DISK_PATH], name[32], digest[FETCH_SHA256];
        int64_t size;
        snprintf(name, sizeof name, "tokenizer/%s", NAMES[i]);
        if ((rc = disk_join(from, w->how->tokenizer, NAMES[i], w->e)) == ST_OK &&
            (rc = disk_join(to, w->staging, name, w->e)) == ST_OK &&
            (rc = disk_folder_of(to, w->e)) == ST_OK &&
            (rc = disk_copy(from, to, digest, &size, w->e)) == ST_OK)
            rc = manifest_add(m, name, size, digest, w->e);
    }
    return rc;
}

static int
write_manifest(struct work *w)
{
    struct manifest *m = &w->manifest;
    int rc;

    snprintf(m->source, sizeof m->source, "%s", w->source.label);
    if (w->source.kind == SOURCE_HUB)
        snprintf(m->revision, sizeof m->revision, "%s", w->source.revision);
    if (w->single != NULL)
        snprintf(m->weights, sizeof m->weights, "%s", w->single->name);
    if (w->how->prediction != NULL)
        snprintf(m->prediction, sizeof m->prediction, "%s", w->how->prediction);
    clock_iso(clock_now(), m->installed_at, sizeof m->installed_at);
    if ((rc = model_look(w->staging, m, w->e)) != ST_OK)
        return rc;
    if (w->single != NULL && strcmp(m->family, "sd2") == 0 && m->prediction[0] == '\0') {
        w->keep = true;
        return err_setf(w->e, ST_INVALID,
                        "What an SD 2 model predicts cannot be seen in a single file. Say it: "
                        "--prediction v_prediction (models of 768 pixels) or epsilon (of 512).");
    }
    return manifest_write(w->staging, m, w->e);
}

/* What the engine found out that an operator wants to know before choosing the model. */
static void
show_report(const struct text *report)
{
    struct json *j = NULL;

    if (json_parse(text_cstr(report), report->len, 8, &j, NULL) != ST_OK)
        return;
    if (network_find(json_text(j, "family", "")) != NETWORK_NONE)
        printf("the engine can use it: %s, %s\n", json_text(j, "what", ""),
               json_text(j, "says", ""));
    else
        printf(
            "the engine can use it: %lld pixels wide and high, %.0f MB of weights, and %.0f MB to "
            "work in\n",
            (long long)json_int(j, "native_size", 0), json_number(j, "weight_bytes", 0.0) / 1e6,
            json_number(j, "work_bytes", 0.0) / 1e6);
    json_free(j);
}

static int
test(struct work *w)
{
    struct text report;
    int rc;

    if (!w->how->test)
        return ST_OK;
    puts("testing …");
    fflush(stdout);
    text_init(&report, 65536);
    if ((rc = model_check_engine(w->conf, w->staging, &report, w->e)) == ST_OK)
        show_report(&report);
    w->keep = rc == ST_INTERNAL || rc == ST_TIMEOUT; /* perhaps this machine is too small */
    text_release(&report);
    return rc;
}

/* The stamp goes last: without it all would have to be fetched again. */
static int
publish(struct work *w)
{
    char stamp[DISK_PATH];
    int rc;

    if ((rc = disk_join(stamp, w->final, STAMP, w->e)) != ST_OK ||
        (rc = disk_sync(w->staging, w->e)) != ST_OK)
        return rc;
    if (rename(w->staging, w->final) != 0)
        return err_setf(w->e, ST_IO, "%.150s cannot be made: %s.", w->final, strerror(errno));
    unlink(stamp);
    return disk_sync(w->conf->models.dir, w->e);
}

static int
check_words(const struct model_install *how, struct err *e)
{
    static const char *const KINDS[] = {"epsilon", "v_prediction"};
    bool known = how->prediction == NULL;

    for (size_t i = 0; !known && i < sizeof KINDS / sizeof *KINDS; i++)
        known = strcmp(how->prediction, KINDS[i]) == 0;
    if (!known)
        return err_setf(e, ST_INVALID, "--prediction is epsilon or v_prediction, not %.40s.",
                        how->prediction);
    return ST_OK;
}

/* All that can be known before anything is written. */
static int
prepare(struct work *w)
{
    int rc;

    if ((rc = check_words(w->how, w->e)) != ST_OK ||
        (rc = model_source_open(w->conf, w->how->source, &w->source, w->e)) != ST_OK ||
        (rc = choose_name(w)) != ST_OK || (rc = choose_files(w)) != ST_OK)
        return rc;
    if (w->source.kind != SOURCE_HUB && (rc = look_into(w, w->source.place)) != ST_OK)
        return rc;
    if ((rc = learn_licence(w)) != ST_OK)
        return rc;
    printf("installing %s from %s%s%s\n", w->manifest.name, w->source.label,
           w->source.kind == SOURCE_HUB ? " at " : "", w->source.revision);
    return accept_licence(w);
}

/* What a hub's file is, is known when it has arrived: that is kept if a word is missing. */
static int
look_into_brought(struct work *w)
{
    int rc = look_into(w, w->staging);

    w->keep = rc != ST_OK && w->single != NULL && w->how->tokenizer == NULL;
    return rc;
}

static int
carry_out(struct work *w)
{
    int rc;

    if ((rc = open_staging(w)) != ST_OK)
        return rc;
    if ((rc = disk_room(w->conf->models.dir, need(w), w->e)) == ST_OK &&
        (rc = bring_all(w)) == ST_OK && (rc = look_into_brought(w)) == ST_OK &&
        (rc = bring_tokenizer(w)) == ST_OK && (rc = write_manifest(w)) == ST_OK &&
        (rc = test(w)) == ST_OK)
        rc = publish(w);
    /* What may be continued is kept; what cannot become a model is not. */
    if (rc != ST_OK &&
        (w->keep || rc == ST_IO || rc == ST_LIMIT || rc == ST_CANCELLED || rc == ST_TOOBIG))
        fprintf(stderr, "What has arrived is kept: the same command goes on from there.\n");
    else if (rc != ST_OK)
        disk_remove(w->staging, NULL);
    return rc;
}

int
model_install(const struct conf *conf, const struct model_install *how, struct err *e)
{
    struct work w = {.conf = conf, .how = how, .lock = -1, .e = e};
    int rc;

    if ((rc = prepare(&w)) == ST_OK)
        rc = carry_out(&w);
    if (rc == ST_OK)
        printf("%s is installed in %s\n", w.manifest.name, w.final);
    if (w.lock >= 0) {
        unlink(w.lock_path);
        close(w.lock);
    }
    manifest_release(&w.manifest);
    model_source_close(&w.source);
    return rc;
}
