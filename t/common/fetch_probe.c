/*
 * fetch.h from the command line, for 25-fetch.t.
 *   fetch_probe file URL PATH [size=N] [max=N] [sha256=HEX] [stop=N] [header=LINE]…
 *   fetch_probe get URL [header=LINE]…        fetch_probe post URL BODY [repeat]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"
#include "common/err.h"
#include "common/fetch.h"

static int64_t stop_at = -1;

static int
progress(void *ctx, int64_t done, int64_t total)
{
    (void)ctx;
    (void)total;
    return stop_at >= 0 && done >= stop_at;
}

static const char *
value(const char *word, const char *name)
{
    size_t len = strlen(name);

    return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static int
get_file(struct fetch *f, int argc, char **argv, struct err *e)
{
    const char *headers[8] = {NULL}, *v;
    struct fetch_file file = {.url = argv[2],
                              .path = argv[3],
                              .size = -1,
                              .max = 1 << 24,
                              .headers = headers,
                              .progress = progress};
    struct fetch_done done;
    int rc, n = 0;

    for (int i = 4; i < argc; i++) {
        if ((v = value(argv[i], "size")) != NULL)
            file.size = strtoll(v, NULL, 10);
        else if ((v = value(argv[i], "max")) != NULL)
            file.max = strtoll(v, NULL, 10);
        else if ((v = value(argv[i], "stop")) != NULL)
            stop_at = strtoll(v, NULL, 10);
        else if ((v = value(argv[i], "sha256")) != NULL)
            file.sha256 = v;
        else if ((v = value(argv[i], "header")) != NULL && n < 7)
            headers[n++] = v;
    }
    if ((rc = fetch_file(f, &file, &done, e)) == ST_OK)
        printf("%" PRId64 " bytes, %" PRId64 " resumed, %s\n", done.size, done.resumed,
               done.sha256);
    return rc;
}

static int
get_memory(struct fetch *f, int argc, char **argv, struct err *e)
{
    const char *headers[8] = {NULL}, *v;
    struct fetch_request r = {.url = argv[2], .max = 4096, .headers = headers};
    struct fetch_answer answer;
    int rc, n = 0, at = 3;

    if (strcmp(argv[1], "post") == 0) {
        r.body = argv[at++];
        r.body_len = strlen(r.body);
    }
    for (; at < argc; at++) {
        if ((v = value(argv[at], "header")) != NULL && n < 7)
            headers[n++] = v;
        r.repeat = r.repeat || strcmp(argv[at], "repeat") == 0;
    }
    if ((rc = fetch_memory(f, &r, &answer, e)) == ST_OK)
        printf("%ld: %s\n", answer.status, text_cstr(&answer.body));
    text_release(&answer.body);
    return rc;
}

int
main(int argc, char **argv)
{
    const struct fetch_options options = {.pause_ms = 5, .attempts = 4, .slow_s = 1};
    struct fetch *f = NULL;
    struct err e = {0};
    int rc;

    if (argc < 4 && !(argc == 3 && strcmp(argv[1], "get") == 0))
        return 2;
    if ((rc = crypto_start(&e)) == ST_OK && (rc = fetch_new(&options, &f, &e)) == ST_OK)
        rc = strcmp(argv[1], "file") == 0 ? get_file(f, argc, argv, &e)
                                          : get_memory(f, argc, argv, &e);
    if (rc != ST_OK)
        printf("%s: %s (%s)\n", status_name(rc), e.message, e.detail);
    fetch_free(f);
    return rc != ST_OK;
}
