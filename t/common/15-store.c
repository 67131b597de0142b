/*
 * store.h: keys, round trips, replacement, bounds, walking with leftovers, and keys that must not
 * get out.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"
#include "common/ids.h"
#include "common/store.h"
#include "t/lib/tap.h"

static struct err e;

struct walk {
    int files, leftovers, stop_after;
    char last[STORE_KEY];
};

static int
count(void *arg, const char *key)
{
    struct walk *w = arg;

    w->files++;
    if (strstr(key, ".tmp") != NULL) {
        w->leftovers++;
        memcpy(w->last, key, strlen(key) + 1);
    }
    return w->stop_after > 0 && w->files >= w->stop_after;
}

static void
test_files(struct store *s)
{
    struct id id;
    char key[STORE_KEY], text[ID_TEXT];
    void *data;
    size_t size;

    id_random(&id);
    id_format(&id, text);
    store_key(&id, "webp", key);
    ok(strstr(key, text) == key + 6 && strcmp(key + 32, ".webp") == 0, "key %s", key);
    is_int(store_get(s, key, 100, &data, &size, &e), ST_NOTFOUND, "not there yet");
    is_int(store_put(s, key, "hello", 5, &e), ST_OK, "put");
    ok(store_get(s, key, 5, &data, &size, &e) == ST_OK && size == 5 &&
           memcmp(data, "hello", 5) == 0,
       "get");
    free(data);
    is_int(store_put(s, key, "other!", 6, &e), ST_OK, "put again");
    ok(store_get(s, key, 6, &data, &size, &e) == ST_OK && memcmp(data, "other!", 6) == 0,
       "replaced");
    free(data);
    ok(store_get(s, key, 5, &data, &size, &e) == ST_TOOBIG && data == NULL, "larger than allowed");
    is_int(store_put(s, key, "", 0, &e), ST_OK, "an empty file");
    ok(store_get(s, key, 0, &data, &size, &e) == ST_OK && size == 0, "comes back");
    free(data);
    is_int(store_remove(s, key, &e), ST_OK, "remove");
    is_int(store_remove(s, key, &e), ST_OK, "remove what is gone");
    is_int(store_get(s, key, 100, &data, &size, &e), ST_NOTFOUND, "gone");
}

static void
test_keys(struct store *s)
{
    static const char *const bad[] = {
        "",          "/etc/passwd",   "../ab/cd.png", "ab/../secret.png", "ab/cd/../../x.png",
        "ab/cd/",    "ab/cd/.hidden", "ab/cd/x/y",    "AB/cd/x.png",      "ab/cd/a b",
        "ab/cd/%2e", "ab/c./x.png",   "a/bcd/x.png",  "ab/cd/x.png\n",
        "ab/cd/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
    };
    void *data;
    size_t size;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ok(store_put(s, bad[i], "x", 1, &e) == ST_IO &&
               store_get(s, bad[i], 10, &data, &size, &e) == ST_IO &&
               store_remove(s, bad[i], &e) == ST_IO,
           "refused: '%s'", bad[i]);
}

static void
test_walk(struct store *s, const char *root)
{
    struct walk w = {0}, one = {.stop_after = 1};
    char key[STORE_KEY], path[200];
    struct id id;
    struct stat st;
    int fd;

    for (int i = 0; i < 5; i++) {
        id_random(&id);
        store_key(&id, "png", key);
        store_put(s, key, "x", 1, &e);
    }
    snprintf(path, sizeof path, "%s/%s", root, key);
    ok(stat(path, &st) == 0 && (st.st_mode & 07) == 0, "nothing for others");
    snprintf(path, sizeof path, "%s/%s.0123456789abcdef.tmp", root, key);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    snprintf(path, sizeof path, "%s/foreign", root);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    is_int(store_walk(s, count, &w, &e), ST_OK, "walk");
    is_int(w.files, 6, "every file, not the foreign one");
    is_int(w.leftovers, 1, "the leftover too");
    is_int(store_remove(s, w.last, &e), ST_OK, "which can be removed");
    is_int(store_walk(s, count, &one, &e), ST_OK, "walk that stops");
    is_int(one.files, 1, "at once");
    w = (struct walk){0};
    store_walk(s, count, &w, &e);
    is_int(w.files, 5, "the leftover is gone");
}

int
main(void)
{
    char root[] = "/tmp/gempix-store-XXXXXX", path[100], command[100];
    struct store *s;

    crypto_start(&e);
    umask(027);
    ok(mkdtemp(root) != NULL, "folder");
    snprintf(path, sizeof path, "%s/media", root);
    is_int(store_open(path, &s, &e), ST_OK, "open makes the directory");
    store_close(s);
    is_int(store_open(path, &s, &e), ST_OK, "open again");
    test_files(s);
    test_keys(s);
    test_walk(s, path);
    store_close(s);
    store_close(NULL);
    snprintf(path, sizeof path, "%s/no/where", root);
    ok(store_open(path, &s, &e) == ST_IO && s == NULL, "no parent: %s", e.message);
    snprintf(command, sizeof command, "rm -r %s", root);
    ok(system(command) == 0, "tidy");
    return tap_done();
}
