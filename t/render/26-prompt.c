/*
 * Prompts before they meet a network: the markup, cutting into chunks, textual inversions, and the
 * cache.
 */
#include "common/err.h"
#include "render/model/tokenizer.h"
#include "render/pipeline/prompt_cache.h"
#include "render/pipeline/prompt_chunks.h"
#include "render/pipeline/prompt_weights.h"
#include "render/weights/embedding.h"
#include "t/render/kernel_check.h"

static const struct {
    const char *text;
    struct {
        const char *text;
        double weight; /* 0 ends the list; -1 is a BREAK */
    } want[8];
} CASES[] = {
    {"", {{"", 1}}},
    {"a red sun", {{"a red sun", 1}}},
    {"a (red) sun", {{"a ", 1}, {"red", 1.1}, {" sun", 1}}},
    {"a [red] sun", {{"a ", 1}, {"red", 1 / 1.1}, {" sun", 1}}},
    {"((red))", {{"red", 1.1 * 1.1}}},
    {"[[red]]", {{"red", 1 / 1.1 / 1.1}}},
    {"(red:1.5)", {{"red", 1.5}}},
    {"(red:0.5) sun", {{"red", 0.5}, {" sun", 1}}},
    {"(a (b:2) c:1.5)", {{"a ", 1.5}, {"b", 3}, {" c", 1.5}}},
    {"(red: +1.25 ) x", {{"red", 1.25}, {" x", 1}}},
    {"(red:-0.5)", {{"red", -0.5}}},
    {"(red:1.5", {{"red:1.5", 1.1}}},
    {"(red:high)", {{"red:high", 1.1}}},
    {"(red:1.2.3)", {{"red:1.2.3", 1.1}}},
    {"red:1.5)", {{"red:1.5)", 1}}},
    {"time: 10:30", {{"time: 10:30", 1}}},
    {"(open", {{"open", 1.1}}},
    {"a ((b", {{"a ", 1}, {"b", 1.1 * 1.1}}},
    {"[open", {{"open", 1 / 1.1}}},
    {"closed) and ]", {{"closed) and ]", 1}}},
    {"\\(red\\)", {{"(red)", 1}}},
    {"a \\[b\\] \\\\ c", {{"a [b] \\ c", 1}}},
    {"a\\b", {{"ab", 1}}},
    {"end\\", {{"end", 1}}},
    {"(a)(b)", {{"ab", 1.1}}},
    {"(a)[b]c", {{"a", 1.1}, {"b", 1 / 1.1}, {"c", 1}}},
    {"([a])", {{"a", 1.1 / 1.1}}},
    {"(a [b) c]", {{"a ", 1.1}, {"b", 1.1 / 1.1}, {" c", 1 / 1.1}}},
    {"a BREAK b", {{"a", 1}, {"", -1}, {"b", 1}}},
    {"aBREAK BREAKs", {{"aBREAK BREAKs", 1}}},
    {"BREAK", {{"", 1}, {"", -1}, {"", 1}}},
    {"(a BREAK b)", {{"a", 1.1}, {"", -1}, {"b", 1.1}}},
    {"()", {{"", 1}}},
    {"(:2)", {{"", 1}}},
    {"(:2) a", {{" a", 1}}},
};

static void
test_markup(void)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct prompt_pieces p;
        size_t n = 0;
        bool good;
        struct err e;

        while (n < 8 && CASES[i].want[n].text != NULL)
            n++;
        good = prompt_weights_parse(CASES[i].text, &p, &e) == ST_OK && p.count == n;
        for (size_t k = 0; k < n && good; k++) {
            double want = CASES[i].want[k].weight;

            good = strcmp(p.list[k].text, CASES[i].want[k].text) == 0 &&
                   (want == -1 ? p.list[k].cut : fabs(p.list[k].weight - want) < 1e-12);
        }
        if (!ok(good, "%s", CASES[i].text)) {
            for (size_t k = 0; k < p.count; k++)
                diag("\"%s\" %g%s", p.list[k].text, p.list[k].weight, p.list[k].cut ? " cut" : "");
        }
        prompt_weights_release(&p);
    }
}

