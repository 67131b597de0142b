/*
 * libcurl behind one function. Knows nothing of files, retries or letters. The library comes into
 * the process with the first transfer: with all that it needs itself it is five megabytes, and most
 * workers never call anybody. Read next: fetch.h, mail_send.c.
 */
#include "common/transfer.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/err.h"

#define LIBRARY "libcurl.so.4" /* the number stands for what curl/curl.h says */

/* The functions of libcurl that are used here, under their names without "curl_". */
#define FUNCTIONS(F)                                                                               \
    F(global_init)                                                                                 \
    F(easy_init)                                                                                   \
    F(easy_cleanup)                                                                                \
    F(easy_reset)                                                                                  \
    F(easy_setopt)                                                                                 \
    F(easy_perform)                                                                                \
    F(easy_getinfo)                                                                                \
    F(easy_strerror)                                                                               \
    F(free)                                                                                        \
    F(slist_append)                                                                                \
    F(slist_free_all)                                                                              \
    F(url)                                                                                         \
    F(url_cleanup)                                                                                 \
    F(url_get)                                                                                     \
    F(url_set)

#define MEMBER(name) __typeof__(curl_##name) *name;
static struct {
    FUNCTIONS(MEMBER)
} lib;

#define PLACE(name) {"curl_" #name, offsetof(__typeof__(lib), name)},
static const struct {
    const char *name;
    size_t place;
} functions[] = {FUNCTIONS(PLACE)};

/* Once, by whoever comes first; not for several threads at a time. */
static bool
load(void)
{
    static bool loaded;
    void *handle = loaded ? NULL : dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (loaded || handle == NULL)
        return loaded;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *found = dlsym(handle, functions[i].name);

        if (found == NULL)
            return false;
        memcpy((char *)&lib + functions[i].place, &found, sizeof found);
    }
    return loaded = lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct transfer {
    CURL *curl;
    char error[CURL_ERROR_SIZE];
};

/* What the callbacks share during one exchange. */
struct exchange {
    const struct transfer_request *r;
    size_t sent;
    bool stopped;
};

int
transfer_new(struct transfer **out, struct err *e)
{
    struct transfer *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL || !load() || (t->curl = lib.easy_init()) == NULL) {
        free(t);
        return err_set(e, ST_NOMEM, "Please try again later.", "starting " LIBRARY);
    }
    *out = t;
    return ST_OK;
}

void
transfer_free(struct transfer *t)
{
    if (t == NULL)
        return;
    lib.easy_cleanup(t->curl);
    free(t);
}

static size_t
read_letter(char *out, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;
    size_t left = x->r->body_len - x->sent;
    size_t n = size * count < left ? size * count : left;

    memcpy(out, (const char *)x->r->body + x->sent, n);
    x->sent += n;
    return n;
}

static size_t
take_header(char *line, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;

    if (x->r->on_header != NULL && x->r->on_header(x->r->ctx, line, size * count) != 0) {
        x->stopped = true;
        return 0;
    }
    return size * count;
}

static size_t
take_data(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;

    if (x->r->on_data != NULL && x->r->on_data(x->r->ctx, bytes, size * count) != 0) {
        x->stopped = true;
        return 0;
    }
    return size * count;
}

static int
set_http(CURL *c, const struct transfer_request *r, struct curl_slist **headers)
{
    for (size_t i = 0; r->headers != NULL && r->headers[i] != NULL; i++) {
        struct curl_slist *longer = lib.slist_append(*headers, r->headers[i]);
        if (longer == NULL)
            return ST_NOMEM;
        *headers = longer;
    }
    lib.easy_setopt(c, CURLOPT_HTTPHEADER, *headers);
    lib.easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    if (r->body != NULL) {
        lib.easy_setopt(c, CURLOPT_POST, 1L);
        lib.easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
        lib.easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
    }
    if (r->method != NULL)
        lib.easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
    return ST_OK;
}

static int
set_smtp(CURL *c, const struct transfer_request *r, struct exchange *x, struct curl_slist **to)
{
    if ((*to = lib.slist_append(NULL, r->mail_to)) == NULL)
        return ST_NOMEM;
    lib.easy_setopt(c, CURLOPT_MAIL_FROM, r->mail_from);
    lib.easy_setopt(c, CURLOPT_MAIL_RCPT, *to);
    lib.easy_setopt(c, CURLOPT_UPLOAD, 1L);
    lib.easy_setopt(c, CURLOPT_READFUNCTION, read_letter);
    lib.easy_setopt(c, CURLOPT_READDATA, x);
    lib.easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->body_len);
    return ST_OK;
}

