/*
 * Parameters of a "generate" job as JSON, version 1. Rows are input: reading is as strict as
 * reading a form. Knows no database.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/job.h"
#include "common/job_rules.h"
#include "common/json.h"
#include "common/text.h"

#define JSON_MAX 32768 /* two prompts of control characters, escaped six-fold */

/* Whole numbers of struct job_params with their bounds. */
static const struct {
    const char *name;
    size_t offset;
    int min, max, multiple;
} numbers[] = {
    {"width", offsetof(struct job_params, width), 16, 4096, 8},
    {"height", offsetof(struct job_params, height), 16, 4096, 8},
    {"steps", offsetof(struct job_params, steps), 1, 1000, 1},
};
#define NUMBERS (sizeof numbers / sizeof numbers[0])

/* As generate_sampler_name in render/pipeline/generate.h, which this folder may not know. */
static const char *const samplers[] = {"ddim", "euler", "euler-a", "dpm", "dpm-karras", "lcm"};

static const char *const members[] = {
    "prompt", "negative_prompt", "width", "height", "steps", "guidance", "seed", "sampler",
};
#define MEMBERS (sizeof members / sizeof members[0])

void
job_params_release(struct job_params *p)
{
    free(p->prompt);
    free(p->negative_prompt);
    *p = (struct job_params){0};
}

static int
bad_member(struct err *e, const char *name)
{
    return err_setf(e, ST_INVALID, "The job's %s is missing or out of range.", name);
}

static bool
is_prompt(const char *s)
{
    return s != NULL && strnlen(s, JOB_PROMPT_MAX + 1) <= JOB_PROMPT_MAX;
}

int
job_params_check(const struct job_params *p, struct err *e)
{
    bool known = false;

    for (size_t i = 0; i < NUMBERS; i++) {
        int value = *(const int *)((const char *)p + numbers[i].offset);
        if (value < numbers[i].min || value > numbers[i].max || value % numbers[i].multiple != 0)
            return bad_member(e, numbers[i].name);
    }
    for (size_t i = 0; i < sizeof samplers / sizeof samplers[0]; i++)
        known = known || strcmp(p->sampler, samplers[i]) == 0;
    if (!known)
        return bad_member(e, "sampler");
    if (!isfinite(p->guidance) || p->guidance < 0 || p->guidance > 100)
        return bad_member(e, "guidance");
    if (!is_prompt(p->prompt) || (p->negative_prompt != NULL && !is_prompt(p->negative_prompt)))
        return bad_member(e, "prompt");
    return ST_OK;
}

int
job_params_write(const struct job_params *p, char **json, struct err *e)
{
    struct text t;

    *json = NULL;
    text_init(&t, JSON_MAX);
    text_puts(&t, "{\"prompt\":");
    json_put_string(&t, p->prompt != NULL ? p->prompt : "");
    text_puts(&t, ",\"negative_prompt\":");
    json_put_string(&t, p->negative_prompt != NULL ? p->negative_prompt : "");
    text_printf(&t, ",\"width\":%d,\"height\":%d,\"steps\":%d,\"guidance\":%.9g,\"seed\":%" PRIu32,
                p->width, p->height, p->steps, p->guidance, p->seed);
    text_puts(&t, ",\"sampler\":");
    json_put_string(&t, p->sampler);
    text_putc(&t, '}');
    if (t.failed) {
        text_release(&t);
        return err_set(e, ST_NOMEM, "Please try again later.", "job parameters");
    }
    *json = t.data; /* ownership moved to the caller */
    return ST_OK;
}

/* Every member is known and of its kind; which ones must be there is the readers' affair. */
static int
check_members(const struct json *root, struct err *e)
{
    const struct json *value;
    void *cursor = NULL;
    const char *key;

    if (json_kind(root) != JSON_KIND_OBJECT)
        return err_set(e, ST_INVALID, "The job's parameters are not an object.", NULL);
    while (json_next(root, &cursor, &key, &value) == ST_OK) {
        bool known = false;
        for (size_t i = 0; i < MEMBERS; i++)
            known = known || strcmp(key, members[i]) == 0;
        if (!known)
            return err_setf(e, ST_INVALID, "The job has an unknown parameter %.40s.", key);
    }
    return ST_OK;
}

static int
read_numbers(const struct json *root, struct job_params *out, struct err *e)
{
    const struct json *guidance = json_get(root, "guidance");
    const struct json *seed = json_get(root, "seed");
    int64_t value;

    for (size_t i = 0; i < NUMBERS; i++) {
        const struct json *node = json_get(root, numbers[i].name);
        value = json_value_int(node, -1);
        if (json_kind(node) != JSON_KIND_INT || value < numbers[i].min || value > numbers[i].max)
            return bad_member(e, numbers[i].name);
        *(int *)((char *)out + numbers[i].offset) = (int)value;
    }
    if (json_kind(guidance) == JSON_KIND_INT)
        out->guidance = (double)json_value_int(guidance, -1);
    else if (json_kind(guidance) == JSON_KIND_REAL)
        out->guidance = json_value_number(guidance, -1);
    else
        return bad_member(e, "guidance");
    value = json_value_int(seed, -1);
    if (json_kind(seed) != JSON_KIND_INT || value < 0 || value > UINT32_MAX)
        return bad_member(e, "seed");
    out->seed = (uint32_t)value;
    return ST_OK;
}

static int
read_texts(const struct json *root, struct job_params *out, struct err *e)
{
    const char *prompt = json_value_text(json_get(root, "prompt"), NULL);
    const char *negative = json_value_text(json_get(root, "negative_prompt"), NULL);
    const char *sampler = json_value_text(json_get(root, "sampler"), NULL);

    if (sampler == NULL || strlen(sampler) >= sizeof out->sampler)
        return bad_member(e, "sampler");
    snprintf(out->sampler, sizeof out->sampler, "%s", sampler);
    if (!is_prompt(prompt) || !is_prompt(negative))
        return bad_member(e, "prompt");
    out->prompt = strdup(prompt);
    out->negative_prompt = strdup(negative);
    if (out->prompt == NULL || out->negative_prompt == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "job parameters");
    return ST_OK;
}

int
job_params_read(const char *json, int version, struct job_params *out, struct err *e)
{
    struct json *root = NULL;
    int rc;

    *out = (struct job_params){0};
    if (version != JOB_PARAMS_VERSION)
        return err_setf(e, ST_INVALID, "The job's parameters have an unknown version %d.", version);
    if ((rc = json_parse(json, strlen(json), 2, &root, e)) != ST_OK)
        goto out;
    if ((rc = check_members(root, e)) != ST_OK || (rc = read_numbers(root, out, e)) != ST_OK ||
        (rc = read_texts(root, out, e)) != ST_OK)
        goto out;
    rc = job_params_check(out, e);
out:
    if (rc != ST_OK)
        job_params_release(out);
    json_free(root);
    return rc;
}
