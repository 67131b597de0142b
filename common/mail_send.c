/*
 * SMTP by libcurl. Knows neither the outbox nor how a letter is written. Read next: mail_deliver.c.
 */
#include "common/mail_send.h"

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

/* A relay on this machine often shows a certificate of its own making; nobody is in between. */
static bool
is_loopback(const char *url)
{
    static const char *const HOSTS[] = {"smtp://127.", "smtp://localhost", "smtp://[::1]"};

    for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++)
        if (strncmp(url, HOSTS[i], strlen(HOSTS[i])) == 0)
            return true;
    return false;
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
    return err_set(e, ST_IO, "The mail server did not take the letter.", "%s (answer %ld)",
                   l->error[0] != '\0' ? l->error : curl_easy_strerror(code), answer);
}
