/*
 * One exchange with a server by libcurl: HTTP, HTTPS or SMTP. The only module that knows curl
 * (curl/curl.h appears in transfer.c alone). It follows no redirects, repeats nothing and judges no
 * answer: fetch.c does that for HTTP, mail_send.c for letters.
 */
#ifndef GEMPIX_COMMON_TRANSFER_H
#define GEMPIX_COMMON_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct transfer; /* keeps connections open from one exchange to the next */

enum transfer_tls {
    TRANSFER_TLS_AS_URL, /* as the scheme says */
    TRANSFER_TLS_TRY,    /* STARTTLS where the server offers it */
    TRANSFER_TLS_MUST
};

struct transfer_request {
    const char *url;
    const char *protocols;      /* the schemes allowed: "http,https" */
    const char *method;         /* of HTTP; NULL = GET, or POST where there is a body */
    const char *const *headers; /* "Name: value", the last is NULL; NULL = none */
    const void *body;           /* of a POST, or the letter; NULL = none */
    size_t body_len;
    const char *mail_from, *mail_to; /* of SMTP, in angle brackets */
    const char *user, *password;     /* NULL = none */
    enum transfer_tls tls;
    bool direct;             /* by no proxy, whatever the environment says */
    long connect_s, whole_s; /* seconds; 0 = no limit for the whole */
    long slow_bytes,
        slow_s; /* given up after slow_s seconds below slow_bytes a second; 0 = never */
    void *ctx;
    /* One line of the answer's head, with its line end. Nonzero stops. NULL is legal. */
    int (*on_header)(void *ctx, const char *line, size_t len);
    /* The next bytes of the answer's body. Nonzero stops. NULL: they are dropped. */
    int (*on_data)(void *ctx, const void *bytes, size_t len);
};

struct transfer_result {
    bool done;           /* the whole answer came, whatever it says */
    bool stopped;        /* a callback stopped it */
    bool away;           /* the server could not be talked to at all */
    bool untrusted;      /* its certificate is not valid */
    bool again;          /* the failure may be gone in a moment */
    long answer;         /* last status of HTTP or SMTP; 0 = none */
    char redirect[4096]; /* where an HTTP answer points to, as a whole URL; "" = nowhere */
    char error[256];     /* what curl says, for the log */
};

/* 0 or ST_NOMEM. transfer_free(*out). */
int transfer_new(struct transfer **out, struct err *e);
void transfer_free(struct transfer *t); /* NULL is legal */
/* Runs one exchange. 0 whatever came of it (see *result), or ST_NOMEM. */
int transfer_run(struct transfer *t, const struct transfer_request *r,
                 struct transfer_result *result, struct err *e);

/* Does the URL's host name this very machine? Names that only begin like it are strangers. */
bool transfer_is_loopback(const char *url);
/* Does the URL carry a user or a password? True also for what is no URL. */
bool transfer_has_user(const char *url);
/* Do both URLs lead to the same scheme, host and port? */
bool transfer_same_site(const char *a, const char *b);

#endif
