/*
 * A large file by HTTP. PATH.part grows, PATH.part.json says of which version it is a part, and
 * PATH appears when all bytes are there and have the right digest: whatever interrupts this, the
 * next call goes on.
 */
#include "common/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"
#include "common/fetch_http.h"
#include "common/json.h"

#define PATH_SIZE 4200
#define NOTE_MAX 16384
#define BUFFER ((size_t)1 << 18)

struct part {
    struct fetch *fetch;
    const struct fetch_file *file;
    struct err *e;
    char path[PATH_SIZE], note[PATH_SIZE];
    char tag[FETCH_TAG]; /* of the version that the part belongs to; "" = not known */
    int fd;
    int64_t size;    /* bytes of the part */
    int64_t resumed; /* of them, from an earlier call */
    bool writing;    /* the answer's body belongs into the part */
    bool cancelled;  /* by the progress function */
    struct crypto_sha256_state digest;
    struct fetch_head head;
    int rc; /* what a callback found wrong */
};

static int
disk_error(struct part *p, const char *path)
{
    return err_setf(p->e, errno == ENOSPC ? ST_TOOBIG : ST_IO, "%.180s cannot be written: %s.",
                    path, strerror(errno));
}

/* Empties the part. */
static int
start_over(struct part *p)
{
    if (ftruncate(p->fd, 0) != 0 || lseek(p->fd, 0, SEEK_SET) != 0)
        return disk_error(p, p->path);
    crypto_sha256_init(&p->digest);
    p->size = p->resumed = 0;
    return ST_OK;
}

static int
write_note(struct part *p)
{
    struct text t;
    FILE *f;
    int rc = ST_OK;

    text_init(&t, NOTE_MAX);
    text_puts(&t, "{\"url\":");
    json_put_string(&t, p->file->url);
    text_puts(&t, ",\"tag\":");
    json_put_string(&t, p->tag);
    text_puts(&t, "}\n");
    f = fopen(p->note, "we");
    if (f == NULL || t.failed || fwrite(t.data, 1, t.len, f) != t.len)
        rc = disk_error(p, p->note);
    if (f != NULL && fclose(f) != 0 && rc == ST_OK)
        rc = disk_error(p, p->note);
    text_release(&t);
    return rc;
}

/* Is there a note of the same address? Then p->tag is its version. */
static bool
read_note(struct part *p)
{
    struct json *note = NULL;
    bool same;

    if (json_parse_file(p->note, NOTE_MAX, 3, &note, NULL) != ST_OK)
        return false;
    same = strcmp(json_text(note, "url", ""), p->file->url) == 0;
    snprintf(p->tag, sizeof p->tag, "%s", json_text(note, "tag", ""));
    json_free(note);
    return same;
}

/* Reads what is there from the file's start into the digest; p->size is then its length. */
static int
digest_part(struct part *p)
{
    char *buffer = malloc(BUFFER);
    ssize_t n = 0;

    if (buffer == NULL)
        return err_set(p->e, ST_NOMEM, "Out of memory.", "digest");
    while ((n = read(p->fd, buffer, BUFFER)) > 0) {
        crypto_sha256_update(&p->digest, buffer, (size_t)n);
        p->size += n;
    }
    free(buffer);
    return n < 0 ? disk_error(p, p->path) : ST_OK;
}

/* Without a strong tag or a known digest nobody could tell whether two halves fit together. */
static bool
can_resume(const struct part *p)
{
    return p->file->sha256 != NULL || (p->tag[0] == '"');
}

static int
open_part(struct part *p)
{
    struct stat st;
    int rc;

    crypto_sha256_init(&p->digest);
    if ((p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)) < 0 ||
        fstat(p->fd, &st) != 0)
        return disk_error(p, p->path);
    if (st.st_size > 0 && read_note(p) && can_resume(p) &&
        (p->file->size < 0 || st.st_size <= p->file->size)) {
        if ((rc = digest_part(p)) == ST_OK)
            p->resumed = p->size;
        return rc;
    }
    p->tag[0] = '\0';
    if (st.st_size > 0)
        return start_over(p);
    return ST_OK;
}

