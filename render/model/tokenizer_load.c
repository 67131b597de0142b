/*
 * Reading a tokenizer's files. Read next: tokenizer.c.
 *
 * vocab.json maps strings to ids; in those strings each byte of text is one printable character.
 * merges.txt lists pairs of such strings, most important first, after a comment line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/json.h"
#include "render/model/model_config.h"
#include "render/model/tokenizer_tables.h"
#include "render/model/unicode.h"

#define VOCABULARY_MAX ((size_t)64 << 20) /* bytes of vocab.json */
#define MERGES_MAX 1000000
#define LINE_MAX_BYTES 2048
#define END_OF_WORD "</w>"

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Out of memory.", "tokenizer");
}

static int
path_of(char out[4096], const char *folder, const char *file, struct err *e)
{
    int len = snprintf(out, 4096, "%s/%s", folder, file);

    if (len < 0 || len >= 4096)
        return err_setf(e, ST_INVALID, "The path of the model is too long.");
    return ST_OK;
}

/* The character that stands for each byte: printable Latin-1 for itself, the others in order from
 * U+0100. */
static void
byte_characters(uint32_t out[256])
{
    uint32_t next = 0x100;

    for (uint32_t b = 0; b < 256; b++) {
        bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;

        out[b] = printable ? b : next++;
    }
}

static int
id_of(const struct json *vocabulary, const char *text, int32_t *out, struct err *e)
{
    int64_t id = json_int(vocabulary, text, -1);

    if (id < 0 || id > 0x7ffffffe)
        return err_setf(e, ST_INVALID, "The tokenizer's vocab.json lacks \"%.60s\".", text);
    *out = (int32_t)id;
    return ST_OK;
}

static int
read_bytes(struct tokenizer *t, const struct json *vocabulary, struct err *e)
{
    uint32_t characters[256];
    char text[16];
    int rc;

    byte_characters(characters);
    for (size_t b = 0; b < 256; b++) {
        size_t n = unicode_encode(characters[b], text);

        text[n] = '\0';
        if ((rc = id_of(vocabulary, text, &t->bytes[0][b], e)) != ST_OK)
            return rc;
        memcpy(text + n, END_OF_WORD, sizeof END_OF_WORD);
        if ((rc = id_of(vocabulary, text, &t->bytes[1][b], e)) != ST_OK)
            return rc;
    }
    return ST_OK;
}

static int
largest_id(struct tokenizer *t, const struct json *vocabulary, struct err *e)
{
    const struct json *value;
    void *cursor = NULL;
    const char *key;

    while (json_next(vocabulary, &cursor, &key, &value) == ST_OK) {
        int64_t id = json_value_int(value, -1);

        if (id < 0 || id > 0x7ffffffe)
            return err_setf(e, ST_INVALID,
                            "The tokenizer's vocab.json gives \"%.60s\" no proper id.", key);
        if ((size_t)id + 1 > t->size)
            t->size = (size_t)id + 1;
    }
    if (t->size == 0)
        return err_setf(e, ST_INVALID, "The tokenizer's vocab.json is empty.");
    return ST_OK;
}

static void
add_merge(struct tokenizer *t, int32_t left, int32_t right, int32_t result, int32_t rank)
{
    size_t mask = t->merge_slots - 1, i = tokenizer_pair_hash(left, right) & mask;

    while (t->merges[i].rank != 0) {
        if (t->merges[i].left == left && t->merges[i].right == right)
            return; /* a repeated line: the first counts */
        i = (i + 1) & mask;
    }
    t->merges[i] = (struct tokenizer_merge){left, right, result, rank};
}

/* One line "left right". */
static int
read_merge(struct tokenizer *t, const struct json *vocabulary, char *line, int32_t rank,
           struct err *e)
{
    char *space = strchr(line, ' '), joined[LINE_MAX_BYTES];
    int32_t left = 0, right = 0, result = 0;
    int rc;

    if (space == NULL || space == line || space[1] == '\0' || strchr(space + 1, ' ') != NULL)
        return err_setf(e, ST_INVALID, "Line %d of the tokenizer's merges.txt is no pair.",
                        (int)rank + 1);
    *space = '\0';
    (void)snprintf(joined, sizeof joined, "%s%s", line, space + 1);
    if ((rc = id_of(vocabulary, line, &left, e)) != ST_OK ||
        (rc = id_of(vocabulary, space + 1, &right, e)) != ST_OK ||
        (rc = id_of(vocabulary, joined, &result, e)) != ST_OK)
        return rc;
    add_merge(t, left, right, result, rank);
    return ST_OK;
}

