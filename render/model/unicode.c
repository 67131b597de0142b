/*
 * Unicode for the tokenizer. Knows no vocabulary. Read next: tokenizer.c.
 */
#include "render/model/unicode.h"

#include "render/model/unicode_tables.h"

size_t
unicode_decode(const char *s, size_t len, uint32_t *out)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)s;
    size_t size;
    uint32_t c;

    *out = 0;
    if (len == 0)
        return 0;
    if (u[0] < 0x80) {
        *out = u[0];
        return 1;
    }
    if (u[0] >= 0xc2 && u[0] < 0xe0)
        size = 2;
    else if (u[0] >= 0xe0 && u[0] < 0xf0)
        size = 3;
    else if (u[0] >= 0xf0 && u[0] < 0xf5)
        size = 4;
    else
        return 0;
    if (size > len)
        return 0;
    c = u[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3f);
    }
    /* Longer than needed, half of a pair, or past the end of Unicode. */
    if (c < LEAST[size] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    *out = c;
    return size;
}

size_t
unicode_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static bool
in_ranges(const struct unicode_range *r, size_t count, uint32_t c)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c > r[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && c >= r[low].first;
}

bool
unicode_is_letter(uint32_t c)
{
    return in_ranges(unicode_letters, unicode_letters_count, c);
}

bool
unicode_is_number(uint32_t c)
{
    return in_ranges(unicode_numbers, unicode_numbers_count, c);
}

bool
unicode_is_space(uint32_t c)
{
    static const uint32_t SPACES[] = {0x20,   0x85,   0xa0,   0x1680, 0x2028,
                                      0x2029, 0x202f, 0x205f, 0x3000};

    if ((c >= 0x09 && c <= 0x0d) || (c >= 0x2000 && c <= 0x200a))
        return true;
    for (size_t i = 0; i < sizeof SPACES / sizeof *SPACES; i++) {
        if (c == SPACES[i])
            return true;
    }
    return false;
}

uint32_t
unicode_to_lower(uint32_t c)
{
    size_t low = 0, high = unicode_lowers_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c > unicode_lowers[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < unicode_lowers_count && c >= unicode_lowers[low].first &&
        (c - unicode_lowers[low].first) % unicode_lowers[low].step == 0)
        return (uint32_t)((int32_t)c + unicode_lowers[low].distance);
    return c;
}

uint32_t
unicode_compose(uint32_t base, uint32_t mark)
{
    size_t low = 0, high = unicode_pairs_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct unicode_pair *p = &unicode_pairs[middle];

        if (p->base == base && p->mark == mark)
            return p->composed;
        if (p->base < base || (p->base == base && p->mark < mark))
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}