/* The first byte's number in "bytes 100-199/200", or -1. */
static int64_t
range_start(const char *range)
{
    char *end;
    long long n;

    if (strncasecmp(range, "bytes ", 6) != 0)
        return -1;
    errno = 0;
    n = strtoll(range + 6, &end, 10);
    return errno == 0 && end != range + 6 && *end == '-' && n >= 0 ? n : -1;
}

static int
on_header(void *ctx, const char *line, size_t len)
{
    struct part *p = ctx;

    fetch_head_line(&p->head, line, len);
    if (len > 2 || p->head.status < 200)
        return 0;
    /* The head ends. */
    p->writing = false;
    if (p->head.status == 200) {
        p->writing = true;
        snprintf(p->tag, sizeof p->tag, "%s", p->head.tag);
        if ((p->rc = start_over(p)) == ST_OK)
            p->rc = write_note(p);
    } else if (p->head.status == 206) {
        p->writing = true;
        if (range_start(p->head.range) != p->size)
            p->rc = err_set(p->e, ST_IO, "The server sent another part than was asked for.",
                            "%.80s, wanted %" PRId64, p->head.range, p->size);
    }
    return p->rc != ST_OK;
}

static int
on_data(void *ctx, const void *bytes, size_t len)
{
    const struct fetch_file *file = ((struct part *)ctx)->file;
    int64_t limit = file->size >= 0 ? file->size : file->max;
    struct part *p = ctx;

    if (!p->writing)
        return 0;
    if (limit - p->size < (int64_t)len) {
        p->rc = err_setf(p->e, file->size >= 0 ? ST_INVALID : ST_TOOBIG,
                         "%.130s is longer than the %" PRId64 " bytes it %s have.", file->url,
                         limit, file->size >= 0 ? "should" : "may");
        return 1;
    }
    for (size_t at = 0; at < len;) {
        ssize_t n = write(p->fd, (const char *)bytes + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            p->rc = disk_error(p, p->path);
            return 1;
        }
        at += (size_t)n;
    }
    crypto_sha256_update(&p->digest, bytes, len);
    p->size += (int64_t)len;
    if (file->progress != NULL && file->progress(file->ctx, p->size, file->size) != 0)
        p->cancelled = true;
    return p->cancelled;
}

/* What an answer that is no success means to the caller. */
static int
refused(struct part *p, const struct transfer_result *r)
{
    static const struct {
        long status;
        int code;
        const char *words;
    } KNOWN[] = {
        {401, ST_DENIED, "needs a token that may read it"},
        {403, ST_DENIED, "may not be read (its terms may have to be accepted there first)"},
        {404, ST_NOTFOUND, "does not exist"},
        {410, ST_NOTFOUND, "does not exist any more"},
        {429, ST_LIMIT, "was asked for too often; try again later"},
    };
    const char *url = p->file->url;

    if (r->untrusted)
        return err_set(p->e, ST_IO, "The server's certificate is not valid: it may be another one.",
                       "%.300s: %.150s", url, r->error);
    if (!r->done)
        return err_set(p->e, ST_IO,
                       "The connection broke again and again. Try later: what has "
                       "arrived is kept.",
                       "%.300s: %.150s", url, r->error);
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (r->answer == KNOWN[i].status)
            return err_setf(p->e, KNOWN[i].code, "%.150s %s.", url, KNOWN[i].words);
    return err_setf(p->e, ST_IO, "%.150s: the server answers %ld.", url, r->answer);
}

/* One request for what is missing. *whole tells whether nothing is any more. */
static int
attempt(struct part *p, struct transfer_result *result, bool *whole)
{
    struct transfer_request t = {
        .url = p->file->url, .ctx = p, .on_header = on_header, .on_data = on_data};
    char range[64], condition[FETCH_TAG + 16];
    const char *plain[3] = {NULL};
    int rc;

    *whole = false;
    if (p->file->size > 0 && p->size == p->file->size) {
        *whole = true; /* killed between the last byte and the end */
        return ST_OK;
    }
    if (p->size > 0) {
        snprintf(range, sizeof range, "Range: bytes=%" PRId64 "-", p->size);
        snprintf(condition, sizeof condition, "If-Range: %s", p->tag);
        plain[0] = range;
        plain[1] = p->tag[0] == '"' ? condition : NULL;
    }
    p->rc = ST_OK;
    p->head = (struct fetch_head){0};
    if ((rc = fetch_exchange(p->fetch, &t, p->file->headers, plain, result, p->e)) != ST_OK)
        return rc;
    if (p->rc != ST_OK)
        return p->rc;
    if (p->cancelled)
        return err_set(p->e, ST_CANCELLED, "Stopped.", NULL);
    if (result->done && result->answer == 416)
        return start_over(p); /* the part is as long as the file or longer */
    *whole = result->done && (result->answer == 200 || result->answer == 206);
    return ST_OK;
}

