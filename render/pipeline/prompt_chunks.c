/*
 * Tokens into chunks, as the webui cuts them. Knows no network. Read next: prompt.c.
 *
 * A chunk that is full ends at its last comma if that is near, so that a phrase is not cut in two.
 */
#include "render/pipeline/prompt_chunks.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/model/tokenizer.h"
#include "render/pipeline/prompt_weights.h"
#include "render/weights/embedding.h"

#define NEAR 20 /* tokens from the last comma to the end of a chunk */
#define NAME_TOKENS 64

struct name {
    const struct embedding *embedding;
    int32_t ids[NAME_TOKENS];
    size_t count;
};

struct filler {
    const struct prompt_target *target;
    struct prompt_chunks *to;
    size_t used;  /* tokens in the open chunk, without start */
    size_t comma; /* tokens up to and with its last comma; 0 = none */
    int32_t comma_id;
    struct name *names;
    size_t name_count;
    struct err *e;
};

void
prompt_chunks_release(struct prompt_chunks *chunks)
{
    free(chunks->ids);
    free(chunks->weights);
    free(chunks->vectors);
    free(chunks->weighted);
    memset(chunks, 0, sizeof *chunks);
}

static int
no_memory(struct err *e)
{
    return err_set(e, ST_NOMEM, "Out of memory.", "prompt");
}

void
prompt_chunks_fill(struct prompt_chunks *c, const struct tokenizer *t, size_t count)
{
    struct tokenizer_marks marks = tokenizer_marks(t);

    for (; c->count < count && c->count < PROMPT_CHUNKS; c->count++) {
        size_t at = c->count * c->length;

        for (size_t i = 0; i < c->length; i++) {
            c->ids[at + i] = i == 0 ? marks.start : i == 1 ? marks.end : marks.pad;
            c->weights[at + i] = 1.0f;
        }
    }
}

static int
open_chunk(struct filler *f)
{
    if (f->to->count == PROMPT_CHUNKS)
        return err_setf(f->e, ST_INVALID, "The prompt is longer than %zu words and signs.",
                        PROMPT_CHUNKS * (f->to->length - 2));
    prompt_chunks_fill(f->to, f->target->tokenizer, f->to->count + 1);
    f->used = f->comma = 0;
    return ST_OK;
}

static void
put(struct filler *f, int32_t id, float weight, const float *vector)
{
    struct prompt_chunks *c = f->to;
    size_t at = (c->count - 1) * c->length + 1 + f->used++;

    c->ids[at] = id;
    c->weights[at] = weight;
    c->vectors[at] = vector;
    c->ids[at + 1] = tokenizer_marks(f->target->tokenizer).end;
    if (weight != 1.0f)
        c->weighted[c->count - 1] = true;
}

/* The chunk is full. What follows its last comma goes on in the next one, if it is little. */
static int
go_on(struct filler *f, bool at_comma)
{
    struct prompt_chunks *c = f->to;
    size_t moved = f->used - f->comma, from = (c->count - 1) * c->length + 1 + f->comma;
    struct tokenizer_marks marks = tokenizer_marks(f->target->tokenizer);
    int rc;

    if (at_comma || f->comma == 0 || moved >= NEAR)
        moved = 0;
    if ((rc = open_chunk(f)) != ST_OK)
        return rc;
    for (size_t i = 0; i < moved; i++) {
        put(f, c->ids[from + i], c->weights[from + i], c->vectors[from + i]);
        c->ids[from + i] = i == 0 ? marks.end : marks.pad;
        c->weights[from + i] = 1.0f;
        c->vectors[from + i] = NULL;
    }
    if (moved > 0)
        c->ids[from + moved] = marks.pad;
    return ST_OK;
}

/* The longest name that stands at ids[0, count), or NULL. */
static const struct name *
find_name(const struct filler *f, const int32_t *ids, size_t count)
{
    const struct name *best = NULL;

    for (size_t i = 0; i < f->name_count; i++) {
        const struct name *n = &f->names[i];

        if (n->count <= count && memcmp(n->ids, ids, n->count * sizeof *ids) == 0 &&
            (best == NULL || n->count > best->count))
            best = n;
    }
    return best;
}

