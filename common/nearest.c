/*
 * Edit distance between short words, and the choice of the nearest.
 */
#include "common/nearest.h"

#include <string.h>

#define WORD 63

static size_t
min2(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
nearest_distance(const char *a, const char *b)
{
    size_t rows[3][WORD + 1]; /* two rows back, one row back, this row */
    size_t la = strnlen(a, WORD), lb = strnlen(b, WORD);

    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        const size_t *before = rows[(i + 1) % 3], *last = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            row[j] = min2(last[j], row[j - 1]) + 1;
            row[j] = min2(row[j], last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = min2(row[j], before[j - 2] + 1);
        }
    }
    return rows[la % 3][lb];
}

void
nearest_offer(const char *typed, const char *word, const char **best, size_t *best_distance)
{
    size_t d = nearest_distance(typed, word);

    if (d > 1 + strlen(word) / 4)
        return;
    if (*best == NULL || d < *best_distance) {
        *best = word;
        *best_distance = d;
    }
}
