/*
 * What comes from outside when a model is installed, under deterministic mutations: a hub's list of
 * files, a manifest, heads of answers, a model card. Each may be refused or accepted, but no name
 * that is handed out may leave the model's folder.
 */
#include <unistd.h>

#include "app/ctl/model_hub.h"
#include "app/ctl/model_licence.h"
#include "app/ctl/model_source.h"
#include "common/err.h"
#include "common/fetch_http.h"
#include "common/manifest.h"
#include "t/lib/tap.h"

#define ROUNDS 4000
#define ROOM 2000
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char LIST[] =
    "{\"sha\":\"8f3e0c\",\"siblings\":[{\"rfilename\":\"unet/config.json\",\"size\":12},"
    "{\"rfilename\":\"unet/a.safetensors\",\"size\":99,\"lfs\":{\"sha256\":\"" DIGEST
    "\",\"size\":99}},{\"rfilename\":\".gitattributes\"}],\"tags\":[\"x\",\"license:mit\"],"
    "\"cardData\":{\"license\":\"openrail++\"}}";
static const char MANIFEST[] =
    "{\"format\":1,\"name\":\"a\",\"family\":\"sd1\",\"tokenizer\":\"tokenizer\",\"weights\":\"a."
    "b\","
    "\"licence\":{\"name\":\"mit\",\"file\":\"LICENSE\"},\"defaults\":{\"steps\":4,\"guidance\":1."
    "5},"
    "\"files\":[{\"name\":\"unet/a\",\"size\":5,\"sha256\":\"" DIGEST "\"}]}";
static const char HEAD[] = "HTTP/1.1 206 OK\r\nETag: \"abc\"\r\nContent-Range: bytes 5-9/10\r\n"
                           "Retry-After: 120\r\n\r\n";
static const char CARD[] = "---\nlicense: other\nlicense_name: \"mit\" # x\n---\n# Model\n";
static const char *const WORDS[] = {
    "..", "/",  "../",   "\\u0000", "\"",         "{",    "}",     "[",  "]",   ",",
    ":",  "-1", "1e400", "null",    "2147483648", "\r\n", "---\n", "\\", "\033"};

static uint64_t state = 20261123;

static uint32_t
next(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return below != 0 ? (uint32_t)(state >> 32) % below : 0;
}

/* A few changes of the seed into out[ROOM]; the length, without a NUL that is always there. */
static size_t
mutate(const char *seed, char *out)
{
    size_t len = strlen(seed);

    memcpy(out, seed, len);
    for (uint32_t n = next(4) + 1; n > 0 && len > 0; n--) {
        size_t at = next((uint32_t)len);
        const char *word = WORDS[next(sizeof WORDS / sizeof *WORDS)];
        switch (next(4)) {
        case 0:
            out[at] = (char)(next(255) + 1);
            break;
        case 1:
            memmove(out + at, out + at + 1, len - at - 1);
            len--;
            break;
        case 2:
            len = next(8) == 0 ? at : len;
            break;
        default:
            if (len + strlen(word) + 1 < ROOM) {
                memmove(out + at + strlen(word), out + at, len - at);
                memcpy(out + at, word, strlen(word));
                len += strlen(word);
            }
        }
    }
    out[len] = '\0';
    return len;
}

static bool
try_list(const char *body, size_t len, int *accepted)
{
    struct model_source s = {.revision = "main"};
    struct err e = {0};
    bool good = true;

    if (hub_take_list(&s, body, len, &e) == ST_OK) {
        ++*accepted;
        for (size_t i = 0; i < s.files.count; i++)
            good = good && manifest_is_safe(s.files.list[i].name);
        good = good && strchr(s.revision, '/') == NULL && s.revision[0] != '.';
    }
    model_files_release(&s.files);
    return good;
}

static bool
try_manifest(const char *folder, const char *path, const char *body, size_t len, int *accepted)
{
    struct manifest m;
    struct err e = {0};
    FILE *f = fopen(path, "w");
    bool good = f != NULL && fwrite(body, 1, len, f) == len;

    if (f == NULL || fclose(f) != 0)
        return false;
    if (manifest_read(folder, &m, &e) == ST_OK) {
        ++*accepted;
        for (size_t i = 0; i < m.file_count; i++)
            good = good && manifest_is_safe(m.files[i].name) && m.files[i].size >= 0;
        good = good && (m.tokenizer[0] == '\0' || manifest_is_safe(m.tokenizer)) &&
               (m.weights[0] == '\0' || manifest_is_safe(m.weights)) &&
               (m.licence.file[0] == '\0' || manifest_is_safe(m.licence.file));
    }
    manifest_release(&m);
    return good;
}

/* The lines of a head, without the NUL that a real one has not either. */
static bool
try_head(const char *body, size_t len)
{
    struct fetch_head h = {0};

    for (const char *at = body; len > 0;) {
        const char *end = memchr(at, '\n', len);
        size_t n = end != NULL ? (size_t)(end - at) + 1 : len;
        char *line = malloc(n);
        if (line == NULL)
            return false;
        memcpy(line, at, n);
        fetch_head_line(&h, line, n);
        free(line);
        at += n;
        len -= n;
    }
    return h.status >= -99 && h.status <= 999 && strlen(h.tag) < sizeof h.tag &&
           strlen(h.range) < sizeof h.range;
}

int
main(void)
{
    char folder[] = "/tmp/gempix-models-XXXXXX", path[100], body[ROOM], licence[65];
    bool lists = true, manifests = true, heads = true, cards = true;
    int list_count = 0, manifest_count = 0;

    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/" MANIFEST_FILE, folder);
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = mutate(LIST, body);
        lists = try_list(body, len, &list_count) && lists;
        len = mutate(HEAD, body);
        heads = try_head(body, len) && heads;
        mutate(CARD, body);
        model_licence_of_card(body, licence, sizeof licence);
        cards = strlen(licence) < sizeof licence && strpbrk(licence, "\r\n") == NULL && cards;
        if (i % 4 == 0) {
            len = mutate(MANIFEST, body);
            manifests = try_manifest(folder, path, body, len, &manifest_count) && manifests;
        }
    }
    ok(lists, "lists of a hub: no file leaves the folder");
    ok(list_count > 100 && list_count < ROUNDS, "some are accepted (%d), some are not", list_count);
    ok(manifests, "manifests: no file leaves the folder");
    ok(manifest_count > 20 && manifest_count < ROUNDS / 4, "some are accepted (%d)",
       manifest_count);
    ok(heads, "heads of answers");
    ok(cards, "model cards");
    unlink(path);
    rmdir(folder);
    return tap_done();
}