static int
get_all(struct part *p)
{
    struct transfer_result result = {0};
    bool whole = false;
    int rc;

    for (int failed = 0;;) {
        int64_t before = p->size;
        if ((rc = attempt(p, &result, &whole)) != ST_OK || whole)
            return rc;
        failed = p->size > before ? 1 : failed + 1;
        if (result.answer != 416 && !fetch_may_pass(&result))
            return refused(p, &result);
        if (failed >= p->fetch->options.attempts)
            return refused(p, &result);
        if (!can_resume(p) && (rc = start_over(p)) != ST_OK)
            return rc;
        fetch_pause(p->fetch, failed, p->head.retry_after);
    }
}

/* Compares, syncs, renames. */
static int
finish(struct part *p, struct fetch_done *out)
{
    const struct fetch_file *file = p->file;
    struct crypto_sha256_state digest = p->digest;
    uint8_t bytes[CRYPTO_SHA256];

    crypto_sha256_final(&digest, bytes);
    crypto_hex(bytes, sizeof bytes, out->sha256);
    out->size = p->size;
    out->resumed = p->resumed;
    if (file->size >= 0 && p->size != file->size)
        return err_setf(p->e, ST_INVALID, "%.130s has %" PRId64 " bytes, not %" PRId64 ".",
                        file->url, p->size, file->size);
    if (file->sha256 != NULL && strcasecmp(file->sha256, out->sha256) != 0)
        return err_setf(p->e, ST_INVALID, "%.150s is not what it should be: its SHA-256 is wrong.",
                        file->url);
    if (fsync(p->fd) != 0 || rename(p->path, file->path) != 0)
        return disk_error(p, file->path);
    unlink(p->note);
    return ST_OK;
}

int
fetch_file(struct fetch *f, const struct fetch_file *file, struct fetch_done *out, struct err *e)
{
    struct part p = {.fetch = f, .file = file, .e = e, .fd = -1};
    int rc;

    *out = (struct fetch_done){0};
    if (snprintf(p.path, sizeof p.path, "%s.part", file->path) >= PATH_SIZE ||
        snprintf(p.note, sizeof p.note, "%s.part.json", file->path) >= PATH_SIZE)
        return err_set(e, ST_INVALID, "The path is too long.", NULL);
    if ((rc = open_part(&p)) != ST_OK || (rc = get_all(&p)) != ST_OK)
        goto out;
    rc = finish(&p, out);
    /* Halves of different files look like this: once more from the start. */
    if (rc == ST_INVALID && p.resumed > 0 && (rc = start_over(&p)) == ST_OK &&
        (rc = get_all(&p)) == ST_OK)
        rc = finish(&p, out);
out:
    if (p.fd >= 0)
        close(p.fd);
    if (rc == ST_INVALID || rc == ST_NOTFOUND || rc == ST_DENIED) {
        unlink(p.path);
        unlink(p.note);
    }
    if (rc != ST_OK)
        *out = (struct fetch_done){0};
    return rc;
}

int
fetch_digest(const char *path, char sha256[FETCH_SHA256], int64_t *size, struct err *e)
{
    struct part p = {.e = e, .fd = open(path, O_RDONLY | O_CLOEXEC)};
    uint8_t bytes[CRYPTO_SHA256];
    int rc;

    sha256[0] = '\0';
    *size = 0;
    if (p.fd < 0)
        return err_setf(e, ST_IO, "%.180s cannot be read: %s.", path, strerror(errno));
    snprintf(p.path, sizeof p.path, "%s", path);
    crypto_sha256_init(&p.digest);
    if ((rc = digest_part(&p)) == ST_OK) {
        crypto_sha256_final(&p.digest, bytes);
        crypto_hex(bytes, sizeof bytes, sha256);
        *size = p.size;
    }
    close(p.fd);
    return rc;
}
