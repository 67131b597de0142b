/*
 * model_files.h: which files of a list are chosen; model_licence.h: what a model card says.
 */
#include "app/ctl/model_files.h"
#include "app/ctl/model_licence.h"
#include "common/err.h"
#include "common/json.h"
#include "t/lib/tap.h"

static struct err e;

/* Picks from names separated by blanks; *chosen gets the wanted ones, sorted as they came. */
static int
pick(const char *index, const char *names, bool half, char *chosen, size_t size)
{
    struct model_files f = {0};
    struct json *j = NULL;
    size_t used = 0;
    int rc = ST_OK;

    chosen[0] = '\0';
    err_clear(&e);
    for (const char *at = names; rc == ST_OK && *at != '\0'; at += *at == ' ') {
        char name[300];
        size_t len = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        rc = model_files_add(&f, name, 1, NULL, &e);
        at += len;
    }
    if (rc == ST_OK && (rc = json_parse(index, strlen(index), 8, &j, &e)) == ST_OK)
        rc = model_files_pick_folder(&f, j, half, &e);
    for (size_t i = 0; rc == ST_OK && i < f.count; i++)
        if (f.list[i].wanted)
            used += (size_t)snprintf(chosen + used, size - used, "%s%s", used > 0 ? " " : "",
                                     f.list[i].name);
    json_free(j);
    model_files_release(&f);
    return rc;
}

#define UNET "{\"unet\": [\"diffusers\", \"UNet2DConditionModel\"], \"requires\": true}"
#define INDEX "model_index.json "
#define STEM "unet/diffusion_pytorch_model"

static void
is_chosen(const char *names, bool half, const char *want, const char *what)
{
    char all[1000], expected[1000], got[1000];

    snprintf(all, sizeof all, "%s%s", INDEX, names);
    snprintf(expected, sizeof expected, "%s%s", INDEX, want);
    is_int(pick(UNET, all, half, got, sizeof got), ST_OK, what);
    is_str(got, expected, what);
}

static void
test_weights(void)
{
    const char *both = STEM ".safetensors " STEM ".fp16.safetensors";

    is_chosen(both, false, STEM ".safetensors", "32 bits");
    is_chosen(both, true, STEM ".fp16.safetensors", "16 bits");
    is_chosen(STEM ".fp16.safetensors", false, STEM ".fp16.safetensors", "nothing but 16 bits");
    is_chosen(STEM ".safetensors", true, STEM ".safetensors", "nothing but 32 bits");
    is_chosen(STEM ".non_ema.safetensors " STEM ".safetensors " STEM ".bin", false,
              STEM ".safetensors", "neither other variants nor pickles");
    is_chosen(STEM "-00001-of-00002.safetensors " STEM "-00002-of-00002.safetensors " STEM
                   ".safetensors.index.json " STEM ".fp16.safetensors",
              false,
              STEM "-00001-of-00002.safetensors " STEM "-00002-of-00002.safetensors " STEM
                   ".safetensors.index.json",
              "shards with their index");
    is_chosen(STEM ".fp16-00001-of-00001.safetensors " STEM ".safetensors.index.fp16.json", true,
              STEM ".fp16-00001-of-00001.safetensors " STEM ".safetensors.index.fp16.json",
              "shards of 16 bits");
    is_chosen(STEM "-00001-of-00001.fp16.safetensors", true,
              STEM "-00001-of-00001.fp16.safetensors", "shards of 16 bits in the older spelling");
    is_chosen(STEM ".safetensors unet/config.json unet/evil.py vae/config.json LICENSE README.md "
                   "notes.txt .gitattributes unet/x/config.json",
              false, STEM ".safetensors unet/config.json LICENSE README.md",
              "configuration, licence and card, nothing else");
}

static void
test_refusals(void)
{
    char got[1000];

    is_int(pick(UNET, INDEX, false, got, sizeof got), ST_INVALID, "a part without weights");
    is_int(pick(UNET, INDEX STEM ".safetensors.index.json", false, got, sizeof got), ST_INVALID,
           "an index without shards");
    is_int(pick(UNET, INDEX STEM ".bin", false, got, sizeof got), ST_UNSUPPORTED, "pickles only");
    is_int(pick("{\"prior\": [\"diffusers\", \"Prior\"]}", INDEX, false, got, sizeof got),
           ST_UNSUPPORTED, "an unknown part");
    is_int(pick("{\"prior\": [null, null], \"x\": 1}", INDEX, false, got, sizeof got), ST_OK,
           "an absent part");
    is_int(pick(UNET, STEM ".safetensors", false, got, sizeof got), ST_INVALID, "no index");
    is_int(pick(UNET, INDEX "../x", false, got, sizeof got), ST_INVALID, "a name that climbs");
    is_int(pick(UNET, INDEX "a//b", false, got, sizeof got), ST_INVALID, "an empty part");
    is_int(pick(UNET, INDEX "/etc/passwd", false, got, sizeof got), ST_INVALID, "an absolute name");
    is_int(pick(UNET, INDEX "a\\b", false, got, sizeof got), ST_INVALID, "a backslash");
    is_int(pick(UNET, INDEX "a\033[31m", false, got, sizeof got), ST_INVALID,
           "a control character");
}

static void
is_card(const char *card, const char *want)
{
    char got[65];

    model_licence_of_card(card, got, sizeof got);
    is_str(got, want, "licence of a card");
}

static void
test_licences(void)
{
    is_card("---\nlicense: openrail++\ntags: x\n---\nlicense: mit\n", "openrail++");
    is_card("---\nlicense: other\nlicense_name: sai-nc-community\n---\n", "sai-nc-community");
    is_card("---\r\nlicense: \"mit\" # yes\r\n---\r\n", "mit");
    is_card("---\ntags: x\n---\nlicense: mit\n", "");
    is_card("license: mit\n", "");
    is_card("---\nlicense:\n- mit\n", "");
    is_card("", "");
    ok(model_licence_find("MIT")->free, "a free one");
    ok(!model_licence_find("openrail++")->free, "one with terms");
    ok(!model_licence_find("new-licence")->free && !model_licence_find("")->free,
       "what is not known has to be accepted");
}

int
main(void)
{
    test_weights();
    test_refusals();
    test_licences();
    return tap_done();
}
