/*
 * The weight reader: what it reads, and everything it must refuse.
 */
#include "common/err.h"
#include "render/weights/safetensors.h"
#include "render/weights/weight_store.h"
#include "t/lib/tap.h"
#include "t/render/safetensors_make.h"

static char folder[] = "/tmp/gempix-weights-XXXXXX";
static char path[200];

static int
open_text(const char *json, size_t data_size, struct safetensors **out, struct err *e)
{
    size_t len = strlen(json);

    (void)put_safetensors(path, json, len, len, data_size);
    return safetensors_open(path, out, e);
}

static const struct {
    const char *what, *json;
    size_t data_size;
} BAD[] = {
    {"no object", "[]", 0},
    {"text before the object", " {}", 0},
    {"half an object", "{\"a\":", 0},
    {"text after the object", "{} x", 0},
    {"a name twice",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
     "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
     2},
    {"a key twice in an entry",
     "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"an unknown key", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}",
     1},
    {"a missing key", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1},
    {"an unknown dtype", "{\"a\":{\"dtype\":\"F12\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"a dtype that is no string", "{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"a negative dimension", "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1},
    {"a fractional dimension", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}",
     1},
    {"a dimension as text", "{\"a\":{\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]}}",
     1},
    {"a shape that overflows",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,2],\"data_offsets\":[0,1]}}", 1},
    {"a size in bits that overflows",
     "{\"a\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0},
    {"nine dimensions",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1},
    {"half a byte", "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"begin after end", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1},
    {"an end outside the file", "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
     1},
    {"offsets that do not fit the shape",
     "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"three offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}", 1},
    {"a hole",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}",
     3},
    {"an overlap",
     "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
     3},
    {"a hole at the start", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2},
    {"bytes left over", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2},
    {"bytes that no tensor owns", "{}", 1},
    {"an empty name", "{\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"a control character in a name",
     "{\"a\\u0007\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"a NUL in a name", "{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
     1},
    {"text that is not UTF-8",
     "{\"a\xff\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1},
    {"metadata that is no object", "{\"__metadata__\":[]}", 0},
    {"metadata with a number", "{\"__metadata__\":{\"a\":1}}", 0},
    {"deep nesting", "{\"a\":{\"dtype\":\"U8\",\"shape\":[[[1]]],\"data_offsets\":[0,1]}}", 1},
    {"an entry that is no object", "{\"a\":3}", 0},
};

static void
test_bad(void)
{
    struct safetensors *s;
    struct err e;

    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int rc = open_text(BAD[i].json, BAD[i].data_size, &s, &e);

        ok(rc == ST_INVALID && s == NULL, "refused: %s", BAD[i].what);
        if (rc != ST_INVALID)
            safetensors_close(s);
    }
}

static void
test_frame(void)
{
    static const char JSON[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    struct safetensors *s;
    char name[600];
    struct err e;

    put_file(path, "1234567", 7);
    is_int(safetensors_open(path, &s, &e), ST_INVALID, "refused: seven bytes");
    put_file(path, "", 0);
    is_int(safetensors_open(path, &s, &e), ST_INVALID, "refused: an empty file");
    (void)put_safetensors(path, JSON, sizeof JSON - 1, sizeof JSON + 1, 1);
    is_int(safetensors_open(path, &s, &e), ST_INVALID, "refused: a header longer than the file");
    (void)put_safetensors(path, JSON, sizeof JSON - 1, UINT64_MAX, 1);
    is_int(safetensors_open(path, &s, &e), ST_INVALID, "refused: the longest header there can be");
    (void)put_safetensors(path, JSON, sizeof JSON - 1, 0, 1);
    is_int(safetensors_open(path, &s, &e), ST_INVALID, "refused: no header");
    (void)snprintf(name, sizeof name,
                   "{\"%0300d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    is_int(open_text(name, 1, &s, &e), ST_INVALID, "refused: a name of 300 bytes");
    is_int(safetensors_open("/nonexistent/x", &s, &e), ST_IO, "no such file");
    is_int(safetensors_open("/tmp", &s, &e), ST_IO, "a folder is no file");
}

static void
test_good(void)
{
    static const char JSON[] =
        "{\"__metadata__\":{\"format\":\"pt\"},"
        "\"z\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
        "\"empty\":{\"dtype\":\"F16\",\"shape\":[0,7],\"data_offsets\":[4,4]},"
        "\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[7,15]},"
        "\"odd\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]}}   ";
    const struct safetensor *t;
    struct safetensors *s;
    struct err e;

    is_int(open_text(JSON, 15, &s, &e), ST_OK,
           "a good file, padded header, unaligned data, an empty tensor");
    is_int((int64_t)safetensors_count(s), 4, "  has four tensors");
    t = safetensors_find(s, "ids");
    ok(t != NULL && t->kind == DTYPE_OTHER && strcmp(t->format, "I64") == 0,
       "  the integers are there, by name");
    t = safetensors_find(s, "z");
    ok(t != NULL && t->rank == 0 && t->kind == DTYPE_F32, "  a scalar has no dimensions");
    ok(safetensors_find(s, "nothing") == NULL, "  what is not there is not found");
    ok(memcmp(safetensors_data(s, safetensors_find(s, "odd"), &e), "\4\5\6", 3) == 0,
       "  its bytes are in place");
    is_int(truncate(path, 60), 0, "the file is cut short while it is open");
    ok(safetensors_data(s, t, &e) == NULL && e.code == ST_IO, "  which is noticed");
    safetensors_close(s);
}

static void
test_numbers(void)
{
    static const unsigned char HALVES[] = {0x00, 0x00, 0x00, 0x80, 0x00, 0x3c, 0x01,
                                           0x00, 0xff, 0x03, 0xff, 0x7b, 0x00, 0x7c,
                                           0x00, 0xfc, 0x01, 0x7e, 0x55, 0x35};
    static const unsigned char BRAIN[] = {0x80, 0x3f, 0x49, 0xc0};
    float out[10];

    dtype_convert(DTYPE_F16, HALVES, out, 10);
    ok(out[0] == 0.0f && !signbit(out[0]) && out[1] == 0.0f && signbit(out[1]),
       "f16: zeros keep their sign");
    ok(out[2] == 1.0f && out[3] == 0x1p-24f && out[4] == 0x1.ff8p-15f,
       "f16: one, the smallest, the largest subnormal");
    ok(out[5] == 65504.0f && isinf(out[6]) && out[7] == -INFINITY && isnan(out[8]),
       "f16: the largest, infinities, NaN");
    is_real((double)out[9], 0.333251953125, 0.0, "f16: a third");
    dtype_convert(DTYPE_BF16, BRAIN, out, 2);
    ok(out[0] == 1.0f && out[1] == -3.140625f, "bf16");
}

static void
test_store(void)
{
    static const char ONE[] =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,1,1],\"data_offsets\":[0,8]}}    ";
    static const char TWO[] = "{\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    static const char INDEX[] =
        "{\"metadata\":{\"total_size\":16},\"weight_map\":{\"a\":\"m-1.safetensors\","
        "\"b\":\"m-2.safetensors\"}}";
    static const char EVIL[] = "{\"weight_map\":{\"a\":\"../m-1.safetensors\"}}";
    const size_t right[] = {2}, wrong[] = {2, 3};
    struct weight_store *s;
    const float *mapped;
    char file[260];
    struct err e;

    (void)snprintf(file, sizeof file, "%s/m-1.safetensors", folder);
    (void)put_safetensors(file, ONE, sizeof ONE - 1, sizeof ONE - 1, 8);
    (void)snprintf(file, sizeof file, "%s/m-2.safetensors", folder);
    (void)put_safetensors(file, TWO, sizeof TWO - 1, sizeof TWO - 1, 8);
    (void)snprintf(file, sizeof file, "%s/m.safetensors.index.json", folder);
    put_file(file, INDEX, sizeof INDEX - 1);
    is_int(weight_store_open(folder, "m", &s, &e), ST_OK, "shards by an index");
    is_int((int64_t)weight_store_bytes(s), 16, "  have the bytes of both");
    ok(weight_store_has(s, "a") && weight_store_has(s, "b") && !weight_store_has(s, "c"),
       "  and their names");
    is_int(weight_store_look(s, "a", right, 1, &mapped, &e), ST_OK,
           "  ones at the end of a shape do not count");
    is_int(weight_store_look(s, "a", wrong, 2, &mapped, &e), ST_INVALID,
           "  a wrong shape is refused");
    is_str(e.message, "The tensor a has shape [2, 1, 1], expected [2, 3].",
           "  by name, with both shapes");
    is_int(weight_store_look(s, "layer.c", wrong, 2, &mapped, &e), ST_INVALID,
           "  a missing tensor is refused");
    is_str(e.message, "The model lacks the tensor layer.c, expected with shape [2, 3].",
           "  by name, with its shape");
    is_int(weight_store_look(s, "b", (const size_t[]){1}, 1, &mapped, &e), ST_UNSUPPORTED,
           "  integers are refused");
    ok(strstr(e.message, "I64") != NULL, "  by format: %s", e.message);
    weight_store_close(s);
    put_file(file, EVIL, sizeof EVIL - 1);
    is_int(weight_store_open(folder, "m", &s, &e), ST_INVALID,
           "an index that leads out of the folder is refused");
    is_int(weight_store_open(folder, "n", &s, &e), ST_IO, "no file at all");
    ok(strstr(e.message, "n.safetensors") != NULL, "  is named: %s", e.message);
}

static void
clean_up(void)
{
    static const char *const NAMES[] = {"x", "m-1.safetensors", "m-2.safetensors",
                                        "m.safetensors.index.json"};
    char file[260];

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        (void)snprintf(file, sizeof file, "%s/%s", folder, NAMES[i]);
        (void)unlink(file);
    }
    (void)rmdir(folder);
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    (void)snprintf(path, sizeof path, "%s/x", folder);
    test_bad();
    test_frame();
    test_good();
    test_numbers();
    test_store();
    clean_up();
    return tap_done();
}
