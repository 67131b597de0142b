/*
 * SMTP by libcurl. Knows neither the outbox nor how a letter is written. Read next: mail_deliver.c.
 */
#include "common/mail_send.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"

#define CONNECT_S 15L
#define WHOLE_S 60L
#define PASSWORD_MAX 256

struct mail_link {
    CURL *curl;
    char from[300]; /* in angle brackets */
    char error[CURL_ERROR_SIZE];
};

struct source {
    const char *data;
    size_t left;
};

static size_t
read_source(char *out, size_t size, size_t count, void *arg)
{
    struct source *s = arg;
    size_t n = size * count < s->left ? size * count : s->left;

    memcpy(out, s->data, n);
    s->data += n;
    s->left -= n;
    return n;
}

/* One part of the URL, as curl itself understands it when it connects. Heap memory (curl_free), or
 * NULL when there is none. */
static char *
url_part(const char *url, CURLUPart part)
{
    CURLU *parsed = curl_url();
    char *out = NULL;

    if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, part, &out, 0) != CURLUE_OK)
        out = NULL;
    curl_url_cleanup(parsed);
    return out;
}

/* A relay on this machine often shows a certificate of its own making; nobody is in between. Names
 * that only begin like this machine's are strangers. */
static bool
is_loopback(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST);
    struct in_addr address;
    bool is = false;

    if (host != NULL && strncmp(url, "smtp://", 7) == 0)
        is = strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
             (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
    curl_free(host);
    return is;
}

/* Configurations are shown and logged; a user in the URL would also pass by the rule below. */
static int
check_url(const char *url, struct err *e)
{
    char *user = url_part(url, CURLUPART_USER), *password = url_part(url, CURLUPART_PASSWORD);
    bool bad = user != NULL || password != NULL;

    curl_free(user);
    curl_free(password);
    return bad ? err_set(e, ST_INVALID,
                         "mail.smtp: user and password belong in mail.user and mail.password_file.",
                         NULL)
               : ST_OK;
}

/* A password never travels in the clear. */
static int
set_user(struct mail_link *l, const struct conf *conf, struct err *e)
{
    char password[PASSWORD_MAX] = "";
    int rc;

    curl_easy_setopt(l->curl, CURLOPT_USE_SSL,
                     (long)(is_loopback(conf->mail.smtp) ? CURLUSESSL_NONE : CURLUSESSL_TRY));
    if (conf->mail.user[0] == '\0')
        return ST_OK;
    if (conf->mail.password_file[0] != '\0') {
        if ((rc = conf_secret(conf->mail.password_file, password, sizeof password, e)) != ST_OK)
            return rc;
    }
    if (!is_loopback(conf->mail.smtp))
        curl_easy_setopt(l->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    curl_easy_setopt(l->curl, CURLOPT_USERNAME, conf->mail.user);
    curl_easy_setopt(l->curl, CURLOPT_PASSWORD, password);
    crypto_wipe(password, sizeof password);
    return ST_OK;
}

int
mail_link_new(const struct conf *conf, struct mail_link **out, struct err *e)
{
    struct mail_link *l = calloc(1, sizeof *l);
    int rc;

    *out = NULL;
    if (l == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (l->curl = curl_easy_init()) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "starting curl");
        goto out;
    }
    if ((rc = check_url(conf->mail.smtp, e)) != ST_OK)
        goto out;
    snprintf(l->from, sizeof l->from, "<%s>", conf->mail.from);
    curl_easy_setopt(l->curl, CURLOPT_URL, conf->mail.smtp);
    curl_easy_setopt(l->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(l->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(l->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(l->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(l->curl, CURLOPT_TIMEOUT, WHOLE_S);
    curl_easy_setopt(l->curl, CURLOPT_ERRORBUFFER, l->error);
    curl_easy_setopt(l->curl, CURLOPT_MAIL_FROM, l->from);
    curl_easy_setopt(l->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(l->curl, CURLOPT_READFUNCTION, read_source);
    if ((rc = set_user(l, conf, e)) != ST_OK)
        goto out;
    *out = l;
    l = NULL; /* ownership moved to the caller */
out:
    mail_link_free(l);
    return rc;
}

void
mail_link_free(struct mail_link *l)
{
    if (l == NULL)
        return;
    curl_easy_cleanup(l->curl);
    free(l);
}

/* True when the server could not be talked to at all, so that the next letter would fare alike. */
static bool
is_away(CURLcode code, long answer)
{
    static const CURLcode AWAY[] = {
        CURLE_COULDNT_RESOLVE_HOST,
        CURLE_COULDNT_CONNECT,
        CURLE_OPERATION_TIMEDOUT,
        CURLE_SSL_CONNECT_ERROR,
        CURLE_PEER_FAILED_VERIFICATION,
        CURLE_USE_SSL_FAILED,
        CURLE_LOGIN_DENIED,
        CURLE_GOT_NOTHING,
        CURLE_URL_MALFORMAT,
    };

    for (size_t i = 0; i < sizeof AWAY / sizeof AWAY[0]; i++)
        if (code == AWAY[i])
            return true;
    return answer == 421; /* "closing", whatever was asked */
}

int
mail_link_send(struct mail_link *l, const char *recipient, const char *message, size_t size,
               struct err *e)
{
    struct source source = {message, size};
    struct curl_slist *to = NULL;
    char address[300];
    CURLcode code;
    long answer = 0;

    snprintf(address, sizeof address, "<%s>", recipient);
    if ((to = curl_slist_append(NULL, address)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "recipient");
    l->error[0] = '\0';
    curl_easy_setopt(l->curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(l->curl, CURLOPT_READDATA, &source);
    curl_easy_setopt(l->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    code = curl_easy_perform(l->curl);
    curl_easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &answer);
    curl_easy_setopt(l->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(to);
    if (code == CURLE_OK)
        return ST_OK;
    return err_set(e, is_away(code, answer) ? ST_IO : ST_DENIED,
                   "The mail server did not take the letter.", "%s (answer %ld)",
                   l->error[0] != '\0' ? l->error : curl_easy_strerror(code), answer);
}
