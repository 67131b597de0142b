/*
 * The media store on a local disk. All paths are opened relative to the root's descriptor and
 * checked letter by letter, so no key can reach outside. Modes leave the last word to the umask:
 * programs that share the store share a group. Knows no rows; common/media.c keeps rows and files
 * together.
 */
#include "common/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"

#define KEY_NAME 6 /* where the file name starts in "ab/cd/name" */

struct store {
    int root; /* directory descriptor */
};

int
store_open(const char *root, struct store **out, struct err *e)
{
    struct store *s;

    *out = NULL;
    if ((s = calloc(1, sizeof *s)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "media store");
    if (mkdir(root, 0770) != 0 && errno != EEXIST) {
        free(s);
        return err_setf(e, ST_IO, "The media directory %s cannot be made: %s.", root,
                        strerror(errno));
    }
    if ((s->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        free(s);
        return err_setf(e, ST_IO, "The media directory %s cannot be opened: %s.", root,
                        strerror(errno));
    }
    *out = s;
    return ST_OK;
}

void
store_close(struct store *s)
{
    if (s == NULL)
        return;
    close(s->root);
    free(s);
}

void
store_key(const struct id *id, const char *extension, char out[STORE_KEY])
{
    char name[ID_TEXT];

    /* The last letters carry five random bits each, the first only three. */
    id_format(id, name);
    snprintf(out, STORE_KEY, "%.2s/%.2s/%s.%s", name + 22, name + 24, name, extension);
}

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "ab/cd/name" with plain letters: cannot name a parent, a hidden file or another depth. */
static bool
key_ok(const char *key)
{
    size_t len = strnlen(key, STORE_KEY);

    if (len <= KEY_NAME || len >= STORE_KEY)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool slash = i == 2 || i == 5;
        if (slash ? key[i] != '/' : !is_word(key[i]) && (key[i] != '.' || i <= KEY_NAME))
            return false;
    }
    return true;
}

static int
fail(struct err *e, const char *key, const char *what)
{
    return err_set(e, ST_IO, "A file could not be stored or read. Please try again later.",
                   "media store: %s %s: %s", what, key, strerror(errno));
}

static int
bad_key(struct err *e)
{
    return err_set(e, ST_IO, "A file could not be stored or read.", "media store: malformed key");
}

static int
sync_dir(int root, const char *path)
{
    int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -1;
    rc = fsync(fd);
    close(fd);
    return rc;
}

/* Makes "ab" and "ab/cd" where they are missing, and makes that durable. */
static int
make_dirs(struct store *s, const char *key)
{
    char dir[KEY_NAME];

    snprintf(dir, sizeof dir, "%.2s", key);
    if (mkdirat(s->root, dir, 0770) == 0) {
        if (fsync(s->root) != 0)
            return -1;
    } else if (errno != EEXIST) {
        return -1;
    }
    snprintf(dir, sizeof dir, "%.5s", key);
    if (mkdirat(s->root, dir, 0770) == 0) {
        char parent[3] = {key[0], key[1], '\0'};
        return sync_dir(s->root, parent);
    }
    return errno == EEXIST ? 0 : -1;
}

static int
write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int
store_put(struct store *s, const char *key, const void *data, size_t size, struct err *e)
{
    char temporary[STORE_KEY], tail[17], dir[KEY_NAME];
    uint8_t noise[8];
    int fd, rc = ST_OK;

    crypto_random(noise, sizeof noise);
    crypto_hex(noise, sizeof noise, tail);
    if (!key_ok(key) || snprintf(temporary, sizeof temporary, "%s.%s.tmp", key, tail) >= STORE_KEY)
        return bad_key(e);
    if (make_dirs(s, key) != 0)
        return fail(e, key, "making the directory of");
    fd = openat(s->root, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0660);
    if (fd < 0)
        return fail(e, key, "creating");
    if (write_all(fd, data, size) != 0 || fsync(fd) != 0)
        rc = fail(e, key, "writing");
    if (close(fd) != 0 && rc == ST_OK)
        rc = fail(e, key, "closing");
    if (rc == ST_OK && renameat(s->root, temporary, s->root, key) != 0)
        rc = fail(e, key, "renaming");
    if (rc != ST_OK) {
        unlinkat(s->root, temporary, 0);
        return rc;
    }
    snprintf(dir, sizeof dir, "%.5s", key);
    if (sync_dir(s->root, dir) != 0)
        return fail(e, key, "syncing the directory of");
    return ST_OK;
}

static int
read_all(int fd, unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = read(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0) {
            errno = EIO; /* a stored file never becomes shorter */
            return -1;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int
store_reader(struct store *s, const char *key, int *fd, struct err *e)
{
    *fd = -1;
    if (!key_ok(key))
        return bad_key(e);
    if ((*fd = openat(s->root, key, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) >= 0)
        return ST_OK;
    if (errno == ENOENT)
        return err_set(e, ST_NOTFOUND, "This file is not there any more.", "store: %s", key);
    return fail(e, key, "opening");
}

int
store_get(struct store *s, const char *key, size_t max, void **data, size_t *size, struct err *e)
{
    unsigned char *bytes = NULL;
    struct stat st;
    int fd, rc = ST_OK;

    *data = NULL;
    *size = 0;
    if ((rc = store_reader(s, key, &fd, e)) != ST_OK)
        return rc;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rc = fail(e, key, "looking at");
        goto out;
    }
    if ((uintmax_t)st.st_size > max) {
        rc = err_setf(e, ST_TOOBIG, "This file is larger than %zu bytes.", max);
        goto out;
    }
    if ((bytes = malloc((size_t)st.st_size + 1)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "store: %s", key);
        goto out;
    }
    if (read_all(fd, bytes, (size_t)st.st_size) != 0) {
        rc = fail(e, key, "reading");
        goto out;
    }
    *data = bytes;
    *size = (size_t)st.st_size;
    bytes = NULL; /* ownership moved to the caller */
out:
    free(bytes);
    close(fd);
    return rc;
}

int
store_remove(struct store *s, const char *key, struct err *e)
{
    if (!key_ok(key))
        return bad_key(e);
    if (unlinkat(s->root, key, 0) != 0 && errno != ENOENT)
        return fail(e, key, "removing");
    return ST_OK;
}

int
store_size(struct store *s, const char *key, int64_t *size, struct err *e)
{
    struct stat st;

    *size = 0;
    if (!key_ok(key))
        return bad_key(e);
    if (fstatat(s->root, key, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return err_set(e, ST_NOTFOUND, "This file is not there any more.", "store: %s", key);
        return fail(e, key, "looking at");
    }
    *size = (int64_t)st.st_size;
    return ST_OK;
}

/* Opens a directory below `at` for reading its names; NULL and errno. */
static DIR *
open_names(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir;

    if (fd < 0)
        return NULL;
    if ((dir = fdopendir(fd)) == NULL)
        close(fd);
    return dir;
}

int
store_purge(struct store *s, const char *key, struct err *e)
{
    char path[KEY_NAME];
    size_t len;
    struct dirent *d;
    int rc = ST_OK;
    DIR *dir;

    if (!key_ok(key))
        return bad_key(e);
    len = strcspn(key + KEY_NAME, ".");
    snprintf(path, sizeof path, "%.5s", key);
    if ((dir = open_names(s->root, path)) == NULL)
        return errno == ENOENT ? ST_OK : fail(e, key, "listing the directory of");
    while (rc == ST_OK && (d = readdir(dir)) != NULL)
        if (strncmp(d->d_name, key + KEY_NAME, len) == 0 &&
            (d->d_name[len] == '\0' || d->d_name[len] == '.') &&
            unlinkat(dirfd(dir), d->d_name, 0) != 0 && errno != ENOENT)
            rc = fail(e, key, "removing");
    closedir(dir);
    return rc;
}

static bool
is_shard(const char *name)
{
    return is_word(name[0]) && is_word(name[1]) && name[2] == '\0';
}

/* Files of one "ab/cd"; what no store wrote is left alone. each() stops it with ST_CANCELLED. */
static int
walk_files(struct store *s, const char *path, int (*each)(void *, const char *), void *arg)
{
    DIR *dir = open_names(s->root, path);
    char key[STORE_KEY];
    struct dirent *d;
    int rc = ST_OK;

    if (dir == NULL)
        return errno == ENOENT ? ST_OK : ST_IO;
    while (rc == ST_OK && (d = readdir(dir)) != NULL) {
        if (snprintf(key, sizeof key, "%s/%s", path, d->d_name) >= STORE_KEY || !key_ok(key))
            continue;
        if (each(arg, key) != 0)
            rc = ST_CANCELLED;
    }
    closedir(dir);
    return rc;
}

static int
walk_shard(struct store *s, const char *name, int (*each)(void *, const char *), void *arg)
{
    DIR *dir = open_names(s->root, name);
    char path[KEY_NAME];
    struct dirent *d;
    int rc = ST_OK;

    if (dir == NULL)
        return errno == ENOENT ? ST_OK : ST_IO;
    while (rc == ST_OK && (d = readdir(dir)) != NULL) {
        if (!is_shard(d->d_name))
            continue;
        snprintf(path, sizeof path, "%.2s/%.2s", name, d->d_name);
        rc = walk_files(s, path, each, arg);
    }
    closedir(dir);
    return rc;
}

int
store_walk(struct store *s, int (*each)(void *arg, const char *key), void *arg, struct err *e)
{
    DIR *dir = open_names(s->root, ".");
    struct dirent *d;
    int rc = ST_OK;

    if (dir == NULL)
        return fail(e, "the root", "listing");
    while (rc == ST_OK && (d = readdir(dir)) != NULL)
        if (is_shard(d->d_name))
            rc = walk_shard(s, d->d_name, each, arg);
    closedir(dir);
    if (rc == ST_IO)
        return fail(e, "a directory", "listing");
    return ST_OK; /* each() stopped it, or the end */
}
