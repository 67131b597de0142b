/*
 * Forms, headers and templates under 40,000 deterministic mutations of good input: nothing may
 * crash, and what is accepted must keep its promises (web_entry.c checks them). Sanitizer builds
 * make this sharp.
 */
#include "t/fuzz/web_entry.h"
#include "t/lib/tap.h"

#define ROUNDS 40000
#define SIZE_MAX_INPUT 2000

#define PART(name, more, text)                                                                     \
    "--XX\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n" text "\r\n"

static const char *const seeds[] = {
    "\x04"
    "a=1&b=two+words&c=%C3%A4&d=7.5&e=on&f=blue&g=00000000000000000000000001&a=2&h",
    "\x01"
    "multipart/form-data; boundary=XX\n" PART("a", "", "one\r\ntwo")
        PART("h", "; filename=\"x.png\"", "PNG\r\n--X") PART("c", "", "5") "--XX--\r\n",
    "\x01"
    "multipart/form-data; charset=x; boundary=\"XX\"\n" PART("f", "", "red") "--XX--",
    "\x02"
    "<p>{{a}} {{{a}}}</p>\n{{#l}}\n  <li>{{a}}\n{{/l}}\n{{^no}}x{{/no}}{{! c }}{{b.c}}\n{{=<% "
    "%>=}}<%a%> <%&a%>\n <%> p %>\n",
    "\x02"
    "{{#b}}{{#l}}{{.}}{{a}}{{c}}{{/l}}{{/b}}\r\n",
    "\x03"
    "HTTP_COOKIE=a=1; gempix=abcdefghij; b",
    "\x03"
    "PATH_INFO=/jobs/00000000000000000000000001",
    "\x03"
    "/a/00000000000000000000000001/7zzzzzzzzzzzzzzzzzzzzzzzzz",
    "\x03"
    "HTTP_REFERER=https://example.org/a%20b",
};
#define SEEDS (sizeof seeds / sizeof seeds[0])

static const char *const words[] = {
    "%",    "%0",   "&",     "=",         "\r\n",      "--XX", "--XX--", "\"",  "\\",
    ";",    "{{",   "}}",    "{{#a}}",    "{{/a}}",    "{{=",  "=}}",    "{{>", "{{{",
    "\xff", "\xc3", "name=", "filename=", "boundary=", "/",    "gempix="};

/* xorshift: the same numbers everywhere. */
static uint32_t state;

static uint32_t
next(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return below > 0 ? state % below : 0;
}

/* Changes the input once, never its first byte; returns the new size. */
static size_t
mutate(uint8_t *data, size_t size)
{
    size_t at = 1 + next((uint32_t)size), len;
    const char *word;

    switch (next(5)) {
    case 0:
        if (at < size)
            data[at] = (uint8_t)next(256);
        return size;
    case 1:
        return at < size ? at : size; /* cut off */
    case 2:                           /* some bytes out */
        len = next(16);
        if (at >= size || len > size - at)
            return size;
        memmove(data + at, data + at + len, size - at - len);
        return size - len;
    case 3: /* a stretch twice */
        len = next(64);
        if (at >= size || len > size - at || size + len > SIZE_MAX_INPUT)
            return size;
        memmove(data + at + len, data + at, size - at);
        return size + len;
    default: /* a word in between */
        word = words[next(sizeof words / sizeof words[0])];
        len = strlen(word);
        if (at > size || size + len > SIZE_MAX_INPUT)
            return size;
        memmove(data + at + len, data + at, size - at);
        memcpy(data + at, word, len);
        return size + len;
    }
}

int
main(void)
{
    uint8_t data[SIZE_MAX_INPUT + 1];

    for (size_t i = 0; i < SEEDS; i++)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)seeds[i], strlen(seeds[i]));
    ok(true, "%zu seeds", SEEDS);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        const char *seed = seeds[round % SEEDS];
        size_t size = strlen(seed);
        state = round * 2654435761u;
        memcpy(data, seed, size);
        for (uint32_t changes = 1 + next(4); changes > 0; changes--)
            size = mutate(data, size);
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    ok(true, "%d mutations", ROUNDS);
    return tap_done();
}
