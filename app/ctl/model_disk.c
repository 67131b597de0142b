/*
 * Files and folders. See model_disk.h.
 */
#include "app/ctl/model_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"

#define DEPTH 8
#define BUFFER ((size_t)1 << 18)
#define SPARE ((int64_t)64 << 20) /* bytes that stay free */

static int
failed(struct err *e, const char *path, const char *what)
{
    return err_setf(e, errno == ENOSPC || errno == EDQUOT ? ST_TOOBIG : ST_IO,
                    "%.180s cannot be %s: %s.", path, what, strerror(errno));
}

int
disk_join(char out[DISK_PATH], const char *folder, const char *name, struct err *e)
{
    int len = snprintf(out, DISK_PATH, "%s/%s", folder, name);

    if (len < 0 || len >= DISK_PATH)
        return err_setf(e, ST_INVALID, "A path is too long: %.150s …", folder);
    return ST_OK;
}

int
disk_folder(const char *path, struct err *e)
{
    char part[DISK_PATH];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof part)
        return err_setf(e, ST_INVALID, "A path is empty or too long: %.150s", path);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return failed(e, part, "made");
    }
    return ST_OK;
}

int
disk_folder_of(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    char folder[DISK_PATH];

    if (slash == NULL || slash == path)
        return ST_OK;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return disk_folder(folder, e);
}

/* Removes `name` in the folder behind `at`. */
static int
remove_at(int at, const char *name, int depth, struct err *e)
{
    struct dirent *entry;
    DIR *dir = NULL;
    int fd, rc = ST_OK;

    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return ST_OK;
    if (errno != EISDIR && errno != EPERM)
        return failed(e, name, "removed");
    if (depth == 2 * DEPTH)
        return err_setf(e, ST_IO, "%.150s lies too deep to be removed.", name);
    fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
        rc = failed(e, name, "removed");
        if (fd >= 0)
            close(fd);
        return rc;
    }
    while (rc == ST_OK && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = remove_at(dirfd(dir), entry->d_name, depth + 1, e);
    closedir(dir);
    if (rc == ST_OK && unlinkat(at, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        rc = failed(e, name, "removed");
    return rc;
}

int
disk_remove(const char *path, struct err *e)
{
    return remove_at(AT_FDCWD, path, 0, e);
}

/* Writes all of `from` into `to`. */
static int
pour(int from, int to, const char *path, struct crypto_sha256_state *digest, int64_t *size,
     struct err *e)
{
    char *buffer = malloc(BUFFER);
    ssize_t n = 0;
    int rc = ST_OK;

    if (buffer == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "copy");
    while (rc == ST_OK && (n = read(from, buffer, BUFFER)) > 0) {
        crypto_sha256_update(digest, buffer, (size_t)n);
        *size += n;
        for (ssize_t at = 0, did; rc == ST_OK && at < n; at += did)
            if ((did = write(to, buffer + at, (size_t)(n - at))) < 0)
                rc = failed(e, path, "written");
    }
    if (n < 0)
        rc = failed(e, path, "copied");
    free(buffer);
    return rc;
}

int
disk_copy(const char *from, const char *to, char sha256[FETCH_SHA256], int64_t *size, struct err *e)
{
    struct crypto_sha256_state digest;
    uint8_t bytes[CRYPTO_SHA256];
    int in, out = -1, rc;

    *size = 0;
    sha256[0] = '\0';
    crypto_sha256_init(&digest);
    if ((in = open(from, O_RDONLY | O_CLOEXEC)) < 0)
        return failed(e, from, "read");
    unlink(to); /* it may be a second name of somebody's file, which writing would change */
    if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) < 0) {
        rc = failed(e, to, "written");
        goto out;
    }
    if ((rc = pour(in, out, to, &digest, size, e)) != ST_OK)
        goto out;
    if (fsync(out) != 0) {
        rc = failed(e, to, "written");
        goto out;
    }
    crypto_sha256_final(&digest, bytes);
    crypto_hex(bytes, sizeof bytes, sha256);
out:
    close(in);
    if (out >= 0)
        close(out);
    return rc;
}

int
disk_link(const char *from, const char *to, struct err *e)
{
    if (unlink(to) != 0 && errno != ENOENT)
        return failed(e, to, "replaced");
    if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0 || symlink(from, to) == 0)
        return ST_OK;
    return failed(e, to, "made a link");
}

int
disk_room(const char *folder, int64_t need, struct err *e)
{
    struct statvfs v;
    double room;

    if (statvfs(folder, &v) != 0)
        return failed(e, folder, "looked at");
    room = (double)v.f_bavail * (double)v.f_frsize - (double)SPARE;
    if ((double)need > room)
        return err_setf(
            e, ST_TOOBIG,
            "There is no room in %.120s: the model needs %.1f GB more, %.1f GB are free.", folder,
            (double)need / 1e9, room > 0 ? room / 1e9 : 0.0);
    return ST_OK;
}

int
disk_sync(const char *folder, struct err *e)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = ST_OK;

    if (fd < 0 || fsync(fd) != 0)
        rc = failed(e, folder, "synced");
    if (fd >= 0)
        close(fd);
    return rc;
}

int
disk_lock(const char *path, int *fd, struct err *e)
{
    struct stat st;

    for (;;) {
        *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (*fd < 0)
            return failed(e, path, "opened");
        if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
            break;
        if (fstat(*fd, &st) == 0 && st.st_nlink > 0)
            return ST_OK;
        close(*fd); /* its last owner removed it between the two calls: once more */
    }
    close(*fd);
    *fd = -1;
    return err_set(e, ST_CONFLICT, "Another gempixctl is at work on this model.", "%s", path);
}

struct walk {
    int (*each)(void *ctx, const char *name, int64_t size);
    void *ctx;
    struct err *e;
};

static int
walk(const struct walk *w, const char *folder, const char *prefix, int depth)
{
    struct dirent *entry;
    DIR *dir = opendir(folder);
    int rc = ST_OK;

    if (dir == NULL)
        return failed(w->e, folder, "read");
    while (rc == ST_OK && (entry = readdir(dir)) != NULL) {
        char path[DISK_PATH], name[DISK_PATH];
        struct stat st;
        int len = snprintf(name, sizeof name, "%s%s", prefix, entry->d_name);
        if (entry->d_name[0] == '.' || len >= (int)sizeof name)
            continue;
        if ((rc = disk_join(path, folder, entry->d_name, w->e)) != ST_OK)
            break;
        if (stat(path, &st) != 0)
            continue; /* a link to nowhere */
        if (S_ISREG(st.st_mode))
            rc = w->each(w->ctx, name, st.st_size);
        else if (S_ISDIR(st.st_mode) && depth < DEPTH && len + 2 < (int)sizeof name) {
            snprintf(name + len, 2, "/");
            rc = walk(w, path, name, depth + 1);
        }
    }
    closedir(dir);
    return rc;
}

int
disk_walk(const char *folder, int (*each)(void *ctx, const char *name, int64_t size), void *ctx,
          struct err *e)
{
    const struct walk w = {each, ctx, e};

    return walk(&w, folder, "", 0);
}
