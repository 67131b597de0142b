/*
 * gempix-app: one worker of the site. Everything it needs is opened here; app/http/fcgi.c waits for
 * requests and app/http/dispatch.c answers them. A worker ends by itself after a while and is
 * started again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/http/app.h"
#include "app/http/dispatch.h"
#include "app/http/fcgi.h"
#include "app/http/url.h"
#include "app/lean.h"
#include "app/routes.h"
#include "app/view/templates.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"
#include "common/processor.h"
#include "common/store.h"

#define REQUEST_MEMORY ((size_t)64 << 20) /* bytes that one request may use, its body included */

#define LEAN_EVERY 500 /* requests */

#ifndef GEMPIX_SYSCONFDIR
#define GEMPIX_SYSCONFDIR "/etc/gempix"
#endif

/* The secret under which addresses are counted and tokens are made: a hash, so that its length does
 * not matter. */
static int
read_secret(struct app *app, struct err *e)
{
    char secret[4096];
    int rc = conf_secret(app->conf->site.secret_file, secret, sizeof secret, e);

    if (rc == ST_OK && strlen(secret) < 32)
        rc = err_setf(e, ST_INVALID, "site.secret_file: 32 characters or more are needed.");
    if (rc == ST_OK)
        crypto_sha256(secret, strlen(secret), app->secret);
    crypto_wipe(secret, sizeof secret);
    return rc;
}

/* A key that cannot be read is told where somebody wants to buy. */
static bool
tests_payments(const struct conf *conf)
{
    bool live;

    return processor_configured(conf) && processor_is_live(conf, &live, NULL) == ST_OK && !live;
}

static int
open_parts(struct app *app, struct err *e)
{
    const struct conf *conf = app->conf;
    int rc;

    app->tls = strncmp(conf->site.url, "https:", 6) == 0;
    app->test_payments = tests_payments(conf);
    app->prepare = routes_prepare;
    app->visited = routes_visited;
    app->notice = routes_notice;
    app->admit = routes_admit;
    if ((rc = language_start(conf->app.languages, e)) != ST_OK ||
        (rc = read_secret(app, e)) != ST_OK ||
        (rc = store_open(conf->media.root, &app->store, e)) != ST_OK)
        return rc;
    app->arena = arena_new(REQUEST_MEMORY);
    app->templates = templates_new(conf->app.templates);
    app->stamps = stamps_new(conf->app.static_dir);
    if (app->arena == NULL || app->templates == NULL || app->stamps == NULL)
        return err_setf(e, ST_NOMEM, "Out of memory.");
    return ST_OK;
}

static void
close_parts(struct app *app)
{
    arena_free(app->arena);
    templates_free(app->templates);
    stamps_free(app->stamps);
    store_close(app->store);
    db_close(app->db);
    crypto_wipe(app->secret, sizeof app->secret);
}

static void
answer(void *ctx, struct fcgi_call *call)
{
    static int answered;

    dispatch(ctx, call);
    if (answered++ % LEAN_EVERY == 0)
        lean();
}

static int
work(struct app *app, struct err *e)
{
    struct fcgi_limits limits = {app->conf->app.requests, app->conf->app.seconds};
    int fd, rc;

    if ((rc = fcgi_socket(&fd, e)) != ST_OK || (rc = open_parts(app, e)) != ST_OK)
        return rc;
    /* Without a database the visitors get a page that says so. A statement that cannot be prepared
     * stops the worker. */
    if ((rc = dispatch_prepare(app, e)) != ST_OK) {
        if (app->db_reached)
            return rc;
        log_err(LOG_LEVEL_WARNING, "starting without the database", e);
    }
    return fcgi_serve(fd, &limits, answer, app, e);
}

int
main(int argc, char **argv)
{
    const char *path = GEMPIX_SYSCONFDIR "/gempix.yaml";
    struct app app = {0};
    struct conf *conf = NULL;
    struct err e = {0};
    int rc;

    if (argc == 3 && strcmp(argv[1], "-c") == 0)
        path = argv[2];
    else if (argc != 1) {
        fprintf(stderr, "usage: gempix-app [-c gempix.yaml]\n");
        return 2;
    }
    log_start("gempix-app", LOG_LEVEL_INFO, false);
    if ((rc = crypto_start(&e)) != ST_OK || (rc = conf_load(path, &conf, &e)) != ST_OK)
        goto out;
    log_start("gempix-app", (enum log_level)log_level_parse(conf->log.level), conf->log.json);
    app.conf = conf;
    rc = work(&app, &e);
out:
    if (rc != ST_OK)
        log_err(LOG_LEVEL_ERROR, "gempix-app", &e);
    close_parts(&app);
    conf_free(conf);
    return rc == ST_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
