/*
 * Every configuration key, its type, bounds and default. To add one: a member of struct conf, a
 * line here, a line in etc/gempix.yaml. The manual page and `gempixctl config keys` follow the
 * `about` texts.
 */
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "common/conf_key.h"
#include "common/err.h"

#define AT(member) offsetof(struct conf, member)
#define YEAR 31536000.0
#ifndef GEMPIX_LIBEXECDIR
#define GEMPIX_LIBEXECDIR "/usr/libexec/gempix"
#endif
#ifndef GEMPIX_DATADIR
#define GEMPIX_DATADIR "/usr/share/gempix"
#endif
#ifndef GEMPIX_BINDIR
#define GEMPIX_BINDIR "/usr/bin"
#endif

const struct conf_key conf_keys[] = {
    {"site.name", CONF_TEXT, AT(site.name), 1, 80, "Gempix 2", NULL, "the name visitors see"},
    {"site.url", CONF_TEXT, AT(site.url), 8, 200, NULL, NULL,
     "the address visitors use, https://example.org, without a slash at the end"},
    {"site.contact", CONF_TEXT, AT(site.contact), 0, 254, "", NULL,
     "e-mail address on the foot of every page"},
    {"site.secret_file", CONF_SECRET, AT(site.secret_file), 1, 4000, NULL, NULL,
     "file with the site's secret; `gempixctl secret new FILE` makes one"},

    {"db.socket", CONF_PATH, AT(db.socket), 1, 107, "/run/mysqld/mysqld.sock", NULL,
     "UNIX socket of the MariaDB server"},
    {"db.name", CONF_TEXT, AT(db.name), 1, 64, "gempix", NULL, "database (schema)"},
    {"db.user", CONF_TEXT, AT(db.user), 0, 80, "", NULL,
     "database user; empty: the name of the system user that runs the program"},
    {"db.password_file", CONF_SECRET, AT(db.password_file), 0, 4000, "", NULL,
     "file with the password; empty: unix_socket authentication"},

    {"media.root", CONF_PATH, AT(media.root), 1, 4000, NULL, NULL, "directory of the media store"},
    {"media.transient", CONF_INT, AT(media.transient), 60, YEAR, "86400", NULL,
     "seconds that an unsaved result or upload lives"},
    {"media.upload_max", CONF_INT, AT(media.upload_max), 1024, 1073741824, "10485760", NULL,
     "bytes of the largest upload"},
    {"media.upload_pixels", CONF_INT, AT(media.upload_pixels), 4096, 268435456, "16777216", NULL,
     "pixels of the largest picture that is taken in"},
    {"media.upload_lives", CONF_INT, AT(media.upload_lives), 0, YEAR, "600", NULL,
     "seconds that an upload stays after the work with it has ended"},

    {"app.requests", CONF_INT, AT(app.requests), 1, 1000000, "20000", NULL,
     "requests after which a worker ends and a fresh one starts"},
    {"app.seconds", CONF_INT, AT(app.seconds), 1, 86400, "600", NULL,
     "seconds after which a worker ends"},
    {"app.templates", CONF_PATH, AT(app.templates), 1, 4000, GEMPIX_DATADIR "/templates", NULL,
     "directory of the page templates"},
    {"app.languages", CONF_PATH, AT(app.languages), 1, 4000, GEMPIX_LOCALEDIR, NULL,
     "directory of the languages' catalogues"},
    {"app.helpers", CONF_PATH, AT(app.helpers), 1, 4000, GEMPIX_LIBEXECDIR, NULL,
     "directory of the programs that workers start: gempix-pack, gempix-convert"},
    {"app.static_dir", CONF_PATH, AT(app.static_dir), 1, 4000, GEMPIX_DATADIR "/static", NULL,
     "directory of style sheets and scripts; nginx serves it"},
    {"app.static_url", CONF_TEXT, AT(app.static_url), 1, 200, "/static", NULL,
     "address of that directory"},
    {"app.accel", CONF_TEXT, AT(app.accel), 1, 200, "/_media", NULL,
     "internal nginx location of the media store"},

    {"credits.welcome", CONF_INT, AT(credits.welcome), 0, 1000000, "20", NULL,
     "credits of a new account"},
    {"credits.image", CONF_INT, AT(credits.image), 1, 100000, "1", NULL,
     "credits for an image of credits.pixels pixels and credits.steps steps or less"},
    {"credits.pixels", CONF_INT, AT(credits.pixels), 1, 16777216, "65536", NULL,
     "pixels of that image; larger ones cost more, as they take longer"},
    {"credits.steps", CONF_INT, AT(credits.steps), 1, 1000, "25", NULL,
     "steps of that image; more cost more, as they take longer"},

    {"model.name", CONF_TEXT, AT(model.name), 1, 64, "gempix-tiny", NULL,
     "short name of the model, as jobs carry it"},
    {"model.path", CONF_PATH, AT(model.path), 1, 4000, GEMPIX_DATADIR "/models/gempix-tiny", NULL,
     "folder of the model in the diffusers layout"},
    {"model.size", CONF_INT, AT(model.size), 32, 2048, "256", NULL,
     "native side in pixels, a multiple of 8"},
    {"model.size_max", CONF_INT, AT(model.size_max), 32, 4096, "512", NULL,
     "largest side offered, a multiple of 8"},
    {"model.steps", CONF_INT, AT(model.steps), 1, 1000, "25", NULL, "steps when none are chosen"},
    {"model.steps_max", CONF_INT, AT(model.steps_max), 1, 1000, "50", NULL, "most steps offered"},
    {"model.guidance", CONF_REAL, AT(model.guidance), 1, 30, "5.0", NULL,
     "guidance scale when none is chosen"},
    {"model.edit", CONF_TEXT, AT(model.edit), 0, 64, "", NULL,
     "installed model that follows instructions for a picture; empty: not offered"},
    {"model.repaint", CONF_TEXT, AT(model.repaint), 0, 64, "", NULL,
     "installed model that draws parts of a picture anew; empty: the model itself"},
    {"model.motion", CONF_TEXT, AT(model.motion), 0, 64, "", NULL,
     "installed motion modules for the model; empty: films are not offered"},
    {"model.upscaler", CONF_TEXT, AT(model.upscaler), 0, 64, "", NULL,
     "installed network that enlarges pictures; empty: not offered"},
    {"model.cleaner", CONF_TEXT, AT(model.cleaner), 0, 64, "", NULL,
     "installed network that fills holes; empty: they are filled from the picture itself"},

    {"models.dir", CONF_PATH, AT(models.dir), 1, 4000, "/var/lib/gempix/models", NULL,
     "folder that `gempixctl model install` puts models into"},
    {"models.hub", CONF_TEXT, AT(models.hub), 0, 190, "", NULL,
     "address of a hub of models, https://…, without a slash at the end; empty: none"},
    {"models.token_file", CONF_SECRET, AT(models.token_file), 0, 4000, "", NULL,
     "file with the token for that hub, where it asks for one"},
    {"models.engine", CONF_PATH, AT(models.engine), 1, 4000, GEMPIX_BINDIR "/gempix-image", NULL,
     "program that tests an installed model"},

    {"render.lease", CONF_INT, AT(render.lease), 2, 3600, "60", NULL,
     "seconds a claimed job is kept without a sign of life"},
    {"render.attempts", CONF_INT, AT(render.attempts), 1, 20, "3", NULL,
     "claims of one job before it fails"},
    {"render.threads", CONF_INT, AT(render.threads), 0, 1024, "0", NULL,
     "threads; 0: one per core"},
    {"render.poll_min", CONF_INT, AT(render.poll_min), 10, 60000, "200", NULL,
     "milliseconds between polls while there is work"},
    {"render.poll_max", CONF_INT, AT(render.poll_max), 10, 600000, "2000", NULL,
     "milliseconds between polls when idle"},
    {"render.preview_every", CONF_INT, AT(render.preview_every), 0, 1000, "5", NULL,
     "steps between previews; 0: none"},
    {"render.memory", CONF_INT, AT(render.memory), 0, 16777216, "0", NULL,
     "MiB of models and working memory together; 0: three quarters of the host's memory"},
    {"render.batch", CONF_INT, AT(render.batch), 1, 16, "4", NULL,
     "pictures that are drawn in one pass of the model"},
    {"render.patience", CONF_INT, AT(render.patience), 10, 86400, "900", NULL,
     "seconds that one step may take before the daemon counts as hung"},
    {"render.state_every", CONF_INT, AT(render.state_every), 0, 86400, "30", NULL,
     "seconds between states that an interrupted job goes on from; 0: none"},
    {"render.decode", CONF_PATH, AT(render.decode), 1, 4000, GEMPIX_LIBEXECDIR "/gempix-decode",
     NULL, "program that decodes pictures of visitors, shut in"},

    {"mail.smtp", CONF_TEXT, AT(mail.smtp), 0, 200, "", NULL,
     "smtp://host:port or smtps://host:port; empty: letters stay in the outbox"},
    {"mail.from", CONF_TEXT, AT(mail.from), 0, 254, "", NULL, "sender address"},
    {"mail.user", CONF_TEXT, AT(mail.user), 0, 254, "", NULL, "user at the SMTP server"},
    {"mail.password_file", CONF_SECRET, AT(mail.password_file), 0, 4000, "", NULL,
     "file with the password for the SMTP server"},

    {"support.address", CONF_TEXT, AT(support.address), 0, 190, "", NULL,
     "address whose mail is handed to gempix-inbound, ADDRESS+… included; empty: no mail comes in"},

    {"safety.prompts", CONF_PATH, AT(safety.prompts), 0, 4000, "", NULL,
     "YAML file of what may not be asked for; empty: anything may"},

    {"policy.dir", CONF_PATH, AT(policy.dir), 1, 4000, GEMPIX_DATADIR "/policy", NULL,
     "directory of the data register, the privacy policy and its older versions"},
    {"policy.grace", CONF_INT, AT(policy.grace), 0, 28, "14", NULL,
     "days in which the deletion of an account can be taken back"},
    {"policy.copies", CONF_PATH, AT(policy.copies), 0, 4000, "", NULL,
     "directory of members' copies of their data; empty: the folder copies beside media.root"},

    {"billing.plans", CONF_PATH, AT(billing.plans), 0, 4000, "", NULL,
     "YAML file of what is for sale; empty: nothing"},
    {"billing.key_file", CONF_SECRET, AT(billing.key_file), 0, 4000, "", NULL,
     "file with the payment processor's secret key"},
    {"billing.webhook_secret_file", CONF_SECRET, AT(billing.webhook_secret_file), 0, 4000, "", NULL,
     "file with the secrets of its webhook, one a line"},
    {"billing.api", CONF_TEXT, AT(billing.api), 1, 200, "https://api.stripe.com", NULL,
     "address of its API"},
    {"billing.checkout", CONF_TEXT, AT(billing.checkout), 1, 200, "https://checkout.stripe.com",
     NULL, "where its payment pages are"},
    {"billing.seller", CONF_TEXT, AT(billing.seller), 0, 400, "", NULL,
     "name, address and tax number on receipts, lines separated by |"},
    {"billing.refund_days", CONF_INT, AT(billing.refund_days), 0, 3650, "14", NULL,
     "days after a payment in which a member may ask for the money of unused credits; 0: never"},

    {"log.level", CONF_TEXT, AT(log.level), 1, 10, "info", "error warning notice info debug",
     "the least important messages that are written"},
    {"log.json", CONF_BOOL, AT(log.json), 0, 1, "false", NULL, "JSON lines instead of plain text"},
};

