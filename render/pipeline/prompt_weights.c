/*
 * The webui's prompt markup. Knows neither tokens nor networks. Read next: prompt_chunks.c.
 *
 * Pieces are cut where the weight can change, and joined again at the end: the tokenizer may see a
 * different text at a cut (a word in two halves), so there must not be more of them than needed.
 */
#include "render/pipeline/prompt_weights.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

#define MORE 1.1
#define WEIGHT_MOST 1e6 /* keeps products of nested weights finite */

struct parser {
    struct prompt_piece *list;
    size_t count;
    size_t *round, *square; /* pieces at which a bracket opened */
    size_t rounds, squares;
    char *bytes; /* the next byte to write */
};

void
prompt_weights_release(struct prompt_pieces *pieces)
{
    free(pieces->list);
    free(pieces->bytes);
    memset(pieces, 0, sizeof *pieces);
}

static void
put(struct parser *p, const char *text, size_t len, bool cut)
{
    p->list[p->count++] = (struct prompt_piece){.text = p->bytes, .weight = 1.0, .cut = cut};
    memcpy(p->bytes, text, len);
    p->bytes += len;
    *p->bytes++ = '\0';
}

static void
multiply(struct parser *p, size_t from, double by)
{
    for (size_t i = from; i < p->count; i++) {
        double w = p->list[i].weight * by;

        p->list[i].weight = fmin(fmax(w, -WEIGHT_MOST), WEIGHT_MOST);
    }
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 128;
}

/* The next BREAK that stands alone in text[at, len), or len. */
static size_t
find_break(const char *text, size_t at, size_t len)
{
    static const char WORD[] = "BREAK";
    size_t size = sizeof WORD - 1;

    for (size_t i = at; i + size <= len; i++) {
        if (memcmp(text + i, WORD, size) == 0 && (i == 0 || !is_word(text[i - 1])) &&
            (i + size == len || !is_word(text[i + size])))
            return i;
    }
    return len;
}

/* Plain text, which may hold BREAKs; the blanks around them go. */
static void
put_text(struct parser *p, const char *text, size_t len)
{
    size_t at = 0;

    for (;;) {
        size_t next = find_break(text, at, len), end = next;

        while (next < len && end > at && isspace((unsigned char)text[end - 1]))
            end--;
        put(p, text + at, end - at, false);
        if (next == len)
            return;
        put(p, "", 0, true);
        at = next + 5;
        while (at < len && isspace((unsigned char)text[at]))
            at++;
    }
}

/* ": 1.3 )" at s: its length, and the weight; 0 if it is none. */
static size_t
explicit_weight(const char *s, double *weight)
{
    size_t i = 1, n = 0;
    char number[32], *end;

    while (isspace((unsigned char)s[i]))
        i++;
    for (; s[i] == '.' || isdigit((unsigned char)s[i]) || (n == 0 && (s[i] == '+' || s[i] == '-'));
         i++) {
        if (n + 1 == sizeof number)
            return 0;
        number[n++] = s[i];
    }
    number[n] = '\0';
    while (isspace((unsigned char)s[i]))
        i++;
    *weight = strtod(number, &end);
    return n > 0 && *end == '\0' && end != number && s[i] == ')' ? i + 1 : 0;
}

/* One step at s; returns how many bytes it took, at least 1. */
static size_t
step(struct parser *p, const char *s)
{
    double weight;
    size_t n;

    switch (s[0]) {
    case '\\':
        n = s[1] != '\0' && strchr("()[]\\", s[1]) != NULL ? 1 : 0;
        put(p, s + 1, n, false); /* a backslash before anything else is dropped */
        return n + 1;
    case '(':
        p->round[p->rounds++] = p->count;
        return 1;
    case '[':
        p->square[p->squares++] = p->count;
        return 1;
    case ')':
        if (p->rounds > 0)
            multiply(p, p->round[--p->rounds], MORE);
        else
            put(p, s, 1, false);
        return 1;
    case ']':
        if (p->squares > 0)
            multiply(p, p->square[--p->squares], 1.0 / MORE);
        else
            put(p, s, 1, false);
        return 1;
    case ':':
        if (p->rounds > 0 && (n = explicit_weight(s, &weight)) > 0) {
            multiply(p, p->round[--p->rounds], weight);
            return n;
        }
        put(p, s, 1, false);
        return 1;
    default:
        n = strcspn(s, "\\()[]:");
        put_text(p, s, n);
        return n;
    }
}

/* Joins neighbours of the same weight. */
static int
join(struct parser *p, size_t size, struct prompt_pieces *out, struct err *e)
{
    /* A piece without a byte of its own still needs its end. */
    char *to = malloc(size + p->count + 1);

    if (to == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "prompt");
    out->bytes = to;
    for (size_t i = 0; i < p->count; i++) {
        const struct prompt_piece *from = &p->list[i];
        struct prompt_piece *last = out->count > 0 ? &p->list[out->count - 1] : NULL;
        size_t len = strlen(from->text);

        if (last == NULL || last->cut || from->cut || last->weight != from->weight) {
            if (last != NULL)
                to++;
            p->list[out->count].weight = from->weight;
            p->list[out->count].cut = from->cut;
            memmove(to, from->text, len);
            p->list[out->count++].text = to;
        } else {
            memmove(to, from->text, len);
        }
        to += len;
        *to = '\0';
    }
    out->list = p->list;
    p->list = NULL;
    return ST_OK;
}

int
prompt_weights_parse(const char *text, struct prompt_pieces *out, struct err *e)
{
    size_t len = strlen(text), most = len + 1;
    struct parser p = {0};
    char *bytes = malloc(2 * len + 2);
    int rc = ST_OK;

    memset(out, 0, sizeof *out);
    /* Every byte of the text makes at most one piece, and one more for the empty text. */
    p.list = calloc(most, sizeof *p.list);
    p.round = calloc(most, sizeof *p.round);
    p.square = calloc(most, sizeof *p.square);
    p.bytes = bytes;
    if (p.list == NULL || p.round == NULL || p.square == NULL || bytes == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "prompt");
        goto out;
    }
    for (size_t i = 0; i < len;)
        i += step(&p, text + i);
    while (p.rounds > 0)
        multiply(&p, p.round[--p.rounds], MORE);
    while (p.squares > 0)
        multiply(&p, p.square[--p.squares], 1.0 / MORE);
    if (p.count == 0)
        put(&p, "", 0, false);
    rc = join(&p, 2 * len + 2, out, e);
out:
    free(p.list);
    free(p.round);
    free(p.square);
    free(bytes);
    return rc;
}
