/*
 * Requests, redirects, repetitions; small answers into memory. Files: fetch_file.c.
 */
#include "common/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/err.h"
#include "common/fetch_http.h"

#define HOPS 8
#define HEADERS 16
#define PAUSE_MAX_MS 30000
#define RETRY_AFTER_MAX_S 120
#define SLOW_BYTES 100

int
fetch_new(const struct fetch_options *o, struct fetch **out, struct err *e)
{
    struct fetch *f = calloc(1, sizeof *f);
    int rc;

    *out = NULL;
    if (f == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "fetch");
    if ((rc = transfer_new(&f->transfer, e)) != ST_OK) {
        free(f);
        return rc;
    }
    if (o != NULL)
        f->options = *o;
    if (f->options.attempts == 0)
        f->options.attempts = 5;
    if (f->options.pause_ms == 0)
        f->options.pause_ms = 250;
    if (f->options.slow_s == 0)
        f->options.slow_s = 60;
    if (f->options.connect_s == 0)
        f->options.connect_s = 20;
    *out = f;
    return ST_OK;
}

void
fetch_free(struct fetch *f)
{
    if (f == NULL)
        return;
    transfer_free(f->transfer);
    free(f);
}

/* The value of a head's line if it is of this name, else NULL; *len is without the line end. */
static const char *
value_of(const char *line, size_t line_len, const char *name, size_t *len)
{
    size_t at = strlen(name);

    if (line_len <= at || strncasecmp(line, name, at) != 0 || line[at] != ':')
        return NULL;
    for (at++; at < line_len && (line[at] == ' ' || line[at] == '\t'); at++)
        ;
    while (line_len > at && strchr("\r\n \t", line[line_len - 1]) != NULL)
        line_len--;
    *len = line_len - at;
    return line + at;
}

static void
keep(char *out, size_t size, const char *value, size_t len)
{
    if (len < size) {
        memcpy(out, value, len);
        out[len] = '\0';
    }
}

void
fetch_head_line(struct fetch_head *h, const char *line, size_t len)
{
    const char *value;
    char number[16] = "";
    size_t n;

    if (len >= 12 && strncmp(line, "HTTP/", 5) == 0) {
        const char *space = memchr(line, ' ', len);
        *h = (struct fetch_head){0};
        if (space != NULL && len - (size_t)(space - line) > 3) {
            keep(number, sizeof number, space + 1, 3);
            h->status = strtol(number, NULL, 10);
        }
    } else if ((value = value_of(line, len, "etag", &n)) != NULL) {
        keep(h->tag, sizeof h->tag, value, n);
    } else if ((value = value_of(line, len, "content-range", &n)) != NULL) {
        keep(h->range, sizeof h->range, value, n);
    } else if ((value = value_of(line, len, "retry-after", &n)) != NULL) {
        keep(number, sizeof number, value, n);
        h->retry_after = strtol(number, NULL, 10); /* a date gives 0: our own pause will do */
    }
}

static int
check_url(const char *url, struct err *e)
{
    bool near = transfer_is_loopback(url);

    if (strlen(url) >= 4096)
        return err_set(e, ST_INVALID, "The address is too long.", NULL);
    if (strncasecmp(url, "https://", 8) != 0 && !(near && strncasecmp(url, "http://", 7) == 0))
        return err_setf(e, ST_INVALID,
                        "%.150s: the address must begin with https:// (http:// is for this machine "
                        "alone).",
                        url);
    if (transfer_has_user(url))
        return err_set(e, ST_INVALID, "An address must hold no user and no password.", NULL);
    return ST_OK;
}

/* The headers of one hop. ST_INVALID for a line break, which would begin a header of its own. */
static int
put_headers(const char *const *from, const char **out, size_t *count, struct err *e)
{
    for (; from != NULL && *from != NULL; from++) {
        if (strpbrk(*from, "\r\n") != NULL || *count + 1 >= HEADERS)
            return err_set(e, ST_INVALID, "A header of the request is not valid.", NULL);
        out[(*count)++] = *from;
    }
    out[*count] = NULL;
    return ST_OK;
}