const size_t conf_key_count = sizeof conf_keys / sizeof conf_keys[0];

static bool
starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int
check_site(const struct conf *c, struct err *e)
{
    if (!starts(c->site.url, "https://") && !starts(c->site.url, "http://"))
        return err_setf(e, ST_INVALID, "site.url: must begin with https:// or http://.");
    if (c->site.url[strlen(c->site.url) - 1] == '/')
        return err_setf(e, ST_INVALID, "site.url: remove the slash at the end.");
    if (c->app.static_url[0] != '/' || c->app.accel[0] != '/')
        return err_setf(e, ST_INVALID, "app.static_url, app.accel: must begin with a slash.");
    if (c->site.contact[0] != '\0' && strchr(c->site.contact, '@') == NULL)
        return err_setf(e, ST_INVALID, "site.contact: must be an e-mail address or empty.");
    return ST_OK;
}

int
conf_keys_check(const struct conf *c, struct err *e)
{
    int rc = check_site(c, e);

    if (rc != ST_OK)
        return rc;
    if (c->models.hub[0] != '\0' && !starts(c->models.hub, "https://") &&
        !starts(c->models.hub, "http://"))
        return err_setf(e, ST_INVALID, "models.hub: must begin with https://.");
    if (c->models.hub[0] != '\0' && c->models.hub[strlen(c->models.hub) - 1] == '/')
        return err_setf(e, ST_INVALID, "models.hub: remove the slash at the end.");
    if (c->model.size % 8 != 0 || c->model.size_max % 8 != 0)
        return err_setf(e, ST_INVALID, "model.size, model.size_max: must be multiples of 8.");
    if (c->model.size > c->model.size_max)
        return err_setf(e, ST_INVALID, "model.size: must not be above model.size_max.");
    if (c->model.steps > c->model.steps_max)
        return err_setf(e, ST_INVALID, "model.steps: must not be above model.steps_max.");
    if (c->render.poll_min > c->render.poll_max)
        return err_setf(e, ST_INVALID, "render.poll_min: must not be above render.poll_max.");
    if (c->mail.smtp[0] != '\0' && !starts(c->mail.smtp, "smtp://") &&
        !starts(c->mail.smtp, "smtps://"))
        return err_setf(e, ST_INVALID, "mail.smtp: must begin with smtp:// or smtps://.");
    if (c->support.address[0] != '\0' && strchr(c->support.address, '@') == NULL)
        return err_setf(e, ST_INVALID, "support.address: must be an e-mail address or empty.");
    if (c->mail.smtp[0] != '\0' && strchr(c->mail.from, '@') == NULL)
        return err_setf(e, ST_INVALID, "mail.from: an address is needed where mail.smtp is set.");
    return ST_OK;
}

static const char *
type_words(const struct conf_key *k, char *out, size_t size)
{
    if (k->words != NULL)
        snprintf(out, size, "one of: %s", k->words);
    else if (k->type == CONF_INT)
        snprintf(out, size, "whole number, %.0f to %.0f", k->min, k->max);
    else if (k->type == CONF_REAL)
        snprintf(out, size, "number, %g to %g", k->min, k->max);
    else if (k->type == CONF_BOOL)
        snprintf(out, size, "true or false");
    else if (k->type == CONF_PATH)
        snprintf(out, size, "path");
    else if (k->type == CONF_SECRET)
        snprintf(out, size, "path or credential:NAME");
    else
        snprintf(out, size, "text");
    return out;
}

void
conf_describe(void (*put)(void *ctx, const char *key, const char *type, const char *standard,
                          const char *about),
              void *ctx)
{
    char type[120];

    for (size_t i = 0; i < conf_key_count; i++) {
        const struct conf_key *k = &conf_keys[i];
        put(ctx, k->name, type_words(k, type, sizeof type), k->standard, k->about);
    }
}
