/*
 * The weight reader under 4,000 deterministic mutations of good files: it may refuse or accept, but
 * every tensor that it then hands out must lie inside the file. Sanitizer builds make this sharp.
 */
#include <unistd.h>

#include "common/err.h"
#include "render/engine/noise.h"
#include "render/weights/safetensors.h"
#include "t/lib/tap.h"

#define ROUNDS 4000
#define SIZE_MAX_FILE 2000

static const char SEED_A[] =
    "{\"__metadata__\":{\"format\":\"pt\"},"
    "\"unet.a.weight\":{\"dtype\":\"F16\",\"shape\":[2,3],\"data_offsets\":[0,12]},"
    "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[12,28]},"
    "\"c\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[28,30]}}";
static const char SEED_B[] =
    "{\"x\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[0,16]}}     ";
static const char *const WORDS[] = {"\"dtype\"",
                                    "4294967296",
                                    "-1",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    "\"F32\"",
                                    ",",
                                    "1e9",
                                    "18446744073709551615",
                                    "9223372036854775807",
                                    "\\u0000",
                                    "\"a\":",
                                    "null"};

static uint32_t
next(uint32_t round, uint32_t *step, uint32_t below)
{
    const uint32_t counter[4] = {round, (*step)++, 0, 0}, key[2] = {2026, 11};
    uint32_t out[4];

    noise_philox(counter, key, out);
    return below != 0 ? out[0] % below : 0;
}

/* Changes the file in memory once; returns its new size. */
static size_t
mutate(unsigned char *data, size_t size, uint32_t round, uint32_t *step)
{
    size_t at = next(round, step, (uint32_t)size), len;
    const char *word;

    switch (next(round, step, 6)) {
    case 0:
        data[at] = (unsigned char)next(round, step, 256);
        return size;
    case 1:
        data[at] = (unsigned char)(data[at] ^ 1U << next(round, step, 8));
        return size;
    case 2:
        return at; /* cut off */
    case 3:        /* a few bytes out */
        len = next(round, step, 8);
        if (at + len > size)
            len = size - at;
        memmove(data + at, data + at + len, size - at - len);
        return size - len;
    case 4: /* a word in, over or between */
        word = WORDS[next(round, step, sizeof WORDS / sizeof *WORDS)];
        len = strlen(word);
        if (size + len > SIZE_MAX_FILE)
            return size;
        memmove(data + at + len, data + at, size - at);
        memcpy(data + at, word, len);
        return size + len;
    default: /* the length field */
        data[next(round, step, 8) % (size > 0 ? size : 1)] = (unsigned char)next(round, step, 256);
        return size;
    }
}

/* A good file in memory; its size. */
static size_t
good_file(const char *json, size_t data_size, unsigned char *out)
{
    size_t len = strlen(json);

    memset(out, 0, 8);
    out[0] = (unsigned char)len;
    out[1] = (unsigned char)(len >> 8);
    memcpy(out + 8, json, len);
    for (size_t i = 0; i < data_size; i++)
        out[8 + len + i] = (unsigned char)i;
    return 8 + len + data_size;
}

/* Reads every byte of every tensor; false if one lies outside. */
static bool
walk(const struct safetensors *s, size_t file_size)
{
    volatile unsigned char sink = 0;
    struct err e;

    for (size_t i = 0; i < safetensors_count(s); i++) {
        const struct safetensor *t = safetensors_at(s, i);
        const unsigned char *data = safetensors_data(s, t, &e);

        if (data == NULL || t->end < t->begin || t->end > file_size ||
            safetensors_find(s, t->name) == NULL)
            return false;
        for (size_t k = 0; k < t->end - t->begin; k++)
            sink = (unsigned char)(sink ^ data[k]);
    }
    return true;
}

int
main(void)
{
    /* In memory where the system has such a place: thousands of files are written. */
    char shm[] = "/dev/shm/gempix-fuzz-XXXXXX", tmp[] = "/tmp/gempix-fuzz-XXXXXX";
    char *path = access("/dev/shm", W_OK) == 0 ? shm : tmp;
    unsigned char data[SIZE_MAX_FILE + 64];
    int fd = mkstemp(path), accepted = 0, refused = 0, strange = 0;

    if (fd < 0)
        return 1;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        size_t size = good_file(round % 2 == 0 ? SEED_A : SEED_B, round % 2 == 0 ? 30 : 16, data);
        uint32_t step = 0, changes = 1 + next(round, &step, 3);
        struct safetensors *s = NULL;
        struct err e;
        int rc;

        for (uint32_t i = 0; i < changes && size > 0; i++)
            size = mutate(data, size, round, &step);
        if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
            abort();
        rc = safetensors_open(path, &s, &e);
        if (rc == ST_OK && walk(s, size))
            accepted++;
        else if (rc == ST_INVALID && s == NULL)
            refused++;
        else
            strange++;
        safetensors_close(s);
    }
    (void)close(fd);
    (void)unlink(path);
    diag("%d accepted, %d refused", accepted, refused);
    is_int(strange, 0, "every mutation is refused or harmless");
    ok(refused > ROUNDS / 2, "most are refused");
    ok(accepted > 0, "some change only values or names");
    return tap_done();
}
