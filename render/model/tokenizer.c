/*
 * The tokenizer. Knows no network. Read next: tokenizer_load.c, render/model/clip_text.c.
 *
 * Steps: compose, lower-case, collapse white space; cut into pieces (contractions, letters, single
 * digits, the rest); write each piece's bytes as symbols, the last one with "</w>"; merge the pair
 * of lowest rank until none is left. Easy to get wrong: one digit per piece, and characters above
 * 127 are classified as Unicode, not as bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/model/tokenizer_tables.h"
#include "render/model/unicode.h"

struct output {
    const struct tokenizer *t;
    int32_t *ids;
    size_t capacity; /* for tokens of the text */
    size_t count;    /* tokens so far, also those that did not fit */
    int32_t *word;   /* scratch: a piece's symbols */
};

void
tokenizer_free(struct tokenizer *t)
{
    if (t == NULL)
        return;
    free(t->merges);
    free(t);
}

size_t
tokenizer_size(const struct tokenizer *t)
{
    return t->size;
}

/* Reads UTF-8 into characters, composed, in lower case, runs of white space as one blank. */
static int
normalise(const char *text, uint32_t *out, size_t *count, struct err *e)
{
    size_t len = strlen(text), n = 0;

    for (size_t i = 0; i < len;) {
        uint32_t c, composed;
        size_t size = unicode_decode(text + i, len - i, &c);

        if (size == 0)
            return err_setf(e, ST_INVALID, "The prompt is not valid UTF-8 text.");
        i += size;
        if (n > 0 && (composed = unicode_compose(out[n - 1], c)) != 0)
            out[n - 1] = composed;
        else if (!unicode_is_space(c))
            out[n++] = c;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (out[i] != 0x130) {
            out[i] = unicode_to_lower(out[i]);
            continue;
        }
        /* The dotted capital I is the one letter whose lower case has two characters: i and a mark.
         */
        memmove(out + i + 2, out + i + 1, (n - i - 1) * sizeof *out);
        out[i++] = 'i';
        out[i] = 0x307;
        n++;
    }
    *count = n;
    return ST_OK;
}

/* The length of a contraction's ending at s ("'s" …), or 0. */
static size_t
contraction(const uint32_t *s, size_t len)
{
    if (len < 2 || s[0] != '\'')
        return 0;
    if (s[1] == 's' || s[1] == 't' || s[1] == 'm' || s[1] == 'd')
        return 2;
    if (len < 3)
        return 0;
    if ((s[1] == 'r' && s[2] == 'e') || (s[1] == 'v' && s[2] == 'e') ||
        (s[1] == 'l' && s[2] == 'l'))
        return 3;
    return 0;
}

/* The length of the special token at s, and its id; 0 if there is none. */
static size_t
special(const struct tokenizer *t, const uint32_t *s, size_t len, int32_t *id)
{
    for (size_t i = 0; i < TOKENIZER_SPECIALS; i++) {
        const struct tokenizer_special *q = &t->specials[i];
        size_t n = strlen(q->text), k = 0;

        while (k < n && k < len && s[k] == (unsigned char)q->text[k])
            k++;
        if (n > 0 && k == n) {
            *id = q->id;
            return n;
        }
    }
    return 0;
}

/* The length of the piece that begins at s, len > 0; a blank is a piece of its own, which the
 * caller drops. */
static size_t
piece(const struct tokenizer *t, const uint32_t *s, size_t len)
{
    size_t n = contraction(s, len);
    int32_t id;

    if (n > 0)
        return n;
    if (s[0] == ' ' || unicode_is_number(s[0]))
        return 1;
    if (unicode_is_letter(s[0])) {
        for (n = 1; n < len && unicode_is_letter(s[n]); n++)
            ;
        return n;
    }
    for (n = 1; n < len && s[n] != ' ' && !unicode_is_letter(s[n]) && !unicode_is_number(s[n]);
         n++) {
        if (special(t, s + n, len - n, &id) > 0)
            break;
    }
    return n;
}

