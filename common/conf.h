/*
 * Configuration: one YAML file, one typed table of keys. An unknown key, a wrong type or a value
 * out of bounds is an error with file, line and a hint. yaml.h appears in conf.c alone; the table
 * is conf_keys.c.
 */
#ifndef GEMPIX_COMMON_CONF_H
#define GEMPIX_COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct conf {
    struct {
        char *name; /* shown to visitors: "Gempix 2" */
        char *url; /* https://example.org, no slash at the end; "http:" means cookies without Secure
                    */
        char *contact;     /* e-mail address on every page's foot */
        char *secret_file; /* 32 random bytes or more; keys for tokens that outlive a worker */
    } site;
    struct {
        char *socket;        /* UNIX socket path */
        char *name;          /* schema */
        char *user;          /* "" = the name of the system user */
        char *password_file; /* "" = unix_socket authentication */
    } db;
    struct {
        char *root;            /* directory of the media store */
        int64_t transient;     /* seconds that an unsaved result or upload lives */
        int64_t upload_max;    /* bytes */
        int64_t upload_pixels; /* of a picture in it */
        int64_t upload_lives;  /* seconds that an upload stays after the work with it */
    } media;
    struct {
        int64_t requests; /* a worker ends after so many requests */
        int64_t seconds;  /* … or so long */
        char *templates;  /* directory */
        char *languages;  /* directory of the catalogues */
        char *helpers;    /* directory of the programs that workers start */
        char *static_dir; /* directory; only to stamp URLs with a content hash */
        char *static_url; /* "/static" */
        char *accel;      /* internal nginx location for X-Accel-Redirect: "/_media" */
    } app;
    struct {
        int64_t welcome; /* credits of a new account */
        int64_t
            image; /* credits for an image of `pixels` × `steps` or less; larger ones scale up */
        int64_t pixels; /* 65536 */
        int64_t steps;  /* 25 */
    } credits;
    struct {
        char *name;       /* short name of the model as jobs carry it: "gempix-tiny" */
        char *path;       /* diffusers folder */
        int64_t size;     /* native side in pixels */
        int64_t size_max; /* largest side offered */
        int64_t steps;    /* default */
        int64_t steps_max;
        double guidance; /* default */
        /* Models for other kinds of work, as installed in models.dir; "" = not offered. */
        char *edit;     /* follows instructions (8 channels) */
        char *repaint;  /* draws a part anew; "" = the model itself */
        char *motion;   /* motion modules for the model */
        char *upscaler; /* network that enlarges */
        char *cleaner;  /* network that fills holes; "" = from the picture's own texture */
    } model;
    struct {
        char *dir;        /* where installed models lie, a folder each */
        char *hub;        /* address of a hub of models; "" = none */
        char *token_file; /* for it; "" = none */
        char *engine;     /* gempix-image, which tests a model */
    } models;
    struct {
        int64_t lease;         /* seconds a claim lasts without renewal */
        int64_t attempts;      /* at most so many claims of one job */
        int64_t threads;       /* 0 = one per core */
        int64_t poll_min;      /* ms between polls while there is work */
        int64_t poll_max;      /* ms when idle */
        int64_t preview_every; /* steps; 0 = no previews */
        int64_t memory;        /* MiB of models and working memory; 0 = three quarters of all */
        int64_t batch;         /* pictures that one pass of the model draws */
        int64_t patience;      /* seconds that one step may take */
        int64_t state_every;   /* seconds between states to go on from; 0 = none */
        char *decode;          /* gempix-decode */
    } render;
    struct {
        char *smtp; /* "smtp://127.0.0.1:25" or "smtps://…"; "" = keep in the outbox */
        char *from;
        char *user;
        char *password_file;
    } mail;
    struct {
        char *address; /* mail to it comes to gempix-inbound; "" = letters are not answered */
    } support;
    struct {
        char *prompts; /* YAML file of what may not be asked for; "" = anything may */
    } safety;
    struct {
        char *dir;     /* the data register, the policy's text and its versions */
        int64_t grace; /* days from asking for an account's deletion to the deletion */
        char *copies;  /* directory of members' copies of their data; "" = beside the media */
    } policy;
    struct {
        char *plans;               /* YAML file of what is for sale; "" = nothing */
        char *key_file;            /* the processor's secret key */
        char *webhook_secret_file; /* one secret per line: two while they are changed */
        char *api;                 /* "https://api.stripe.com" */
        char *checkout;            /* origin of the payment pages */
        char *seller;              /* name and address on receipts, lines separated by "|" */
        int64_t refund_days;       /* how long a member may ask for money back; 0 = never */
    } billing;
    struct {
        char *level; /* error warning notice info debug */
        bool json;
    } log;
};

/* Reads `path`, applies defaults and bounds. 0, ST_IO, ST_INVALID (message: file:line, key, what is
 * wrong, hint) or ST_NOMEM. conf_free(*out). */
int conf_load(const char *path, struct conf **out, struct err *e);
void conf_free(struct conf *c);

/* Where a secret lies: a path is itself, "credential:NAME" is the credential that systemd gives to
 * the service ($CREDENTIALS_DIRECTORY/NAME), or for a command outside of a service the file in
 * systemd's own folder, /etc/credstore/NAME. 0, or ST_INVALID for a name that is none. */
#define CONF_SECRET_PLACE 4096
int conf_secret_place(const char *path, char out[CONF_SECRET_PLACE], struct err *e);
/* Reads a small secret (at most `size` - 1 bytes, one trailing newline removed) into out. 0, ST_IO,
 * ST_TOOBIG, ST_INVALID. */
int conf_secret(const char *path, char *out, size_t size, struct err *e);

/* Calls put for every key; `type` names its bounds too, `standard` is the default, NULL where the
 * key must be given. `gempixctl config keys` prints it. */
void conf_describe(void (*put)(void *ctx, const char *key, const char *type, const char *standard,
                               const char *about),
                   void *ctx);

#endif
