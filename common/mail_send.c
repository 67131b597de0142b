/*
 * Letters by SMTP, on transfer.h. Knows neither the outbox nor how a letter is written. Read next:
 * mail_deliver.c.
 */
#include "common/mail_send.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/transfer.h"

#define CONNECT_S 15L
#define WHOLE_S 60L
#define PASSWORD_MAX 256

struct mail_link {
    struct transfer *transfer;
    char *url, *user;
    char from[300]; /* in angle brackets */
    char password[PASSWORD_MAX];
    enum transfer_tls tls;
};

/* A password never travels in the clear. A relay on this machine often shows a certificate of its
 * own making; nobody is in between. */
static int
set_user(struct mail_link *l, const struct conf *conf, struct err *e)
{
    bool near =
        strncmp(conf->mail.smtp, "smtp://", 7) == 0 && transfer_is_loopback(conf->mail.smtp);

    l->tls = near ? TRANSFER_TLS_AS_URL : TRANSFER_TLS_TRY;
    if (conf->mail.user[0] == '\0')
        return ST_OK;
    if (!near)
        l->tls = TRANSFER_TLS_MUST;
    if ((l->user = strdup(conf->mail.user)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "user of the mail server");
    if (conf->mail.password_file[0] == '\0')
        return ST_OK;
    return conf_secret(conf->mail.password_file, l->password, sizeof l->password, e);
}

int
mail_link_new(const struct conf *conf, struct mail_link **out, struct err *e)
{
    struct mail_link *l = calloc(1, sizeof *l);
    int rc;

    *out = NULL;
    if (l == NULL || (l->url = strdup(conf->mail.smtp)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "link to the mail server");
        goto out;
    }
    if ((rc = transfer_new(&l->transfer, e)) != ST_OK)
        goto out;
    /* Configurations are shown and logged; a user in the URL would also pass by set_user's rule. */
    if (transfer_has_user(l->url)) {
        rc = err_set(e, ST_INVALID,
                     "mail.smtp: user and password belong in mail.user and mail.password_file.",
                     NULL);
        goto out;
    }
    snprintf(l->from, sizeof l->from, "<%s>", conf->mail.from);
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
    transfer_free(l->transfer);
    crypto_wipe(l->password, sizeof l->password);
    free(l->url);
    free(l->user);
    free(l);
}

int
mail_link_send(struct mail_link *l, const char *recipient, const char *message, size_t size,
               struct err *e)
{
    char address[300];
    struct transfer_request request = {
        .url = l->url,
        .protocols = "smtp,smtps",
        .body = message,
        .body_len = size,
        .mail_from = l->from,
        .mail_to = address,
        .user = l->user,
        .password = l->user != NULL ? l->password : NULL,
        .tls = l->tls,
        .direct = true,
        .connect_s = CONNECT_S,
        .whole_s = WHOLE_S,
    };
    struct transfer_result result;
    int rc;

    snprintf(address, sizeof address, "<%s>", recipient);
    if ((rc = transfer_run(l->transfer, &request, &result, e)) != ST_OK)
        return rc;
    if (result.done)
        return ST_OK;
    /* 421 is "closing", whatever was asked. */
    return err_set(e, result.away || result.answer == 421 ? ST_IO : ST_DENIED,
                   "The mail server did not take the letter.", "%s (answer %ld)", result.error,
                   result.answer);
}