/* Any bytes have a meaning, which is no longer than they are. */
static void
test_noise(void)
{
    static const char SIGNS[] = "()[]:\\1.5-+ aB,\xc3\xa9";
    size_t bad = 0;

    for (uint32_t round = 0; round < 20000; round++) {
        const uint32_t key[2] = {25, 7};
        char text[64];
        size_t len = 0, size = 0;
        struct prompt_pieces p;

        for (uint32_t i = 0; i < 12; i++) {
            const uint32_t counter[4] = {round, i, 0, 0};
            uint32_t out[4];

            noise_philox(counter, key, out);
            if (out[0] % 16 == 0)
                len += (size_t)snprintf(text + len, sizeof text - len, "BREAK");
            else
                text[len++] = SIGNS[out[1] % (sizeof SIGNS - 1)];
        }
        text[len] = '\0';
        if (prompt_weights_parse(text, &p, NULL) != ST_OK || p.count == 0) {
            bad++;
            continue;
        }
        for (size_t i = 0; i < p.count; i++) {
            size += strlen(p.list[i].text);
            bad += !isfinite(p.list[i].weight);
            bad += i > 0 && !p.list[i].cut && !p.list[i - 1].cut &&
                   p.list[i].weight == p.list[i - 1].weight;
        }
        bad += size > len;
        prompt_weights_release(&p);
    }
    is_int((int64_t)bad, 0, "20000 random texts");
}

struct cut {
    struct tokenizer *t;
    struct prompt_chunks c;
    struct err e;
};

static int
cut(struct cut *f, const char *text, const struct embedding *list, size_t count)
{
    struct prompt_target target = {
        .tokenizer = f->t, .length = 77, .width = 4, .embeddings = list, .embedding_count = count};
    struct prompt_pieces p;
    int rc;

    prompt_chunks_release(&f->c);
    if ((rc = prompt_weights_parse(text, &p, &f->e)) != ST_OK)
        return rc;
    rc = prompt_chunks_make(&p, &target, &f->c, &f->e);
    prompt_weights_release(&p);
    return rc;
}

/* "a, a, a …" with `count` words; every one has a comma after it if `commas`. */
static void
words(char *out, size_t size, size_t count, bool commas)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count && at + 8 < size; i++)
        at += (size_t)snprintf(out + at, size - at, commas ? "a, " : "a ");
}

static size_t
tokens_in(const struct cut *f, size_t chunk)
{
    size_t i = 0;

    while (f->c.ids[chunk * 77 + i] != tokenizer_marks(f->t).end)
        i++;
    return i - 1;
}

