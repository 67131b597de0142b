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
    struct job_params p = {prompt, nothing, 256, 192, 30, 7.25, 4294967295u, "ddim"}, back;
    char *json;

    ok(job_params_write(&p, &json, &e) == ST_OK, "written");
    ok(job_params_read(json, JOB_PARAMS_VERSION, &back, &e) == ST_OK, "read: %s", e.message);
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
    ok(job_params_read(json, JOB_PARAMS_VERSION, &p, &e) == ST_INVALID && p.prompt == NULL &&
           e.message[0] != '\0',
       "refused: %.30s -> %.30s (%s)", piece, by, e.message);
}

static void
test_strict(void)
{
    struct job_params p;
    char lengthy[JOB_PROMPT_MAX + 2];

    ok(job_params_read(good, JOB_PARAMS_VERSION, &p, &e) == ST_OK, "the pattern is good");
    job_params_release(&p);
    ok(job_params_read(good, 2, &p, &e) == ST_INVALID, "unknown version");
    ok(job_params_read("[]", 1, &p, &e) == ST_INVALID, "not an object");
    ok(job_params_read("", 1, &p, &e) == ST_INVALID, "nothing");
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

int
main(void)
{
    test_round_trip();
    test_strict();
    return tap_done();
}
