/*
 * Parameters of jobs as JSON, version 1: one table says which members a kind has and what they may
 * be. Rows are input: reading is as strict as reading a form. Knows no database.
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
#define PERCENT 100    /* steps of kinds that have none */

enum type { TEXT, WHOLE, SEED, REAL, YES_NO, WORD };

#define ONE(kind) (1u << (kind))
#define DRAWN                                                                                      \
    (ONE(JOB_GENERATE) | ONE(JOB_VARIATION) | ONE(JOB_EDIT) | ONE(JOB_REPAINT) | ONE(JOB_ANIMATE))
#define MENDED (ONE(JOB_CLEANUP) | ONE(JOB_UPSCALE))

static const struct member {
    const char *name;
    enum type type;
    size_t offset;
    unsigned kinds; /* that have it */
    double min, max;
    int multiple;     /* of whole numbers */
    unsigned without; /* kinds that may leave it out */
} members[] = {
#define AT(member) offsetof(struct job_params, member)
    {"prompt", TEXT, AT(prompt), DRAWN | MENDED, 0, 0, 0, MENDED},
    {"negative_prompt", TEXT, AT(negative_prompt), DRAWN, 0, 0, 0, 0},
    {"width", WHOLE, AT(width), DRAWN, 16, 4096, 8, 0},
    {"height", WHOLE, AT(height), DRAWN, 16, 4096, 8, 0},
    {"steps", WHOLE, AT(steps), DRAWN, 1, 1000, 1, 0},
    {"guidance", REAL, AT(guidance), DRAWN, 0, 100, 0, 0},
    {"seed", SEED, AT(seed), DRAWN | ONE(JOB_CLEANUP), 0, UINT32_MAX, 0, 0},
    {"sampler", WORD, AT(sampler), DRAWN, 0, 0, 0, 0},
    {"strength", REAL, AT(strength), ONE(JOB_VARIATION) | ONE(JOB_REPAINT), 0, 1, 0, 0},
    {"image_guidance", REAL, AT(image_guidance), ONE(JOB_EDIT), 1, 5, 0, 0},
    {"frames", WHOLE, AT(frames), ONE(JOB_ANIMATE), 2, 64, 1, 0},
    {"fps", WHOLE, AT(fps), ONE(JOB_ANIMATE), 1, 60, 1, 0},
    {"find_mark", YES_NO, AT(find_mark), ONE(JOB_CLEANUP), 0, 1, 0, 0},
    {"rights", YES_NO, AT(rights), ONE(JOB_CLEANUP), 0, 1, 0, 0},
    {"factor", WHOLE, AT(factor), ONE(JOB_UPSCALE), 2, 4, 2, 0},
#undef AT
};
#define MEMBERS (sizeof members / sizeof members[0])

static const char *const kinds[JOB_KINDS] = {"generate", "variation", "edit",   "repaint",
                                             "cleanup",  "animate",   "upscale"};

/* As generate_sampler_name in render/pipeline/generate.h, which this folder may not know. */
static const char *const samplers[] = {"ddim", "euler", "euler-a", "dpm", "dpm-karras", "lcm"};

const char *
job_kind_name(enum job_kind k)
{
    return kinds[k];
}

bool
job_kind_find(const char *name, enum job_kind *out)
{
    for (int k = 0; k < JOB_KINDS; k++) {
        if (strcmp(name, kinds[k]) == 0) {
            *out = (enum job_kind)k;
            return true;
        }
    }
    return false;
}

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
has(enum job_kind kind, const struct member *m)
{
    return (m->kinds & ONE(kind)) != 0;
}

static bool
may_lack(enum job_kind kind, const struct member *m)
{
    return (m->without & ONE(kind)) != 0;
}

/* --- bounds --- */

static bool
is_prompt(const char *s)
{
    return s != NULL && strnlen(s, JOB_PROMPT_MAX + 1) <= JOB_PROMPT_MAX;
}

static bool
is_sampler(const char *s)
{
    bool known = false;

    for (size_t i = 0; i < sizeof samplers / sizeof samplers[0]; i++)
        known = known || strcmp(s, samplers[i]) == 0;
    return known;
}

static bool
is_within(const struct member *m, const struct job_params *p)
{
    const char *at = (const char *)p + m->offset;
    const char *text;
    double real;
    int whole;

    switch (m->type) {
    case TEXT:
        memcpy(&text, at, sizeof text);
        return text == NULL || is_prompt(text);
    case WHOLE:
        memcpy(&whole, at, sizeof whole);
        return whole >= m->min && whole <= m->max && whole % m->multiple == 0;
    case REAL:
        memcpy(&real, at, sizeof real);
        return isfinite(real) && real >= m->min && real <= m->max;
    case WORD:
        return is_sampler(at);
    default:
        return true;
    }
}

int
job_params_check(enum job_kind kind, const struct job_params *p, struct err *e)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (has(kind, &members[i]) && !is_within(&members[i], p))
            return bad_member(e, members[i].name);
    }
    if (p->prompt == NULL && !may_lack(kind, &members[0]))
        return bad_member(e, members[0].name);
    return ST_OK;
}

/* --- writing --- */

