/*
 * A hub of model repositories by HTTPS: BASE/api/models/OWNER/NAME/revision/REVISION?blobs=true
 * lists the files, BASE/OWNER/NAME/resolve/COMMIT/PATH is one of them. What the hub says is input
 * from outside: names are checked, sizes are bounds, digests are verified.
 */
#include "app/ctl/model_hub.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/ctl/model_source.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"

#define LIST_MAX ((size_t)16 << 20)
#define FILE_MAX ((int64_t)64 << 30) /* of a file whose size the hub does not tell */

/* Letters of owners, names and revisions. */
static bool
is_plain(const char *s, size_t len, bool slash)
{
    static const char LETTERS[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    if (len == 0 || s[0] == '.' || s[0] == '/')
        return false;
    for (size_t i = 0; i < len; i++)
        if (strchr(LETTERS, s[i]) == NULL && !(slash && s[i] == '/'))
            return false;
    return true;
}

/* Bytes of a path that may stand in an address as they are. */
static void
put_path(struct text *t, const char *path)
{
    for (; *path != '\0'; path++) {
        if (is_plain(path, 1, true) || *path == '.' || *path == '/')
            text_putc(t, *path);
        else
            text_printf(t, "%%%02X", (unsigned char)*path);
    }
}

static int
not_a_source(const char *word, struct err *e)
{
    return err_setf(e, ST_INVALID,
                    "%.120s: no such file or folder, and no repository (owner/name or "
                    "owner/name@revision).",
                    word);
}

/* Splits an address before the last two parts of its path: the hub and the repository. */
static const char *
split_address(const char *word, size_t *hub_len)
{
    const char *host = strstr(word, "://") + 3, *slash = strchr(host, '/'), *at = NULL;

    if (slash == NULL)
        return NULL;
    for (const char *s = slash; s != NULL; s = strchr(s + 1, '/')) {
        const char *next = strchr(s + 1, '/');
        if (next != NULL && strchr(next + 1, '/') == NULL)
            at = s;
    }
    if (at == NULL)
        return NULL;
    *hub_len = (size_t)(at - word);
    return at + 1;
}

int
hub_parse(const struct conf *conf, const char *word, struct model_source *s, struct err *e)
{
    const char *hub = conf->models.hub, *name = word, *at, *slash;
    size_t hub_len = strlen(hub), len;

    s->kind = SOURCE_HUB;
    if (strstr(word, "://") != NULL) {
        hub = word;
        if ((name = split_address(word, &hub_len)) == NULL)
            return not_a_source(word, e);
    }
    at = strchr(name, '@');
    len = at != NULL ? (size_t)(at - name) : strlen(name);
    slash = memchr(name, '/', len);
    if (slash == NULL || len >= sizeof s->repository ||
        !is_plain(name, (size_t)(slash - name), false) ||
        !is_plain(slash + 1, len - (size_t)(slash - name) - 1, false) ||
        (at != NULL &&
         (!is_plain(at + 1, strlen(at + 1), false) || strlen(at + 1) >= sizeof s->revision)))
        return not_a_source(word, e);
    if (hub_len == 0)
        return err_setf(e, ST_INVALID,
                        "%.100s: no such file or folder. For a repository, set models.hub to the "
                        "hub's address, or give the whole address.",
                        word);
    if (hub_len >= 200)
        return err_setf(e, ST_INVALID, "The hub's address is too long.");
    snprintf(s->place, sizeof s->place, "%.*s", (int)hub_len, hub);
    snprintf(s->repository, sizeof s->repository, "%.*s", (int)len, name);
    snprintf(s->revision, sizeof s->revision, "%s", at != NULL ? at + 1 : "main");
    snprintf(s->label, sizeof s->label, "%.200s/%.199s", s->place, s->repository);
    return ST_OK;
}

/* The token is for the hub that the configuration names, for no other. */
static int
read_token(const struct conf *conf, struct model_source *s, struct err *e)
{
    char token[256];
    int rc = ST_OK;

    if (conf->models.token_file[0] == '\0' || strcmp(conf->models.hub, s->place) != 0)
        return ST_OK;
    if ((rc = conf_secret(conf->models.token_file, token, sizeof token, e)) == ST_OK)
        snprintf(s->authorization, sizeof s->authorization, "Authorization: Bearer %s", token);
    crypto_wipe(token, sizeof token);
    return rc;
}

static int
refused(long status, const char *label, struct err *e)
{
    switch (status) {
    case 401:
    case 403:
        return err_setf(e, ST_DENIED,
                        "%.100s may not be read: there is no such repository, or its terms must be "
                        "accepted there and a token given in models.token_file.",
                        label);
    case 404:
        return err_setf(e, ST_NOTFOUND, "%.120s: there is no such repository or revision.", label);
    case 429:
        return err_setf(e, ST_LIMIT, "%.120s: the hub was asked too often. Try later.", label);
    default:
        return err_setf(e, ST_IO, "%.120s: the hub answers %ld.", label, status);
    }
}

static int
ask(struct model_source *s, const char *url, size_t max, struct fetch_answer *answer, struct err *e)
{
    const char *const headers[] = {s->authorization[0] != '\0' ? s->authorization : NULL, NULL};
    const struct fetch_request request = {.url = url, .max = max, .headers = headers};
    int rc;

    if ((rc = fetch_memory(s->fetch, &request, answer, e)) != ST_OK)
        return rc;
    if (answer->status == 200)
        return ST_OK;
    rc = refused(answer->status, s->label, e);
    text_release(&answer->body);
    return rc;
}

/* One entry of the list. Large files have a digest of their own. */
static int
add_file(struct model_source *s, const struct json *entry, struct err *e)
{
    const struct json *large = json_get(entry, "lfs");
    const char *name = json_text(entry, "rfilename", NULL);
    const char *digest = json_text(large, "sha256", json_text(large, "oid", NULL));
    int64_t size = json_int(large, "size", json_int(entry, "size", -1));

    if (name == NULL)
        return err_set(e, ST_INVALID, "The hub's list of files is not valid.", "no rfilename");
    if (digest != NULL && strncmp(digest, "sha256:", 7) == 0)
        digest += 7;
    return model_files_add(&s->files, name, size, digest, e);
}

/* "license" of the card, or the tag "license:…". */
static void
take_licence(struct model_source *s, const struct json *model)
{
    const struct json *tags = json_get(model, "tags");

    snprintf(s->licence, sizeof s->licence, "%.64s",
             json_text(json_get(model, "cardData"), "license", ""));
    for (size_t i = 0; s->licence[0] == '\0' && i < json_size(tags); i++) {
        const char *tag = json_value_text(json_at(tags, i), "");
        if (strncmp(tag, "license:", 8) == 0)
            snprintf(s->licence, sizeof s->licence, "%.64s", tag + 8);
    }
}

int
hub_take_list(struct model_source *s, const char *body, size_t len, struct err *e)
{
    const struct json *siblings;
    struct json *model = NULL;
    const char *commit;
    int rc;

    if (json_parse(body, len, 32, &model, e) != ST_OK)
        return err_setf(e, ST_INVALID, "%.120s: the hub's answer is not JSON.", s->label);
    siblings = json_get(model, "siblings");
    commit = json_text(model, "sha", s->revision);
    if (json_kind(siblings) != JSON_KIND_ARRAY || strlen(commit) >= sizeof s->revision ||
        !is_plain(commit, strlen(commit), false)) {
        rc = err_setf(e, ST_INVALID, "%.120s: the hub's answer is no list of files.", s->label);
        goto out;
    }
    snprintf(s->revision, sizeof s->revision, "%s", commit);
    take_licence(s, model);
    rc = ST_OK;
    for (size_t i = 0; rc == ST_OK && i < json_size(siblings); i++)
        rc = add_file(s, json_at(siblings, i), e);
out:
    json_free(model);
    return rc;
}

int
hub_list(const struct conf *conf, struct model_source *s, struct err *e)
{
    struct fetch_answer answer = {0};
    struct text url;
    int rc;

    if ((rc = read_token(conf, s, e)) != ST_OK || (rc = fetch_new(NULL, &s->fetch, e)) != ST_OK)
        return rc;
    text_init(&url, 4096);
    text_printf(&url, "%s/api/models/%s/revision/%s?blobs=true", s->place, s->repository,
                s->revision);
    if ((rc = ask(s, text_cstr(&url), LIST_MAX, &answer, e)) == ST_OK)
        rc = hub_take_list(s, text_cstr(&answer.body), answer.body.len, e);
    text_release(&answer.body);
    text_release(&url);
    return rc;
}

static void
put_url(const struct model_source *s, const char *name, struct text *url)
{
    text_printf(url, "%s/%s/resolve/%s/", s->place, s->repository, s->revision);
    put_path(url, name);
}

int
hub_text(struct model_source *s, const char *name, struct text *out, struct err *e)
{
    struct fetch_answer answer = {0};
    struct text url;
    int rc;

    text_init(&url, 4096);
    put_url(s, name, &url);
    if ((rc = ask(s, text_cstr(&url), out->max, &answer, e)) == ST_OK)
        text_put(out, text_cstr(&answer.body), answer.body.len);
    text_release(&answer.body);
    text_release(&url);
    return rc;
}

int
hub_get(struct model_source *s, const struct model_get *get, struct fetch_done *done, struct err *e)
{
    const char *const headers[] = {s->authorization[0] != '\0' ? s->authorization : NULL, NULL};
    struct fetch_file file = {.headers = headers,
                              .path = get->to,
                              .size = get->file->size,
                              .max = FILE_MAX,
                              .sha256 = get->file->sha256[0] != '\0' ? get->file->sha256 : NULL,
                              .ctx = get->ctx,
                              .progress = get->progress};
    struct text url;
    int rc;

    text_init(&url, 4096);
    put_url(s, get->file->name, &url);
    file.url = text_cstr(&url);
    rc = url.failed ? err_setf(e, ST_INVALID, "A file's name is too long.")
                    : fetch_file(s->fetch, &file, done, e);
    text_release(&url);
    return rc;
}