static void
set_common(struct transfer *t, const struct transfer_request *r, struct exchange *x)
{
    static const long TLS[] = {CURLUSESSL_NONE, CURLUSESSL_TRY, CURLUSESSL_ALL};
    CURL *c = t->curl;

    lib.easy_setopt(c, CURLOPT_URL, r->url);
    lib.easy_setopt(c, CURLOPT_PROTOCOLS_STR, r->protocols);
    lib.easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    lib.easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
    lib.easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    lib.easy_setopt(c, CURLOPT_CONNECTTIMEOUT, r->connect_s);
    lib.easy_setopt(c, CURLOPT_TIMEOUT, r->whole_s);
    lib.easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, r->slow_bytes);
    lib.easy_setopt(c, CURLOPT_LOW_SPEED_TIME, r->slow_s);
    lib.easy_setopt(c, CURLOPT_USE_SSL, TLS[r->tls]);
    if (r->direct)
        lib.easy_setopt(c, CURLOPT_PROXY, "");
    if (r->user != NULL)
        lib.easy_setopt(c, CURLOPT_USERNAME, r->user);
    if (r->password != NULL)
        lib.easy_setopt(c, CURLOPT_PASSWORD, r->password);
    lib.easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    lib.easy_setopt(c, CURLOPT_HEADERDATA, x);
    lib.easy_setopt(c, CURLOPT_WRITEFUNCTION, take_data);
    lib.easy_setopt(c, CURLOPT_WRITEDATA, x);
}

static bool
is_among(CURLcode code, const CURLcode *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code == list[i])
            return true;
    return false;
}

static void
judge(struct transfer *t, CURLcode code, const struct exchange *x, struct transfer_result *out)
{
    /* The next exchange with this server would fare alike. */
    static const CURLcode AWAY[] = {
        CURLE_COULDNT_RESOLVE_HOST,     CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
        CURLE_SSL_CONNECT_ERROR,        CURLE_USE_SSL_FAILED,  CURLE_LOGIN_DENIED,
        CURLE_PEER_FAILED_VERIFICATION, CURLE_GOT_NOTHING,     CURLE_URL_MALFORMAT,
    };
    /* Networks and servers that are busy do this, and stop doing it. */
    static const CURLcode AGAIN[] = {
        CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
        CURLE_GOT_NOTHING,          CURLE_PARTIAL_FILE,    CURLE_RECV_ERROR,
        CURLE_SEND_ERROR,           CURLE_HTTP2,           CURLE_HTTP2_STREAM,
        CURLE_SSL_CONNECT_ERROR,
    };
    const char *redirect = NULL;

    out->done = code == CURLE_OK;
    out->stopped = x->stopped;
    out->away = is_among(code, AWAY, sizeof AWAY / sizeof *AWAY);
    out->untrusted = code == CURLE_PEER_FAILED_VERIFICATION;
    out->again = !x->stopped && is_among(code, AGAIN, sizeof AGAIN / sizeof *AGAIN);
    lib.easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &out->answer);
    if (lib.easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &redirect) == CURLE_OK &&
        redirect != NULL && strlen(redirect) < sizeof out->redirect)
        snprintf(out->redirect, sizeof out->redirect, "%s", redirect);
    if (code != CURLE_OK)
        snprintf(out->error, sizeof out->error, "%s",
                 t->error[0] != '\0' ? t->error : lib.easy_strerror(code));
}

int
transfer_run(struct transfer *t, const struct transfer_request *r, struct transfer_result *result,
             struct err *e)
{
    struct exchange x = {.r = r};
    struct curl_slist *list = NULL;
    int rc;

    *result = (struct transfer_result){0};
    lib.easy_reset(t->curl); /* keeps the connections */
    t->error[0] = '\0';
    set_common(t, r, &x);
    rc = r->mail_to != NULL ? set_smtp(t->curl, r, &x, &list) : set_http(t->curl, r, &list);
    if (rc == ST_OK)
        judge(t, lib.easy_perform(t->curl), &x, result);
    else
        err_set(e, rc, "Please try again later.", "preparing a transfer");
    lib.easy_reset(t->curl); /* nothing of this call may be looked at later */
    lib.slist_free_all(list);
    return rc;
}

static void
free_part(char *part)
{
    if (part != NULL)
        lib.free(part);
}

/* One part of the URL, as curl itself understands it when it connects. Heap memory (free_part), or
 * NULL when there is none. */
static char *
url_part(const char *url, CURLUPart part)
{
    CURLU *parsed = load() ? lib.url() : NULL;
    char *out = NULL;

    if (parsed == NULL || lib.url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        lib.url_get(parsed, part, &out, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) !=
            CURLUE_OK)
        out = NULL;
    if (parsed != NULL)
        lib.url_cleanup(parsed);
    return out;
}

bool
transfer_is_loopback(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST);
    struct in_addr address;
    bool is = false;

    if (host != NULL)
        is = strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
             (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
    free_part(host);
    return is;
}

bool
transfer_has_user(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST);
    char *user = url_part(url, CURLUPART_USER), *password = url_part(url, CURLUPART_PASSWORD);
    bool has = host == NULL || user != NULL || password != NULL;

    free_part(host);
    free_part(user);
    free_part(password);
    return has;
}

bool
transfer_same_site(const char *a, const char *b)
{
    static const CURLUPart PARTS[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    bool same = true;

    for (size_t i = 0; same && i < sizeof PARTS / sizeof *PARTS; i++) {
        char *x = url_part(a, PARTS[i]), *y = url_part(b, PARTS[i]);
        same = x != NULL && y != NULL && strcmp(x, y) == 0;
        free_part(x);
        free_part(y);
    }
    return same;
}