static int
read_merges(struct tokenizer *t, const struct json *vocabulary, const char *folder, struct err *e)
{
    char path[4096], line[LINE_MAX_BYTES];
    FILE *f = NULL;
    int32_t rank = 0;
    int rc;

    if ((rc = path_of(path, folder, "merges.txt", e)) != ST_OK)
        return rc;
    if ((f = fopen(path, "re")) == NULL)
        return err_setf(e, ST_IO, "The model has no tokenizer file merges.txt.");
    while (fgets(line, sizeof line, f) != NULL) {
        size_t len = strcspn(line, "\r\n");

        if (line[len] == '\0' && len + 1 == sizeof line) {
            rc = err_setf(e, ST_INVALID, "The tokenizer's merges.txt has a line that is too long.");
            goto out;
        }
        line[len] = '\0';
        if (len == 0 || (rank == 0 && line[0] == '#' && strstr(line, "version") != NULL))
            continue;
        if (++rank > MERGES_MAX || (size_t)rank * 2 > t->merge_slots) {
            rc = err_setf(
                e, ST_INVALID,
                "The tokenizer's merges.txt has more merges than its vocabulary has words.");
            goto out;
        }
        if ((rc = read_merge(t, vocabulary, line, rank, e)) != ST_OK)
            goto out;
    }
    if (ferror(f))
        rc = err_setf(e, ST_IO, "The tokenizer's merges.txt cannot be read.");
out:
    (void)fclose(f);
    return rc;
}

/* A special token's text: a string, or an object with "content". */
static const char *
token_text(const struct json *config, const char *key, const char *missing)
{
    const struct json *j = json_get(config, key);

    return json_kind(j) == JSON_KIND_OBJECT ? json_text(j, "content", missing)
                                            : json_value_text(j, missing);
}

/* Reads start, end and padding; special_tokens_map.json has the last word. Both files may be
 * absent. */
static int
read_specials(struct tokenizer *t, const struct json *vocabulary, const char *folder,
              const char *pad, struct err *e)
{
    static const char *const FILES[] = {"tokenizer_config.json", "special_tokens_map.json"};
    static const char *const KEYS[TOKENIZER_SPECIALS] = {"bos_token", "eos_token", "pad_token"};
    const char *texts[TOKENIZER_SPECIALS] = {"<|startoftext|>", "<|endoftext|>", "<|endoftext|>"};
    struct json *files[2] = {NULL, NULL};
    int32_t *ids[TOKENIZER_SPECIALS] = {&t->start, &t->end, &t->pad};
    int rc = ST_OK;

    for (size_t i = 0; i < 2; i++) {
        rc = config_read(folder, FILES[i], &files[i], e);
        if (rc != ST_OK && rc != ST_IO)
            goto out;
        for (size_t k = 0; k < TOKENIZER_SPECIALS; k++)
            texts[k] = token_text(files[i], KEYS[k], texts[k]);
    }
    if (pad != NULL)
        texts[2] = pad;
    for (size_t k = 0; k < TOKENIZER_SPECIALS; k++) {
        struct tokenizer_special *to = &t->specials[k];

        if (strlen(texts[k]) >= sizeof to->text) {
            rc = err_setf(e, ST_INVALID, "The tokenizer's %s is too long.", KEYS[k]);
            goto out;
        }
        if ((rc = id_of(vocabulary, texts[k], ids[k], e)) != ST_OK)
            goto out;
        memcpy(to->text, texts[k], strlen(texts[k]) + 1);
        to->id = *ids[k];
    }
out:
    json_free(files[0]);
    json_free(files[1]);
    return rc;
}

int
tokenizer_open(const char *folder, struct tokenizer **out, struct err *e)
{
    return tokenizer_open_padded(folder, NULL, out, e);
}

int
tokenizer_open_padded(const char *folder, const char *pad, struct tokenizer **out, struct err *e)
{
    struct json *vocabulary = NULL;
    struct tokenizer *t = NULL;
    char path[4096];
    int rc;

    *out = NULL;
    if ((rc = path_of(path, folder, "vocab.json", e)) != ST_OK ||
        (rc = json_parse_file(path, VOCABULARY_MAX, 1, &vocabulary, e)) != ST_OK)
        goto out;
    if ((t = calloc(1, sizeof *t)) == NULL) {
        rc = no_memory(e);
        goto out;
    }
    for (t->merge_slots = 1024; t->merge_slots < 4 * json_size(vocabulary);)
        t->merge_slots *= 2;
    if ((t->merges = calloc(t->merge_slots, sizeof *t->merges)) == NULL) {
        rc = no_memory(e);
        goto out;
    }
    if ((rc = largest_id(t, vocabulary, e)) != ST_OK ||
        (rc = read_bytes(t, vocabulary, e)) != ST_OK ||
        (rc = read_specials(t, vocabulary, folder, pad, e)) != ST_OK ||
        (rc = read_merges(t, vocabulary, folder, e)) != ST_OK)
        goto out;
    *out = t;
    t = NULL; /* ownership moved to the caller */
out:
    tokenizer_free(t);
    json_free(vocabulary);
    return rc;
}
