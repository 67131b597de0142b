/*
 * Job parameters as JSON: what is written is read back, and nothing else is.
 */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/job.h"
#include "t/lib/tap.h"

static struct err e;

static const char good[] =
    "{\"prompt\":\"a sea\",\"negative_prompt\":\"\",\"width\":128,\"height\":64,\"steps\":20,"
    "\"guidance\":6,\"seed\":4294967295,\"sampler\":\"euler\"}";

static void
test_round_trip(void)
{
    char prompt[] = "k\xc3\xa4se \"quoted\"\n\xf0\x9f\xa7\x80", nothing[] = "";
    struct job_params p = {.prompt = prompt,
                           .negative_prompt = nothing,
                           .width = 256,
                           .height = 192,
                           .steps = 30,
                           .guidance = 7.25,
                           .seed = 4294967295u,
                           .sampler = "ddim"},
                      back;
    char *json;

    ok(job_params_write(JOB_GENERATE, &p, &json, &e) == ST_OK, "written");
    ok(job_params_read(JOB_GENERATE, json, JOB_PARAMS_VERSION, &back, &e) == ST_OK, "read: %s",
       e.message);
    is_str(back.prompt, prompt, "prompt");
    is_str(back.negative_prompt, "", "negative prompt");
    ok(back.width == 256 && back.height == 192 && back.steps == 30, "numbers");
    is_real(back.guidance, 7.25, 0, "guidance");
    is_int(back.seed, 4294967295u, "seed");
    is_str(back.sampler, "ddim", "sampler");
    job_params_release(&back);
    job_params_release(&back);
    ok(back.prompt == NULL, "released twice");
    free(json);
}

/* The good text with one piece replaced. */
static void
refuse(const char *piece, const char *by)
{
    const char *at = strstr(good, piece);
    struct job_params p;
    char json[9000];

    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - good), good, by, at + strlen(piece));
    ok(job_params_read(JOB_GENERATE, json, JOB_PARAMS_VERSION, &p, &e) == ST_INVALID &&
           p.prompt == NULL && e.message[0] != '\0',
       "refused: %.30s -> %.30s (%s)", piece, by, e.message);
}

static void
test_strict(void)
{
    struct job_params p;
    char lengthy[JOB_PROMPT_MAX + 2];

    ok(job_params_read(JOB_GENERATE, good, JOB_PARAMS_VERSION, &p, &e) == ST_OK,
       "the pattern is good");
    job_params_release(&p);
    ok(job_params_read(JOB_GENERATE, good, 2, &p, &e) == ST_INVALID, "unknown version");
    ok(job_params_read(JOB_GENERATE, "[]", 1, &p, &e) == ST_INVALID, "not an object");
    ok(job_params_read(JOB_GENERATE, "", 1, &p, &e) == ST_INVALID, "nothing");
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    refuse("a sea", lengthy);
    refuse("\"a sea\"", "null");
    refuse("\"prompt\":\"a sea\",", "");
    refuse("\"negative_prompt\":\"\",", "");
    refuse("128", "127");
    refuse("128", "8");
    refuse("128", "4104");
    refuse("128", "128.5");
    refuse("128", "\"128\"");
    refuse("\"steps\":20,", "");
    refuse("20", "0");
    refuse("20", "1001");
    refuse(":6,", ":-1,");
    refuse(":6,", ":101,");
    refuse(":6,", ":true,");
    refuse("4294967295", "4294967296");
    refuse("4294967295", "-1");
    refuse("4294967295", "1.0");
    refuse("euler", "euler2");
    refuse("euler", "a name that is longer than the field");
    refuse("}", ",\"extra\":1}");
    refuse("}", ",\"steps\":20}");
    refuse("}", "");
}

#define DRAWN                                                                                      \
    "\"prompt\":\"a sea\",\"negative_prompt\":\"\",\"width\":128,\"height\":64,\"steps\":20,"      \
    "\"guidance\":6,\"seed\":1,\"sampler\":\"euler\""