static void
put_member(struct text *t, const struct member *m, const struct job_params *p)
{
    const char *at = (const char *)p + m->offset;
    const char *text;
    uint32_t seed;
    double real;
    int whole;

    text_printf(t, "%s\"%s\":", t->len > 1 ? "," : "", m->name);
    if (m->type == TEXT) {
        memcpy(&text, at, sizeof text);
        json_put_string(t, text != NULL ? text : "");
    } else if (m->type == WHOLE) {
        memcpy(&whole, at, sizeof whole);
        text_printf(t, "%d", whole);
    } else if (m->type == SEED) {
        memcpy(&seed, at, sizeof seed);
        text_printf(t, "%" PRIu32, seed);
    } else if (m->type == REAL) {
        memcpy(&real, at, sizeof real);
        text_printf(t, "%.9g", real);
    } else if (m->type == YES_NO) {
        text_puts(t, *(const bool *)at ? "true" : "false");
    } else {
        json_put_string(t, at);
    }
}

int
job_params_write(enum job_kind kind, const struct job_params *p, char **json, struct err *e)
{
    struct text t;

    *json = NULL;
    text_init(&t, JSON_MAX);
    text_putc(&t, '{');
    for (size_t i = 0; i < MEMBERS; i++) {
        if (has(kind, &members[i]))
            put_member(&t, &members[i], p);
    }
    text_putc(&t, '}');
    if (t.failed) {
        text_release(&t);
        return err_set(e, ST_NOMEM, "Please try again later.", "job parameters");
    }
    *json = t.data; /* ownership moved to the caller */
    return ST_OK;
}

/* --- reading --- */

/* Every member is known and the kind's; which ones must be there is the readers' affair. */
static int
check_members(enum job_kind kind, const struct json *root, struct err *e)
{
    const struct json *value;
    void *cursor = NULL;
    const char *key;

    if (json_kind(root) != JSON_KIND_OBJECT)
        return err_set(e, ST_INVALID, "The job's parameters are not an object.", NULL);
    while (json_next(root, &cursor, &key, &value) == ST_OK) {
        bool known = false;
        for (size_t i = 0; i < MEMBERS; i++)
            known = known || (has(kind, &members[i]) && strcmp(key, members[i].name) == 0);
        if (!known)
            return err_setf(e, ST_INVALID, "The job has an unknown parameter %.40s.", key);
    }
    return ST_OK;
}

static int
read_text(const struct member *m, const char *value, char *at, struct err *e)
{
    char *copy;

    if (!is_prompt(value))
        return bad_member(e, m->name);
    if ((copy = strdup(value)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "job parameters");
    memcpy(at, &copy, sizeof copy);
    return ST_OK;
}

static int
read_whole(const struct member *m, const struct json *node, char *at, struct err *e)
{
    int64_t value = json_value_int(node, -1);
    uint32_t seed = (uint32_t)value;
    int whole = (int)value;

    if (json_kind(node) != JSON_KIND_INT || (double)value < m->min || (double)value > m->max)
        return bad_member(e, m->name);
    if (m->type == SEED)
        memcpy(at, &seed, sizeof seed);
    else
        memcpy(at, &whole, sizeof whole);
    return ST_OK;
}

static int
read_real(const struct member *m, const struct json *node, char *at, struct err *e)
{
    double value;

    if (json_kind(node) == JSON_KIND_INT)
        value = (double)json_value_int(node, -1);
    else if (json_kind(node) == JSON_KIND_REAL)
        value = json_value_number(node, -1);
    else
        return bad_member(e, m->name);
    memcpy(at, &value, sizeof value);
    return ST_OK;
}

static int
read_member(enum job_kind kind, const struct member *m, const struct json *root,
            struct job_params *out, struct err *e)
{
    const struct json *node = json_get(root, m->name);
    char *at = (char *)out + m->offset;
    const char *text = json_value_text(node, NULL);

    switch (m->type) {
    case TEXT:
        return read_text(m, node == NULL && may_lack(kind, m) ? "" : text, at, e);
    case WHOLE:
    case SEED:
        return read_whole(m, node, at, e);
    case REAL:
        return read_real(m, node, at, e);
    case YES_NO:
        if (json_kind(node) != JSON_KIND_BOOL)
            return bad_member(e, m->name);
        *(bool *)at = json_bool(root, m->name, false);
        return ST_OK;
    case WORD:
        if (text == NULL || strlen(text) >= sizeof out->sampler)
            return bad_member(e, m->name);
        snprintf(at, sizeof out->sampler, "%s", text);
    }
    return ST_OK;
}

int
job_params_read(enum job_kind kind, const char *json, int version, struct job_params *out,
                struct err *e)
{
    struct json *root = NULL;
    int rc;

    *out = (struct job_params){0};
    if (version != JOB_PARAMS_VERSION)
        return err_setf(e, ST_INVALID, "The job's parameters have an unknown version %d.", version);
    if ((rc = json_parse(json, strlen(json), 2, &root, e)) != ST_OK)
        goto out;
    rc = check_members(kind, root, e);
    for (size_t i = 0; i < MEMBERS && rc == ST_OK; i++) {
        if (has(kind, &members[i]))
            rc = read_member(kind, &members[i], root, out, e);
    }
    if (rc == ST_OK)
        rc = job_params_check(kind, out, e);
    if (rc == ST_OK && out->steps == 0)
        out->steps = PERCENT;
out:
    if (rc != ST_OK)
        job_params_release(out);
    json_free(root);
    return rc;
}
