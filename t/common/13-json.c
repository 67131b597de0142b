/*
 * json.h: what is read, what is refused and where, writing back, and that no damaged input gets
 * out of bounds.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/crypto.h"
#include "common/err.h"
#include "common/json.h"
#include "common/text.h"
#include "t/lib/tap.h"

static struct err e;

static int
parse(const char *s, int depth, struct json **out)
{
    /* An exact heap copy, so that a sanitizer sees a read past the end. */
    size_t len = strlen(s);
    char *copy = malloc(len > 0 ? len : 1);
    int rc;

    memcpy(copy, s, len);
    err_clear(&e);
    rc = json_parse(copy, len, depth, out, &e);
    free(copy);
    return rc;
}

static void
round_trip(const char *in, const char *want)
{
    struct json *j;
    struct text t;

    text_init(&t, 1000);
    if (parse(in, 8, &j) == ST_OK)
        json_put(&t, j);
    is_str(text_cstr(&t), want, want);
    json_free(j);
    text_release(&t);
}

static void
test_writing(void)
{
    round_trip(" { \"b\" : [ 1 , -2 , 0.5 ] , \"a\" : { } } ", "{\"b\":[1,-2,0.5],\"a\":{}}");
    round_trip("[true,false,null,[]]", "[true,false,null,[]]");
    round_trip("\"\\u00e9\\ud83d\\ude00\\n\\t\\\\\\/\\\"\"", "\"é😀\\n\\t\\\\/\\\"\"");
    round_trip("0.5", "0.5");
    round_trip("3.0", "3.0");
    round_trip("1E2", "100.0");
    round_trip("0.30000000000000004", "0.30000000000000004");
    round_trip("9223372036854775807", "9223372036854775807");
    round_trip("-9223372036854775808", "-9223372036854775808");
    round_trip("-0", "0");
}

static void
test_put_string(void)
{
    struct text t;

    text_init(&t, 100);
    json_put_string(&t, "a\x01\xff\xc3é");
    is_str(text_cstr(&t), "\"a\\u0001\xef\xbf\xbd\xef\xbf\xbdé\"", "no UTF-8 is replaced");
    text_release(&t);
}

static void
test_refusals(void)
{
    static const struct {
        const char *in, *at;
    } bad[] = {
        {"", "line 1"},
        {"[", "column 1"},
        {"[1,]", "near ']'"},
        {"[1 2]", "near '2'"},
        {"[1,\n 2,\n x]", "line 3, column 2"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "duplicate object key"},
        {"{\"a\":1,}", "near '}'"},
        {"{a:1}", "near 'a'"},
        {"{\"a\" 1}", "near '1'"},
        {"'a'", "near"},
        {"\"a", "premature end"},
        {"\"\\", "invalid escape"},
        {"\"\\ud800\"", "invalid Unicode"},
        {"\"\\ud800\\u0041\"", "invalid Unicode"},
        {"\"\\udc00\"", "invalid Unicode"},
        {"\"\\u00g0\"", "invalid escape"},
        {"\"\\u00\"", "invalid escape"},
        {"\"\\u0000\"", "\\u0000 is not allowed"},
        {"\"\\x\"", "invalid escape"},
        {"\"a\nb\"", "unexpected newline"},
        {"\"a\x01\"", "control character"},
        {"\"\xff\"", "decode byte"},
        {"\"\xc0\x80\"", "decode byte"},
        {"\"\xed\xa0\x80\"", "decode byte"},
        {"\"\xf4\x90\x80\x80\"", "decode byte"},
        {"\"\xe2\x82\"", "decode byte"},
        {"01", "invalid token"},
        {"+1", "invalid token"},
        {"-", "invalid token"},
        {".5", "invalid token"},
        {"1.", "invalid token"},
        {"1e", "invalid token"},
        {"1e999", "overflow"},
        {"9223372036854775808", "too big"},
        {"NaN", "invalid token"},
        {"nul", "invalid token"},
        {"true false", "end of file expected"},
        {"[[[[[]]]]]", "levels"},
        {"\xef\xbb\xbf{}", "invalid token"},
    };
    struct json *j;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int rc = parse(bad[i].in, 4, &j);
        ok(rc == ST_INVALID && j == NULL && strstr(e.message, bad[i].at) != NULL, "%zu: %s", i,
           e.message);
    }
    is_int(parse("[[[[]]]]", 4, &j), ST_OK, "four levels are four levels");
    json_free(j);
    is_int(parse("[]", 0, &j), ST_INVALID, "no level allowed");
    is_int(parse("1", 0, &j), ST_OK, "but a scalar");
    json_free(j);
}

