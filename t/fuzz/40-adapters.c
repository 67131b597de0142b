/*
 * LoRA files and indexes of shards under deterministic mutations: the readers may refuse or accept,
 * but nothing is read or written out of place. Sanitizer builds make this sharp.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/err.h"
#include "render/engine/noise.h"
#include "render/pipeline/model_parts.h"
#include "render/weights/embedding.h"
#include "render/weights/lora.h"
#include "render/weights/weight_store.h"
#include "t/lib/tap.h"
#include "t/render/safetensors_make.h"

#define ROUNDS 1500
#define SIZE 2000

#define NAME "lora_unet_mid_block_attentions_0_proj_in"
static const char LORA[] =
    "{\"" NAME ".alpha\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
    "\"" NAME
    ".lora_down.weight\":{\"dtype\":\"F16\",\"shape\":[1,40,1,1],\"data_offsets\":[4,84]},"
    "\"" NAME
    ".lora_up.weight\":{\"dtype\":\"F16\",\"shape\":[40,1,1,1],\"data_offsets\":[84,164]}}";
static const char WORDS[] =
    "{\"emb_params\":{\"dtype\":\"F16\",\"shape\":[2,20],\"data_offsets\":[0,80]}}";
static const char INDEX[] = "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"s."
                            "safetensors\",\"b\":\"s.safetensors\"}}";
static const char SHARD[] = "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
                            "\"b\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[2,4]}}";
static const char *const PIECES[] = {"[",      "{", "-1",       "0",    "4294967296", "\"F32\"",
                                     "\"I8\"", ".", "..",       "/",    "\"",         ",",
                                     "1,",     "_", "lora_mid", "null", "\\u0000"};

static uint32_t
next(uint32_t round, uint32_t *step, uint32_t below)
{
    const uint32_t counter[4] = {round, (*step)++, 0, 0}, key[2] = {2026, 40};
    uint32_t out[4];

    noise_philox(counter, key, out);
    return below != 0 ? out[0] % below : 0;
}

/* Changes a text once: a byte, a cut, or a word in between. */
static void
mutate(char text[SIZE], uint32_t round, uint32_t *step)
{
    size_t len = strlen(text), at = next(round, step, (uint32_t)len), size;
    const char *word = PIECES[next(round, step, sizeof PIECES / sizeof *PIECES)];

    switch (next(round, step, 3)) {
    case 0:
        text[at] = (char)(1 + next(round, step, 127));
        break;
    case 1:
        size = next(round, step, 6);
        size = at + size > len ? len - at : size;
        memmove(text + at, text + at + size, len - at - size + 1);
        break;
    default:
        size = strlen(word);
        if (len + size + 1 >= SIZE)
            break;
        memmove(text + at + size, text + at, len - at + 1);
        memcpy(text + at, word, size);
    }
}

static void
changed(const char *seed, uint32_t round, char out[SIZE])
{
    uint32_t step = 0, changes = 1 + next(round, &step, 3);

    (void)snprintf(out, SIZE, "%s", seed);
    for (uint32_t i = 0; i < changes && out[0] != '\0'; i++)
        mutate(out, round, &step);
}

struct tally {
    int accepted, refused, strange;
};

static void
count(struct tally *t, int rc)
{
    if (rc == ST_OK)
        t->accepted++;
    else if (rc == ST_INVALID || rc == ST_UNSUPPORTED || rc == ST_IO || rc == ST_TOOBIG)
        t->refused++;
    else
        t->strange++;
}

static void
report(const struct tally *t, const char *what)
{
    diag("%s: %d accepted, %d refused", what, t->accepted, t->refused);
    ok(t->strange == 0 && t->refused > ROUNDS / 4 && t->accepted > 0,
       "%s: every mutation is refused or harmless", what);
}

int
main(void)
{
    char dir[] = "/dev/shm/gempix-fuzz-XXXXXX", tmp[] = "/tmp/gempix-fuzz-XXXXXX", text[SIZE];
    char *base = access("/dev/shm", W_OK) == 0 ? dir : tmp, file[100], index[100], shard[100];
    char model_path[512];
    const char *source = getenv("GEMPIX_SRC");
    struct tally lora = {0}, words = {0}, indexes = {0};
    struct weight_store *stores[LORA_PARTS] = {0};
    struct model_parts *model;
    struct err e;

    (void)snprintf(model_path, sizeof model_path, "%s/t/data/tiny-a",
                   source != NULL ? source : ".");
    if (mkdtemp(base) == NULL || model_parts_open(model_path, &model, &e) != ST_OK)
        return 1;
    (void)snprintf(file, sizeof file, "%s/x.safetensors", base);
    (void)snprintf(index, sizeof index, "%s/m.safetensors.index.json", base);
    (void)snprintf(shard, sizeof shard, "%s/s.safetensors", base);
    put_safetensors(shard, SHARD, strlen(SHARD), strlen(SHARD), 4);
    stores[LORA_UNET] = model->stores[MODEL_UNET];
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct embedding got[EMBEDDING_FILE];
        struct arena *arena = arena_new(1 << 20);
        struct weight_store *store;
        size_t number;

        changed(LORA, round, text);
        put_safetensors(file, text, strlen(text), strlen(text), 164);
        count(&lora, lora_merge(file, 1.0, stores, &e));
        weight_store_restore(stores[LORA_UNET]);
        changed(WORDS, round, text);
        put_safetensors(file, text, strlen(text), strlen(text), 80);
        count(&words, embedding_read(file, arena, got, &number, &e));
        arena_free(arena);
        changed(INDEX, round, text);
        put_file(index, text, strlen(text));
        count(&indexes, weight_store_open(base, "m", &store, &e));
        weight_store_close(store);
    }
    report(&lora, "LoRAs");
    report(&words, "textual inversions");
    report(&indexes, "indexes of shards");
    model_parts_close(model);
    (void)unlink(file);
    (void)unlink(index);
    (void)unlink(shard);
    (void)rmdir(base);
    return tap_done();
}