int
fetch_exchange(struct fetch *f, struct transfer_request *r, const char *const *secret,
               const char *const *plain, struct transfer_result *result, struct err *e)
{
    static const char *const BASE[] = {"User-Agent: gempix/2", "Accept: */*",
                                       "Accept-Encoding: identity", NULL};
    const char *first = r->url, *headers[HEADERS];
    char url[4096];
    int rc;

    r->protocols = "http,https";
    r->connect_s = f->options.connect_s;
    r->slow_bytes = SLOW_BYTES;
    r->slow_s = f->options.slow_s;
    for (int hop = 0;; hop++) {
        size_t count = 0;
        if ((rc = check_url(r->url, e)) != ST_OK ||
            (rc = put_headers(BASE, headers, &count, e)) != ST_OK ||
            (rc = put_headers(plain, headers, &count, e)) != ST_OK)
            break;
        if (transfer_same_site(first, r->url) &&
            (rc = put_headers(secret, headers, &count, e)) != ST_OK)
            break;
        r->headers = headers;
        r->direct = transfer_is_loopback(r->url);
        if ((rc = transfer_run(f->transfer, r, result, e)) != ST_OK)
            break;
        if (!result->done || result->redirect[0] == '\0' || r->body != NULL)
            break;
        if (hop == HOPS) {
            rc = err_setf(e, ST_IO, "%.150s redirects too often.", first);
            break;
        }
        /* What came from elsewhere must not lead to this machine's own services. */
        if (transfer_is_loopback(result->redirect) && !transfer_is_loopback(r->url)) {
            rc = err_setf(e, ST_INVALID, "%.150s redirects to this machine.", first);
            break;
        }
        snprintf(url, sizeof url, "%s", result->redirect);
        r->url = url;
    }
    r->url = first;
    r->headers = NULL;
    return rc;
}

bool
fetch_may_pass(const struct transfer_result *r)
{
    return r->again || (r->done && (r->answer >= 500 || r->answer == 408 || r->answer == 429));
}

void
fetch_pause(const struct fetch *f, int attempt, long retry_after)
{
    long ms = f->options.pause_ms;
    struct timespec t;

    for (int i = 1; i < attempt && ms < PAUSE_MAX_MS; i++)
        ms *= 2;
    ms = ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS;
    if (retry_after > RETRY_AFTER_MAX_S)
        retry_after = RETRY_AFTER_MAX_S;
    if (retry_after * 1000 > ms)
        ms = retry_after * 1000;
    t = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

struct small {
    struct fetch_head head;
    struct text *body;
};

static int
small_header(void *ctx, const char *line, size_t len)
{
    struct small *s = ctx;

    fetch_head_line(&s->head, line, len);
    if (len >= 5 && strncmp(line, "HTTP/", 5) == 0)
        text_clear(s->body); /* of a redirect */
    return 0;
}

static int
small_data(void *ctx, const void *bytes, size_t len)
{
    struct small *s = ctx;

    text_put(s->body, bytes, len);
    return s->body->failed;
}

int
fetch_memory(struct fetch *f, const struct fetch_request *r, struct fetch_answer *out,
             struct err *e)
{
    struct small s = {.body = &out->body};
    struct transfer_request t = {.url = r->url,
                                 .method = r->method,
                                 .body = r->body,
                                 .body_len = r->body_len,
                                 .whole_s = r->timeout_s != 0 ? r->timeout_s : 60,
                                 .ctx = &s,
                                 .on_header = small_header,
                                 .on_data = small_data};
    bool repeat = r->repeat || (r->body == NULL && r->method == NULL);
    struct transfer_result result;
    int rc;

    *out = (struct fetch_answer){0};
    text_init(&out->body, r->max);
    for (int attempt = 1;; attempt++) {
        if ((rc = fetch_exchange(f, &t, r->headers, NULL, &result, e)) != ST_OK)
            break;
        if (!repeat || attempt == f->options.attempts || !fetch_may_pass(&result))
            break;
        fetch_pause(f, attempt, s.head.retry_after);
        text_clear(&out->body);
    }
    if (rc == ST_OK && result.done)
        out->status = result.answer;
    else if (rc == ST_OK && result.stopped)
        rc = err_setf(e, ST_TOOBIG, "The answer of %.150s is longer than %zu bytes.", r->url,
                      r->max);
    else if (rc == ST_OK)
        rc = err_set(e, ST_IO,
                     result.untrusted
                         ? "The server's certificate is not valid: it may be another one."
                         : "The server could not be reached or did not answer.",
                     "%.200s: %s", r->url, result.error);
    if (rc != ST_OK)
        text_release(&out->body);
    return rc;
}
