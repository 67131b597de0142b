/*
 * Commands about files: the configuration, its keys, a new secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/ctl/ctl.h"
#include "common/conf.h"
#include "common/crypto.h"

#define SECRET_BYTES 48

/* Complains about a path that is not there or is of the other kind; returns how many complaints. */
static int
look_at(const char *key, const char *path, mode_t kind)
{
    struct stat st;

    if (path[0] == '\0')
        return 0;
    if (stat(path, &st) != 0)
        printf("%s: %s: %s\n", key, path, strerror(errno));
    else if ((st.st_mode & S_IFMT) != kind)
        printf("%s: %s: is not a %s\n", key, path, kind == S_IFDIR ? "directory" : "file");
    else
        return 0;
    return 1;
}

static int
look_at_secret(const char *key, const char *path)
{
    char place[CONF_SECRET_PLACE];
    struct err e;

    if (conf_secret_place(path, place, &e) == ST_OK)
        return look_at(key, place, S_IFREG);
    printf("%s: %s\n", key, e.message);
    return 1;
}

static int
check_files(const struct conf *conf)
{
    int wrong = 0;

    wrong += look_at_secret("site.secret_file", conf->site.secret_file);
    wrong += look_at("db.socket", conf->db.socket, S_IFSOCK);
    wrong += look_at_secret("db.password_file", conf->db.password_file);
    wrong += look_at("app.templates", conf->app.templates, S_IFDIR);
    wrong += look_at("app.static_dir", conf->app.static_dir, S_IFDIR);
    wrong += look_at("model.path", conf->model.path, S_IFDIR);
    wrong += look_at_secret("models.token_file", conf->models.token_file);
    wrong += look_at_secret("mail.password_file", conf->mail.password_file);
    wrong += look_at("billing.plans", conf->billing.plans, S_IFREG);
    wrong += look_at_secret("billing.key_file", conf->billing.key_file);
    wrong += look_at_secret("billing.webhook_secret_file", conf->billing.webhook_secret_file);
    return wrong;
}

int
ctl_config_check(struct ctl *c)
{
    if (ctl_option(c, "files") != NULL && check_files(c->conf) > 0)
        return CTL_FAILED;
    printf("%s: ok\n", c->conf_path);
    return CTL_OK;
}

static void
print_key(void *ctx, const char *key, const char *type, const char *standard, const char *about)
{
    (void)ctx;
    printf("%s\n    %s\n    %s; ", key, about, type);
    if (standard == NULL)
        puts("must be given");
    else
        printf("default: %s\n", standard[0] != '\0' ? standard : "empty");
}

int
ctl_config_keys(struct ctl *c)
{
    (void)c;
    conf_describe(print_key, NULL);
    return CTL_OK;
}

int
ctl_secret_new(struct ctl *c)
{
    unsigned char bytes[SECRET_BYTES];
    char text[SECRET_BYTES * 2];
    size_t len;
    int fd, rc = CTL_OK;

    fd = open(c->words[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_setf(&c->e, ST_IO, "%s cannot be made: %s.", c->words[0], strerror(errno));
    crypto_random(bytes, sizeof bytes);
    len = crypto_base64url(bytes, sizeof bytes, text, sizeof text - 1);
    text[len++] = '\n';
    if (write(fd, text, len) != (ssize_t)len || fsync(fd) != 0) {
        rc = err_setf(&c->e, ST_IO, "%s cannot be written: %s.", c->words[0], strerror(errno));
        unlink(c->words[0]);
    }
    close(fd);
    crypto_wipe(bytes, sizeof bytes);
    crypto_wipe(text, sizeof text);
    return rc;
}