/* What each kind has, its own members at the ends of their range, and one step beyond. */
static const struct {
    enum job_kind kind;
    const char *json, *lowest, *highest, *below, *above, *strange;
} table[] = {
    {JOB_VARIATION, "{" DRAWN ",\"strength\":%s}", "0", "1", "-0.01", "1.01", "true"},
    {JOB_EDIT, "{" DRAWN ",\"image_guidance\":%s}", "1", "5", "0.9", "5.1", "\"2\""},
    {JOB_REPAINT, "{" DRAWN ",\"strength\":%s}", "0", "1.0", "-1", "2", "null"},
    {JOB_CLEANUP, "{\"prompt\":\"\",\"seed\":3,\"find_mark\":%s,\"rights\":true}", "false", "true",
     "0", "1", "null"},
    {JOB_CLEANUP, "{\"seed\":%s,\"find_mark\":true,\"rights\":true}", "0", "4294967295", "-1",
     "4294967296", "true"},
    {JOB_ANIMATE, "{" DRAWN ",\"fps\":8,\"frames\":%s}", "2", "64", "1", "65", "8.5"},
    {JOB_ANIMATE, "{" DRAWN ",\"fps\":%s,\"frames\":16}", "1", "60", "0", "61", "8.5"},
    {JOB_UPSCALE, "{\"factor\":%s}", "2", "4", "1", "6", "3"},
};

/* The text with a value in the place of its %s. */
static void
fill(const char *json, const char *value, char *out, size_t size)
{
    const char *at = strstr(json, "%s");

    snprintf(out, size, "%.*s%s%s", (int)(at - json), json, value, at + 2);
}

static void
test_kinds(void)
{
    enum job_kind found;
    struct job_params p;
    char text[1000];

    for (int k = 0; k < JOB_KINDS; k++)
        ok(job_kind_find(job_kind_name((enum job_kind)k), &found) && (int)found == k, "%s",
           job_kind_name((enum job_kind)k));
    ok(!job_kind_find("paint", &found), "there is no kind paint");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *good_ones[] = {table[i].lowest, table[i].highest};
        const char *bad_ones[] = {table[i].below, table[i].above, table[i].strange};
        enum job_kind kind = table[i].kind;
        char *again = NULL;

        for (int k = 0; k < 2; k++) {
            fill(table[i].json, good_ones[k], text, sizeof text);
            ok(job_params_read(kind, text, JOB_PARAMS_VERSION, &p, &e) == ST_OK &&
                   p.prompt != NULL && p.steps > 0 &&
                   job_params_write(kind, &p, &again, &e) == ST_OK,
               "%s with %s", job_kind_name(kind), good_ones[k]);
            job_params_release(&p);
            ok(job_params_read(kind, again, JOB_PARAMS_VERSION, &p, &e) == ST_OK,
               "... is written so that it can be read: %s", again);
            job_params_release(&p);
            free(again);
            ok(job_params_read(JOB_GENERATE, text, JOB_PARAMS_VERSION, &p, &e) == ST_INVALID,
               "... and is nothing for another kind");
        }
        for (int k = 0; k < 3; k++) {
            fill(table[i].json, bad_ones[k], text, sizeof text);
            ok(job_params_read(kind, text, JOB_PARAMS_VERSION, &p, &e) == ST_INVALID,
               "%s refuses %s", job_kind_name(kind), bad_ones[k]);
        }
    }
    ok(job_params_read(JOB_EDIT, "{" DRAWN "}", JOB_PARAMS_VERSION, &p, &e) == ST_INVALID,
       "an own member is missing");
    ok(job_params_read(JOB_VARIATION, "{\"strength\":0.5}", JOB_PARAMS_VERSION, &p, &e) ==
           ST_INVALID,
       "all that is common is missing");
}

int
main(void)
{
    test_round_trip();
    test_kinds();
    test_strict();
    return tap_done();
}
