/*
 * conf.h: defaults, types, bounds, relative paths, and that every complaint names file, line and
 * key. Also that the example configuration in etc/ is right and mentions every key.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/crypto.h"
#include "common/err.h"
#include "t/lib/tap.h"

#define BASE "site:\n  url: https://x.org\n  secret_file: s\nmedia:\n  root: m\n"

static char folder[] = "/tmp/gempix-conf-XXXXXX", path[100];
static struct err e;
static struct conf *c;

static void
write_file(const char *text)
{
    FILE *f = fopen(path, "w");

    fputs(text, f);
    fclose(f);
}

static int
load(const char *text)
{
    write_file(text);
    conf_free(c);
    err_clear(&e);
    return conf_load(path, &c, &e);
}

static void
refuse(const char *tail, int line, const char *says)
{
    char text[6000], place[120];

    snprintf(text, sizeof text, "%s%s", BASE, tail);
    if (line > 0)
        snprintf(place, sizeof place, "%s:%d: ", path, line);
    else
        snprintf(place, sizeof place, "%s: ", path);
    ok(load(text) == ST_INVALID && c == NULL && strncmp(e.message, place, strlen(place)) == 0 &&
           strstr(e.message, says) != NULL,
       "%s", e.message + strlen(folder));
}

static void
test_values(void)
{
    char want[120];

    is_int(load(BASE), ST_OK, "the least configuration");
    is_str(c->site.name, "Gempix 2", "default text");
    is_int(c->render.lease, 60, "default number");
    ok(c->model.guidance == 5.0 && !c->log.json, "default real and bool");
    snprintf(want, sizeof want, "%s/m", folder);
    is_str(c->media.root, want, "a relative path starts at the file's folder");
    is_str(c->db.password_file, "", "an empty path stays empty");
    is_str(c->db.socket, "/run/mysqld/mysqld.sock", "an absolute one stays");
    is_int(load(BASE "render:\n  lease: 5 # short\n  threads: 0\nlog: {json: true, level: debug}\n"
                     "model: {guidance: 7}\ndb:\n  name: 'it''s'\n"),
           ST_OK, "other values");
    ok(c->render.lease == 5 && c->log.json && c->model.guidance == 7.0, "are taken");
    is_str(c->db.name, "it's", "quoted");
    is_int(load(BASE "render:\n#  lease: 5\nlog:\n"), ST_OK, "sections without keys");
}

static void
test_refusals(void)
{
    char text[5000];

    refuse("db:\n  soket: x\n", 7, "Did you mean db.socket?");
    refuse("db:\n  zzzzz: x\n", 7, "unknown key");
    refuse("medai:\n  root: x\n", 6, "Did you mean media?");
    refuse("render:\n  lease: 1\n", 7, "from 2 to 3600");
    refuse("render:\n  lease: 3601\n", 7, "from 2 to 3600");
    refuse("render:\n  lease: 5.5\n", 7, "whole number");
    refuse("render:\n  lease: \"5\"\n", 7, "whole number");
    refuse("render:\n  lease: 0x10\n", 7, "whole number");
    refuse("render:\n  lease:\n", 7, "whole number");
    refuse("render:\n  lease: 99999999999999999999\n", 7, "whole number");
    refuse("model:\n  guidance: nan\n", 7, "number");
    refuse("model:\n  guidance: inf\n", 7, "number");
    refuse("log:\n  json: yes\n", 7, "true or false");
    refuse("log:\n  level: loud\n", 7, "one of");
    refuse("log:\n  level: info war\n", 7, "one of");
    refuse("  root: z\n", 6, "given twice");
    refuse("site:\n  name: z\n", 6, "given twice");
    refuse("db: 3\n", 6, "section needs keys");
    refuse("db: [1]\n", 6, "db");
    refuse("db:\n  name: [1]\n", 7, "single value");
    refuse("db:\n  name: {a: 1}\n", 7, "db.name");
    refuse("db:\n  name: &a x\n", 7, "anchors");
    refuse("db:\n  name: !!str x\n", 7, "tags");
    refuse("db: &a\n  name: x\nlog: *a\n", 6, "anchors");
    refuse("db:\n  name: ~\n", 7, "null");
    refuse("db:\n  name: \"\"\n", 7, "must not be empty");
    refuse("db:\n  name: \"a\\nb\"\n", 7, "control");
    refuse("db:\n  name: \"a\\0b\"\n", 7, "db.name");
    refuse("---\na: b\n", 6, "one document");
    refuse("db:\n\tname: x\n", 7, "not valid YAML");
    refuse("render: {poll_min: 10000}\n", 0, "poll_min");
    refuse("model: {size: 100}\n", 0, "multiples of 8");
    refuse("model: {size: 512, size_max: 256}\n", 0, "model.size");
    refuse("mail: {smtp: \"http://x\"}\n", 0, "smtp");
    memset(text, 'x', sizeof text);
    memcpy(text, "db:\n  name: ", 12);
    memcpy(text + sizeof text - 2, "\n", 2);
    refuse(text, 7, "too long");
    is_int(load("site:\n  url: https://x.org/\n  secret_file: s\nmedia: {root: m}\n"), ST_INVALID,
           "a slash at the end");
    is_int(load("site:\n  url: ftp://x.org\n  secret_file: s\nmedia: {root: m}\n"), ST_INVALID,
           "another scheme");
    ok(load("") == ST_INVALID && strstr(e.message, "site.url: must be given") != NULL,
       "an empty file: %s", e.message + strlen(folder));
    is_int(load("- a\n"), ST_INVALID, "a list");
    is_int(conf_load("/nonexistent", &c, &e), ST_IO, "no file");
    is_int(conf_load("/tmp", &c, &e), ST_IO, "a folder");
}

static void
test_secret(void)
{
    char out[8];

    write_file("abc\n");
    ok(conf_secret(path, out, sizeof out, &e) == ST_OK, "secret");
    is_str(out, "abc", "without its newline");
    write_file("1234567");
    ok(conf_secret(path, out, sizeof out, &e) == ST_OK && strlen(out) == 7, "just fits");
    write_file("12345678");
    ok(conf_secret(path, out, sizeof out, &e) == ST_TOOBIG && out[0] == '\0', "too big");
    is_int(conf_secret("/nonexistent", out, sizeof out, &e), ST_IO, "no file");
    write_file("key\n");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    ok(conf_secret("credential:c.yaml", out, sizeof out, &e) == ST_OK && strcmp(out, "key") == 0,
       "a credential of the service");
    is_int(conf_secret("credential:../c.yaml", out, sizeof out, &e), ST_INVALID, "not a path");
    is_int(conf_secret("credential:", out, sizeof out, &e), ST_INVALID, "not without a name");
    is_int(conf_secret("credential:other", out, sizeof out, &e), ST_IO, "one that is not given");
    unsetenv("CREDENTIALS_DIRECTORY");
    ok(conf_secret("credential:gempix-none", out, sizeof out, &e) == ST_IO &&
           strstr(e.message, "/etc/credstore/gempix-none") != NULL,
       "outside of a service: %s", e.message);
    ok(load(BASE "mail:\n  password_file: credential:mail\ndb:\n  password_file: pw\n") == ST_OK &&
           strcmp(c->mail.password_file, "credential:mail") == 0 && c->db.password_file[0] == '/',
       "a credential is no relative path");
}

/* Collects what the example says; each key's last part must appear as "name:". */
static char example[65536];

