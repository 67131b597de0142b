/*
 * Folding; see prompt_fold.h. A table of our own instead of Unicode's normalisation: what matters
 * here is what looks alike, of which NFKC knows only a part (it keeps Cyrillic а and Greek ο).
 */
#include "common/prompt_fold.h"

#include <string.h>

/* What a character is read as; 0 = it parts words, SKIP = it is not seen. */
#define SKIP 1
#define MARK 2 /* a sign inside a word: - . _ ' */

/* U+00C0 to U+017F without their accents; '?' parts words. Sharp s and ligatures are their first
 * letter. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                            "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static const struct {
    uint16_t from;
    char to;
} alike[] = {
    /* Greek */
    {0x391, 'a'},
    {0x392, 'b'},
    {0x395, 'e'},
    {0x396, 'z'},
    {0x397, 'h'},
    {0x399, 'i'},
    {0x39A, 'k'},
    {0x39C, 'm'},
    {0x39D, 'n'},
    {0x39F, 'o'},
    {0x3A1, 'p'},
    {0x3A4, 't'},
    {0x3A5, 'y'},
    {0x3A7, 'x'},
    {0x3B1, 'a'},
    {0x3B2, 'b'},
    {0x3B3, 'y'},
    {0x3B5, 'e'},
    {0x3B7, 'n'},
    {0x3B9, 'i'},
    {0x3BA, 'k'},
    {0x3BD, 'v'},
    {0x3BF, 'o'},
    {0x3C1, 'p'},
    {0x3C3, 'o'},
    {0x3C4, 't'},
    {0x3C5, 'u'},
    {0x3C7, 'x'},
    {0x3C9, 'w'},
    {0x3F2, 'c'},
    /* Cyrillic */
    {0x405, 's'},
    {0x406, 'i'},
    {0x408, 'j'},
    {0x410, 'a'},
    {0x412, 'b'},
    {0x415, 'e'},
    {0x41A, 'k'},
    {0x41C, 'm'},
    {0x41D, 'h'},
    {0x41E, 'o'},
    {0x420, 'p'},
    {0x421, 'c'},
    {0x422, 't'},
    {0x423, 'y'},
    {0x425, 'x'},
    {0x430, 'a'},
    {0x432, 'b'},
    {0x433, 'r'},
    {0x435, 'e'},
    {0x438, 'u'},
    {0x43A, 'k'},
    {0x43C, 'm'},
    {0x43D, 'h'},
    {0x43E, 'o'},
    {0x440, 'p'},
    {0x441, 'c'},
    {0x442, 't'},
    {0x443, 'y'},
    {0x445, 'x'},
    {0x455, 's'},
    {0x456, 'i'},
    {0x458, 'j'},
    {0x501, 'd'},
    {0x51B, 'q'},
    {0x51D, 'w'},
    /* Latin of phonetics */
    {0x251, 'a'},
    {0x261, 'g'},
    {0x26A, 'i'},
    {0x1D00, 'a'},
    {0x1D07, 'e'},
    {0x274, 'n'},
};

static uint32_t
fold_ascii(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + 32;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
        (c < 0x80 && c > ' ' && strchr("@$", (int)c)))
        return c;
    return c < 0x80 && c > ' ' && strchr("-._'*~|!+/", (int)c) != NULL ? MARK : 0;
}

static bool
is_unseen(uint32_t c)
{
    return c == 0xAD || (c >= 0x300 && c <= 0x36F) || c == 0x34F || c == 0x61C ||
           (c >= 0x180B && c <= 0x180F) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0xE0000 && c <= 0xE01EF);
}

static bool
is_east_asian(uint32_t c)
{
    return (c >= 0x3041 && c <= 0x30FF && c != 0x30FB) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF) || c == 0x3005;
}

static uint32_t
fold_character(uint32_t c)
{
    if (c < 0x80)
        return fold_ascii(c);
    if (is_unseen(c))
        return SKIP;
    if (c >= 0xC0 && c < 0xC0 + sizeof latin - 1)
        return latin[c - 0xC0] == '?' ? 0 : (uint32_t)latin[c - 0xC0];
    if (c >= 0xFF01 && c <= 0xFF5E) /* wide */
        return fold_ascii(c - 0xFEE0);
    if (c >= 0x1D400 && c <= 0x1D6A3) /* letters of mathematics */
        return 'a' + (c - 0x1D400) % 26;
    if (c >= 0x1D7CE && c <= 0x1D7FF)
        return '0' + (c - 0x1D7CE) % 10;
    if (c >= 0x24B6 && c <= 0x24E9) /* in circles */
        return 'a' + (c - 0x24B6) % 26;
    if (c >= 0x1F130 && c <= 0x1F189) /* in squares */
        return 'a' + (c - 0x1F130) % 32 % 26;
    if (c >= 0x30A1 && c <= 0x30F6) /* katakana as hiragana */
        return c - 0x60;
    if (is_east_asian(c))
        return c;
    if (c == 0x2010 || c == 0x2011 || c == 0x2019 || c == 0xB7 || c == 0x2022)
        return MARK;
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        if (alike[i].from == c)
            return (uint32_t)alike[i].to;
    return (c >= 0x386 && c <= 0x5FF)
               ? c
               : 0; /* other letters of those alphabets hold words together */
}