static void
test_chunks(struct cut *f)
{
    struct tokenizer_marks marks = tokenizer_marks(f->t);
    int32_t ids[77];
    bool same = true;
    char text[4000];

    is_int(cut(f, "a red sun over a blue sea", NULL, 0), ST_OK, "a short prompt");
    if (tokenizer_encode(f->t, "a red sun over a blue sea", 77, ids, NULL, &f->e) != ST_OK)
        exit(1);
    for (size_t i = 0; i < 77; i++)
        same = same && f->c.ids[i] == ids[i] && f->c.weights[i] == 1.0f;
    ok(same && f->c.count == 1, "  has one chunk, just as the tokenizer writes it");
    ok(!f->c.weighted[0], "  without weights");
    words(text, sizeof text, 75, false);
    is_int(cut(f, text, NULL, 0), ST_OK, "75 words");
    ok(f->c.count == 1 && f->c.ids[75] != marks.pad && f->c.ids[76] == marks.end,
       "  fill one chunk");
    words(text, sizeof text, 76, false);
    is_int(cut(f, text, NULL, 0), ST_OK, "76 words");
    ok(f->c.count == 2 && tokens_in(f, 0) == 75 && tokens_in(f, 1) == 1, "  need two");
    ok(f->c.ids[77] == marks.start && f->c.ids[77 + 3] == marks.pad,
       "  each with its own start, end and padding");
    words(text, sizeof text, 30, true); /* 60 tokens, the last is a comma */
    words(text + strlen(text), sizeof text - strlen(text), 20, false);
    is_int(cut(f, text, NULL, 0), ST_OK, "a phrase over the edge");
    ok(f->c.count == 2 && tokens_in(f, 0) == 60 && tokens_in(f, 1) == 20,
       "  goes on behind its comma");
    words(text, sizeof text, 27, true); /* 54 tokens: the comma is 22 before the end */
    words(text + strlen(text), sizeof text - strlen(text), 25, false);
    is_int(cut(f, text, NULL, 0), ST_OK, "a long phrase over the edge");
    ok(f->c.count == 2 && tokens_in(f, 0) == 75, "  is cut where the chunk ends");
    is_int(cut(f, "a BREAK (red:1.5) BREAK", NULL, 0), ST_OK, "a BREAK");
    ok(f->c.count == 2 && tokens_in(f, 0) == 1, "  begins a chunk, one at the end does not");
    ok(f->c.weights[77] == 1.0f && f->c.weights[78] == 1.5f && f->c.weighted[1] &&
           !f->c.weighted[0],
       "  and weights fall on their tokens");
    prompt_chunks_fill(&f->c, f->t, 3);
    ok(f->c.count == 3 && f->c.ids[154] == marks.start && f->c.ids[155] == marks.end,
       "  an empty chunk is start, end, padding");
    words(text, sizeof text, 1250, false);
    is_int(cut(f, text, NULL, 0), ST_INVALID, "a prompt without end is refused");
    is_int(cut(f, "(a\xff)", NULL, 0), ST_INVALID, "so is what is no text");
}

/* Every chunk is start, tokens, end, padding, whatever the text. */
static bool
well_formed(const struct cut *f)
{
    struct tokenizer_marks marks = tokenizer_marks(f->t);

    for (size_t k = 0; k < f->c.count; k++) {
        const int32_t *ids = f->c.ids + k * 77;
        const float *weights = f->c.weights + k * 77;
        size_t used = tokens_in(f, k);

        if (ids[0] != marks.start || used > 75 || weights[0] != 1.0f)
            return false;
        for (size_t i = used + 1; i < 77; i++) {
            if (ids[i] != (i == used + 1 ? marks.end : marks.pad) || weights[i] != 1.0f ||
                f->c.vectors[k * 77 + i] != NULL)
                return false;
        }
        for (size_t i = 0; i <= used; i++) {
            if (!isfinite(weights[i]))
                return false;
        }
    }
    return f->c.count >= 1 && f->c.count <= PROMPT_CHUNKS;
}

static void
test_random_chunks(struct cut *f)
{
    static const float VALUES[40] = {1};
    static const struct embedding LIST[] = {{"sun", 10, 4, VALUES}, {"a sun", 3, 4, VALUES}};
    static const char *const WORDS[] = {"a ", "sun ", "(",  ")", "[",      "]",        ":1.2)",
                                        ", ", "sea",  "\\", "9", "BREAK ", "\xc3\xa9", "(blue:7) "};
    size_t bad = 0, refused = 0;

    for (uint32_t round = 0; round < 1000; round++) {
        const uint32_t key[2] = {26, 7};
        char text[2048];
        size_t len = 0;
        int rc;

        for (uint32_t i = 0; i < 1 + round / 4; i++) {
            const uint32_t counter[4] = {round, i, 0, 0};
            uint32_t out[4];

            noise_philox(counter, key, out);
            len += (size_t)snprintf(text + len, sizeof text - len, "%s",
                                    WORDS[out[0] % (sizeof WORDS / sizeof *WORDS)]);
        }
        rc = cut(f, text, LIST, 2);
        refused += rc == ST_INVALID;
        bad += rc == ST_OK ? !well_formed(f) : rc != ST_INVALID;
    }
    is_int((int64_t)bad, 0, "1000 random texts in chunks");
    ok(refused < 500, "  few of which are too long: %zu", refused);
}