static void
put(struct output *o, int32_t id)
{
    if (o->count < o->capacity)
        o->ids[o->count] = id;
    o->count++;
}

static const struct tokenizer_merge *
find_merge(const struct tokenizer *t, int32_t left, int32_t right)
{
    size_t mask = t->merge_slots - 1;

    for (size_t i = tokenizer_pair_hash(left, right) & mask;; i = (i + 1) & mask) {
        const struct tokenizer_merge *m = &t->merges[i];

        if (m->rank == 0)
            return NULL;
        if (m->left == left && m->right == right)
            return m;
    }
}

/* Merges symbols, lowest rank first, the leftmost of equals first; puts what is left. */
static void
put_word(struct output *o, size_t n)
{
    int32_t *w = o->word;

    for (;;) {
        const struct tokenizer_merge *best = NULL;
        size_t to = 0;

        for (size_t i = 0; i + 1 < n; i++) {
            const struct tokenizer_merge *m = find_merge(o->t, w[i], w[i + 1]);

            if (m != NULL && (best == NULL || m->rank < best->rank))
                best = m;
        }
        if (best == NULL)
            break;
        for (size_t i = 0; i < n; i++) {
            if (i + 1 < n && w[i] == best->left && w[i + 1] == best->right) {
                w[to++] = best->result;
                i++;
            } else {
                w[to++] = w[i];
            }
        }
        n = to;
    }
    for (size_t i = 0; i < n; i++)
        put(o, w[i]);
}

static void
put_piece(struct output *o, const uint32_t *s, size_t len)
{
    size_t n = 0;
    char bytes[4];

    for (size_t i = 0; i < len; i++) {
        size_t size = unicode_encode(s[i], bytes);

        for (size_t k = 0; k < size; k++) {
            bool last = i + 1 == len && k + 1 == size;

            o->word[n++] = o->t->bytes[last ? 1 : 0][(unsigned char)bytes[k]];
        }
    }
    put_word(o, n);
}

int
tokenizer_words(const struct tokenizer *t, const char *text, size_t capacity, int32_t *ids,
                size_t *used, struct err *e)
{
    size_t len = strlen(text), count = 0, n;
    /* A character may become two, and has at most four bytes as many symbols. */
    uint32_t *s = malloc((2 * len + 2) * sizeof *s);
    struct output o = {.t = t, .ids = ids, .capacity = capacity};
    int rc = ST_OK;

    *used = 0;
    o.word = malloc((8 * len + 8) * sizeof *o.word);
    if (s == NULL || o.word == NULL) {
        rc = err_set(e, ST_NOMEM, "Out of memory.", "tokenizer");
        goto out;
    }
    if ((rc = normalise(text, s, &count, e)) != ST_OK)
        goto out;
    for (size_t i = 0; i < count; i += n) {
        int32_t id;

        if ((n = special(t, s + i, count - i, &id)) > 0) {
            put(&o, id);
            continue;
        }
        n = piece(t, s + i, count - i);
        if (s[i] != ' ')
            put_piece(&o, s + i, n);
    }
    *used = o.count;
out:
    free(o.word);
    free(s);
    return rc;
}

int
tokenizer_encode(const struct tokenizer *t, const char *text, size_t capacity, int32_t *ids,
                 size_t *used, struct err *e)
{
    size_t count, n;
    int rc;

    if (used != NULL)
        *used = 0;
    if ((rc = tokenizer_words(t, text, capacity - 2, ids + 1, &count, e)) != ST_OK)
        return rc;
    ids[0] = t->start;
    n = count < capacity - 2 ? count : capacity - 2;
    ids[n + 1] = t->end;
    for (size_t i = n + 2; i < capacity; i++)
        ids[i] = t->pad;
    if (used != NULL)
        *used = count;
    return ST_OK;
}

struct tokenizer_marks
tokenizer_marks(const struct tokenizer *t)
{
    return (struct tokenizer_marks){t->start, t->end, t->pad};
}