/* The next character and its length; what is no UTF-8 is one byte that parts words. */
static uint32_t
next(const unsigned char *s, size_t len, size_t *n)
{
    uint32_t c = s[0];
    size_t more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;

    *n = 1;
    if (c < 0x80 || more == 0 || more >= len)
        return c < 0x80 ? c : ' ';
    c &= 0x3FU >> more;
    for (size_t i = 1; i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return ' ';
        c = c << 6 | (s[i] & 0x3F);
    }
    *n = more + 1;
    return c;
}

/* A sign or a digit as the letter that it stands for; l is i. */
static char
as_letter(char c)
{
    static const char from[] = "013456789@$l", to[] = "oieasgtbgasi";
    const char *at = c != '\0' ? strchr(from, c) : NULL;

    return at != NULL ? to[at - from] : c;
}

/* --- words --- */

struct cutter {
    struct folded *out;
    enum fold_reading reading;
    char word[128]; /* the word that grows */
    size_t len;
    char joined[128]; /* words with only signs between them, and letters that stand alone */
    size_t joined_len, pieces;
    char alone[128]; /* letters with blanks between them */
    size_t alone_len;
};

static void
put_word(struct folded *out, const char *text, size_t len)
{
    struct fold_word *w = &out->words[out->count];

    if (len == 0)
        return;
    if (out->count == FOLD_WORDS || out->used + len + 1 > FOLD_BYTES) {
        out->full = true;
        return;
    }
    *w = (struct fold_word){.text = out->bytes + out->used, .len = (uint16_t)len};
    memcpy(out->bytes + out->used, text, len);
    out->bytes[out->used + len] = '\0';
    w->number = strspn(w->text, "0123456789") == len;
    out->used += len + 1;
    out->count++;
}

/* "nuuude": three and more of a letter are one. */
static size_t
shorten(char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len;) {
        size_t run = 1;
        while (i + run < len && s[i + run] == s[i])
            run++;
        for (size_t k = 0; k < (run > 2 ? 1 : run); k++)
            s[n++] = s[i];
        i += run;
    }
    return n;
}

static bool
has_letter(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((s[i] >= 'a' && s[i] <= 'z') || (unsigned char)s[i] >= 0x80)
            return true;
    return false;
}

static void
put_spelt(struct folded *out, const char *text, size_t len)
{
    char copy[128];

    if (!has_letter(text, len)) { /* a number, or nothing but signs */
        if (strspn(text, "0123456789") >= len)
            put_word(out, text, len);
        return;
    }
    for (size_t i = 0; i < len; i++)
        copy[i] = as_letter(text[i]);
    put_word(out, copy, shorten(copy, len));
}

static void
append(char *to, size_t *len, const char *from, size_t n)
{
    if (*len + n < 128) {
        memcpy(to + *len, from, n);
        *len += n;
        to[*len] = '\0';
    }
}

static void
end_alone(struct cutter *c)
{
    if (c->alone_len >= 3)
        put_spelt(c->out, c->alone, c->alone_len);
    c->alone_len = 0;
}

static void
end_word(struct cutter *c)
{
    if (c->len == 0)
        return;
    if (c->reading == FOLD_SPELT) {
        put_spelt(c->out, c->word, c->len);
        append(c->joined, &c->joined_len, c->word, c->len);
        c->pieces++;
        if (c->len == 1)
            append(c->alone, &c->alone_len, c->word, 1);
        else
            end_alone(c);
    } else if (has_letter(c->word, c->len) || strspn(c->word, "0123456789") >= c->len) {
        put_word(c->out, c->word, c->len);
    }
    c->len = 0;
}

/* A blank: what signs had joined ends. */
static void
end_joined(struct cutter *c)
{
    if (c->pieces > 1)
        put_spelt(c->out, c->joined, c->joined_len);
    c->joined_len = c->pieces = 0;
}

static void
put_utf8(char out[4], size_t *n, uint32_t c)
{
    *n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = *n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((*n == 2 ? 0xC0 : *n == 3 ? 0xE0 : 0xF0) | c);
}

static void
take(struct cutter *c, uint32_t f)
{
    bool digit = f >= '0' && f <= '9',
         was_digit = c->len > 0 && c->word[c->len - 1] <= '9' && c->word[c->len - 1] >= '0';
    char bytes[4] = {(char)f};
    size_t n = 1;

    if (f == SKIP)
        return;
    if (f == 0 || f == MARK || is_east_asian(f)) {
        end_word(c);
        if (f != MARK)
            end_joined(c);
        if (f > MARK) {
            end_alone(c);
            put_utf8(bytes, &n, f);
            put_word(c->out, bytes, n);
        }
        return;
    }
    if (c->reading == FOLD_COUNTED && c->len > 0 && digit != was_digit)
        end_word(c);
    if (f >= 0x80)
        put_utf8(bytes, &n, f);
    append(c->word, &c->len, bytes, n);
}

void
fold_text(const char *text, size_t len, enum fold_reading reading, struct folded *out)
{
    struct cutter c = {.out = out, .reading = reading};

    out->used = out->count = 0;
    out->full = false;
    for (size_t i = 0, n; i < len; i += n)
        take(&c, fold_character(next((const unsigned char *)text + i, len - i, &n)));
    end_word(&c);
    end_joined(&c);
    end_alone(&c);
}