static void
test_reading(void)
{
    const char *key;
    const struct json *value;
    void *cursor = NULL;
    struct json *j;
    char keys[8] = "";

    parse("{\"z\":1,\"y\":2.5,\"x\":\"s\",\"w\":true,\"v\":[7,8]}", 4, &j);
    is_int(json_int(j, "z", -1), 1, "int");
    is_int(json_int(j, "y", -1), -1, "a real is no int");
    is_int(json_int(j, "none", -1), -1, "missing");
    ok(json_number(j, "y", 0) == 2.5 && json_number(j, "z", 0) == 1.0, "real, also of an int");
    is_str(json_text(j, "x", "?"), "s", "string");
    is_str(json_text(j, "z", "?"), "?", "an int is no string");
    ok(json_bool(j, "w", false) && json_bool(j, "z", true), "bool");
    is_int((int64_t)json_size(json_get(j, "v")), 2, "size");
    is_int(json_value_int(json_at(json_get(j, "v"), 1), 0), 8, "element");
    ok(json_at(json_get(j, "v"), 2) == NULL && json_at(j, 0) == NULL, "no element");
    ok(json_get(NULL, "x") == NULL && json_kind(NULL) == JSON_KIND_NULL && json_size(NULL) == 0,
       "NULL");
    while (json_next(j, &cursor, &key, &value) == ST_OK)
        memcpy(keys + strlen(keys), key, 2);
    is_str(keys, "zyxwv", "members in the order of the document");
    json_free(j);
    json_free(NULL);
}

/* A big object of 50,000 keys; then a document bent in every place. */
static void
test_size_and_damage(void)
{
    const char *sample =
        "{\"a\":[1,2.5e3,\"\\u00e9x\",{\"b\":null}],\"c\":true,\"d\":\"\xc3\xa9\"}";
    struct text t;
    struct json *j;
    int good = 0;

    text_init(&t, 2000000);
    text_putc(&t, '{');
    for (int i = 0; i < 50000; i++)
        text_printf(&t, "%s\"key %d\":%d", i > 0 ? "," : "", i * 7919 % 50000, i);
    text_putc(&t, '}');
    is_int(json_parse(t.data, t.len, 2, &j, &e), ST_OK, "50,000 members");
    is_int((int64_t)json_size(j), 50000, "all");
    is_int(json_int(j, "key 7919", -1), 1, "found");
    json_free(j);
    text_clear(&t);
    for (int i = 0; i < 100000; i++)
        text_puts(&t, i == 0 ? "[0" : ",0");
    text_putc(&t, ']');
    is_int(json_parse(t.data, t.len, 2, &j, &e), ST_OK, "the densest document fits the bound");
    json_free(j);
    text_release(&t);
    for (size_t i = 0; i < strlen(sample); i++) {
        for (int c = 0; c < 256; c++) {
            char *bent = strdup(sample);
            bent[i] = (char)c;
            if (parse(bent, 4, &j) == ST_OK)
                good++;
            json_free(j);
            free(bent);
        }
    }
    ok(good > 0, "bent documents: %d of them still valid", good);
}

static void
test_file(void)
{
    char path[] = "/tmp/gempix-json-XXXXXX";
    int fd = mkstemp(path);
    struct json *j;

    ok(fd >= 0 && write(fd, "{\"a\":\n1", 7) == 7, "a file");
    close(fd);
    ok(json_parse_file(path, 100, 4, &j, &e) == ST_INVALID && strstr(e.message, path) != NULL &&
           strstr(e.message, "line 2") != NULL,
       "names file and line: %s", e.message);
    is_int(json_parse_file(path, 6, 4, &j, &e), ST_TOOBIG, "too big");
    unlink(path);
    is_int(json_parse_file(path, 100, 4, &j, &e), ST_IO, "no file");
}

int
main(void)
{
    test_writing();
    test_put_string();
    test_refusals();
    test_reading();
    test_size_and_damage();
    test_file();
    return tap_done();
}