static void
look_for(void *ctx, const char *key, const char *type, const char *standard, const char *about)
{
    char word[80];
    int *missing = ctx;

    (void)type;
    (void)standard;
    snprintf(word, sizeof word, " %s:", strchr(key, '.') + 1);
    if (strstr(example, word) == NULL || about[0] == '\0') {
        diag("not in the example: %s", key);
        (*missing)++;
    }
}

static void
test_example(void)
{
    const char *src = getenv("GEMPIX_SRC");
    char name[4096];
    struct conf *example_conf;
    int missing = 0;
    FILE *f;

    snprintf(name, sizeof name, "%s/etc/gempix.yaml", src != NULL ? src : ".");
    ok(conf_load(name, &example_conf, &e) == ST_OK, "the example is right: %s", e.message);
    conf_free(example_conf);
    if (ok((f = fopen(name, "r")) != NULL, "readable")) {
        example[fread(example, 1, sizeof example - 1, f)] = '\0';
        fclose(f);
    }
    conf_describe(look_for, &missing);
    is_int(missing, 0, "the example mentions every key");
}

int
main(void)
{
    crypto_start(&e);
    ok(mkdtemp(folder) != NULL, "folder");
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    test_values();
    test_refusals();
    conf_free(c);
    test_secret();
    test_example();
    unlink(path);
    rmdir(folder);
    return tap_done();
}