static int
put_embedding(struct filler *f, const struct embedding *v, float weight)
{
    size_t room = f->to->length - 2;
    int rc;

    if (v->count > room)
        return err_setf(f->e, ST_INVALID, "The embedding \"%s\" has more than %zu vectors.",
                        v->token, room);
    if (f->used + v->count > room && (rc = open_chunk(f)) != ST_OK)
        return rc;
    for (size_t i = 0; i < v->count; i++)
        put(f, 0, weight, v->values + i * v->width);
    return ST_OK;
}

static int
put_tokens(struct filler *f, const int32_t *ids, size_t count, float weight)
{
    size_t room = f->to->length - 2;
    int rc;

    for (size_t i = 0; i < count;) {
        bool comma = ids[i] == f->comma_id;
        const struct name *name = find_name(f, ids + i, count - i);

        if (comma && f->used < room)
            f->comma = f->used + 1;
        if (f->used == room && (rc = go_on(f, comma)) != ST_OK)
            return rc;
        if (name == NULL) {
            put(f, ids[i++], weight, NULL);
            continue;
        }
        if ((rc = put_embedding(f, name->embedding, weight)) != ST_OK)
            return rc;
        i += name->count;
    }
    return ST_OK;
}

static int
put_piece(struct filler *f, const struct prompt_piece *piece)
{
    /* A byte makes one token at most, but a letter may become two in lower case. */
    size_t most = 2 * strlen(piece->text) + 2, count;
    int32_t *ids;
    int rc;

    if (piece->cut)
        return open_chunk(f);
    if ((ids = malloc(most * sizeof *ids)) == NULL)
        return no_memory(f->e);
    rc = tokenizer_words(f->target->tokenizer, piece->text, most, ids, &count, f->e);
    if (rc == ST_OK)
        rc = put_tokens(f, ids, count < most ? count : most, (float)piece->weight);
    free(ids);
    return rc;
}

static int
read_names(struct filler *f)
{
    const struct prompt_target *t = f->target;
    size_t count;
    int rc;

    if ((f->names = calloc(t->embedding_count + 1, sizeof *f->names)) == NULL)
        return no_memory(f->e);
    for (size_t i = 0; i < t->embedding_count; i++) {
        struct name *to = &f->names[f->name_count];

        if (t->embeddings[i].width != t->width)
            continue;
        rc = tokenizer_words(t->tokenizer, t->embeddings[i].token, NAME_TOKENS, to->ids, &count,
                             f->e);
        if (rc != ST_OK)
            return rc;
        to->embedding = &t->embeddings[i];
        to->count = count;
        if (count > 0 && count <= NAME_TOKENS)
            f->name_count++;
    }
    /* A vocabulary in which a comma is no single token has no comma to cut at. */
    rc = tokenizer_words(t->tokenizer, ",", 1, &f->comma_id, &count, f->e);
    if (rc == ST_OK && count != 1)
        f->comma_id = -1;
    return rc;
}

int
prompt_chunks_make(const struct prompt_pieces *pieces, const struct prompt_target *target,
                   struct prompt_chunks *out, struct err *e)
{
    struct filler f = {.target = target, .to = out, .e = e};
    size_t most = PROMPT_CHUNKS * target->length;
    int rc;

    memset(out, 0, sizeof *out);
    out->length = target->length;
    out->ids = calloc(most, sizeof *out->ids);
    out->weights = calloc(most, sizeof *out->weights);
    out->vectors = calloc(most, sizeof *out->vectors);
    out->weighted = calloc(PROMPT_CHUNKS, sizeof *out->weighted);
    if (out->ids == NULL || out->weights == NULL || out->vectors == NULL || out->weighted == NULL) {
        rc = no_memory(e);
        goto out;
    }
    if ((rc = read_names(&f)) != ST_OK || (rc = open_chunk(&f)) != ST_OK)
        goto out;
    for (size_t i = 0; i < pieces->count; i++) {
        if ((rc = put_piece(&f, &pieces->list[i])) != ST_OK)
            goto out;
    }
    /* A BREAK at the end opens nothing. */
    if (f.used == 0 && out->count > 1)
        out->count--;
out:
    free(f.names);
    if (rc != ST_OK)
        prompt_chunks_release(out);
    return rc;
}
