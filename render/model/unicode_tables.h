/*
 * Tables of the Unicode character database that the tokenizer needs; unicode_tables.py writes them.
 */
#ifndef GEMPIX_RENDER_MODEL_UNICODE_TABLES_H
#define GEMPIX_RENDER_MODEL_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

struct unicode_range {
    uint32_t first, last;
};

struct unicode_lower {
    uint32_t first, last, step;
    int32_t distance;
};

struct unicode_pair {
    uint32_t base, mark, composed;
};

extern const struct unicode_range unicode_letters[], unicode_numbers[];
extern const struct unicode_lower unicode_lowers[];
extern const struct unicode_pair unicode_pairs[];
extern const size_t unicode_letters_count, unicode_numbers_count, unicode_lowers_count,
    unicode_pairs_count;

#endif