static void
test_embeddings(struct cut *f)
{
    static const float VALUES[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const struct embedding LIST[] = {{"<sun>", 2, 4, VALUES},
                                            {"<sun>", 3, 8, VALUES},
                                            {"red sun", 1, 4, VALUES + 8},
                                            {"<big>", 76, 4, VALUES}};
    char text[400];

    is_int(cut(f, "a (<sun>:1.5) sea", LIST, 4), ST_OK, "a textual inversion");
    ok(f->c.vectors[1] == NULL && f->c.vectors[2] == VALUES && f->c.vectors[3] == VALUES + 4 &&
           f->c.vectors[4] == NULL && tokens_in(f, 0) >= 4,
       "  is replaced by its vectors");
    ok(f->c.weights[2] == 1.5f && f->c.weights[3] == 1.5f && f->c.weights[4] == 1.0f,
       "  which take its weight");
    is_int(cut(f, "a RED sun", LIST, 4), ST_OK, "one of two words");
    ok(f->c.vectors[2] == VALUES + 8 && tokens_in(f, 0) == 2, "  is found in any case");
    words(text, sizeof text, 74, false);
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "<sun>");
    is_int(cut(f, text, LIST, 4), ST_OK, "one that does not fit any more");
    ok(f->c.count == 2 && tokens_in(f, 0) == 74 && f->c.vectors[78] == VALUES,
       "  begins the next chunk");
    is_int(cut(f, "<big>", LIST, 4), ST_INVALID, "one larger than a chunk is refused");
    ok(strstr(f->e.message, "<big>") != NULL, "  by name");
}

static void
test_cache(void)
{
    struct prompt_cache *c = prompt_cache_new(3, 200);
    static const float V[40] = {1, 2, 3, 4};
    const float *found;

    prompt_cache_keep(c, "one", 0, V, 4);
    found = prompt_cache_find(c, "one", 0);
    ok(found != NULL && found != V && found[3] == 4.0f, "the cache keeps a copy");
    ok(prompt_cache_find(c, "one", 1) == NULL && prompt_cache_find(c, "on", 0) == NULL,
       "  of this text and clip skip");
    prompt_cache_keep(c, "two", 0, V + 1, 4);
    prompt_cache_keep(c, "three", 0, V + 2, 4);
    (void)prompt_cache_find(c, "one", 0);
    prompt_cache_keep(c, "four", 0, V, 4);
    ok(prompt_cache_find(c, "two", 0) == NULL && prompt_cache_find(c, "one", 0) != NULL &&
           prompt_cache_find(c, "four", 0) != NULL,
       "the one not used for longest goes");
    prompt_cache_keep(c, "large", 0, V, 40);
    ok(prompt_cache_find(c, "large", 0) != NULL && prompt_cache_find(c, "three", 0) == NULL,
       "bytes are bounded too");
    prompt_cache_keep(c, "larger than all", 0, V, 40);
    prompt_cache_clear(c);
    ok(prompt_cache_find(c, "large", 0) == NULL, "it can be emptied");
    prompt_cache_free(c);
    ok(prompt_cache_find(NULL, "", 0) == NULL, "without a cache nothing is found");
}

int
main(void)
{
    /* The first pads with its end token, the second with "!". */
    static const char *const MODELS[] = {"tiny-a", "tiny-b"};
    const char *source = getenv("GEMPIX_SRC");
    struct cut f = {.t = NULL};
    char path[1100];

    test_markup();
    test_noise();
    for (size_t i = 0; i < sizeof MODELS / sizeof *MODELS; i++) {
        (void)snprintf(path, sizeof path, "%s/t/data/%s/tokenizer", source != NULL ? source : ".",
                       MODELS[i]);
        if (tokenizer_open(path, &f.t, &f.e) != ST_OK)
            exit(1);
        test_chunks(&f);
        test_embeddings(&f);
        test_random_chunks(&f);
        prompt_chunks_release(&f.c);
        tokenizer_free(f.t);
    }
    test_cache();
    return tap_done();
}
