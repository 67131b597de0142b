/*
 * Text as a reader takes it in: letters without case, accents and disguise, cut into words. So that
 * a rule about a word finds it however it is spelt, and does not find it inside another word. Knows
 * no rules. Read next: prompt_rules.h.
 */
#ifndef GEMPIX_COMMON_PROMPT_FOLD_H
#define GEMPIX_COMMON_PROMPT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLD_WORDS 4096 /* that are looked at; what follows is not */
#define FOLD_BYTES 16384

struct fold_word {
    const char *text; /* in the struct's bytes; NUL-terminated */
    uint16_t len;
    bool number;
};

struct folded {
    char bytes[FOLD_BYTES];
    size_t used;
    struct fold_word words[FOLD_WORDS];
    size_t count;
    bool full; /* there was more */
};

/* Two readings of the same text:
 * FOLD_SPELT: digits and signs that stand for letters are those letters, l and i are one letter,
 *     letters drawn apart ("n u d e", "nu-de") are also read as one word.
 * FOLD_COUNTED: digits are numbers, words of their own: "12yo" is "12", "yo".
 * Characters of Chinese and Japanese are words of their own in both. */
enum fold_reading { FOLD_SPELT, FOLD_COUNTED };
void fold_text(const char *text, size_t len, enum fold_reading reading, struct folded *out);

#endif
