/*
 * Commands about jobs: for an operator who wants to know why something waits. They never show a
 * prompt.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctl/ctl.h"
#include "app/ctl/ctl_store.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/job.h"

#define LIST_MAX 1000
#define REQUEUE_BATCH 100

/* "-" for a time that has not come. */
static const char *
when(int64_t us, char out[21])
{
    if (us == 0)
        snprintf(out, 21, "-");
    else
        clock_iso(us, out, 21);
    return out;
}

int
ctl_jobs_list(struct ctl *c)
{
    const char *state = ctl_option(c, "state"), *many = ctl_option(c, "count");
    struct ctl_job *jobs = NULL;
    int64_t max = 20;
    int count, rc;

    if (many != NULL && (rc = ctl_number(c, "--count", many, 1, LIST_MAX, &max)) != CTL_OK)
        return rc;
    for (int s = JOB_QUEUED; state != NULL && strcmp(state, job_state_name(s)) != 0; s++)
        if (s == JOB_CANCELLED)
            return ctl_usage(c, "--state: queued, running, done, failed or cancelled.");
    if ((jobs = calloc((size_t)max, sizeof *jobs)) == NULL)
        return err_set(&c->e, ST_NOMEM, "Out of memory.", NULL);
    if ((rc = ctl_store_prepare(c->db, &c->e)) == ST_OK &&
        (rc = ctl_store_jobs(c->db, state, jobs, (int)max, &count, &c->e)) == ST_OK) {
        printf("%-26s  %-9s  %-20s  %8s  %s\n", "id", "state", "queued", "attempts", "account");
        for (int i = 0; i < count; i++) {
            char id[ID_TEXT], queued[21];
            id_format(&jobs[i].public_id, id);
            printf("%s  %-9s  %-20s  %8" PRId64 "  %" PRId64 "\n", id, jobs[i].state,
                   when(jobs[i].queued_at, queued), jobs[i].attempts, jobs[i].account);
        }
    }
    free(jobs);
    return rc;
}

static void
print_job(const struct ctl_job *j)
{
    char id[ID_TEXT], time[21];

    id_format(&j->public_id, id);
    printf("id        %s\n", id);
    printf("state     %s\n", j->state);
    printf("account   %" PRId64 "\n", j->account);
    printf("model     %s\n", j->model);
    printf("images    %" PRId64 "\n", j->images);
    printf("price     %" PRId64 "\n", j->price);
    printf("step      %" PRId64 " of %" PRId64 "\n", j->step, j->steps);
    printf("attempts  %" PRId64 "\n", j->attempts);
    printf("worker    %s\n", j->worker[0] != '\0' ? j->worker : "-");
    printf("queued    %s\n", when(j->queued_at, time));
    printf("started   %s\n", when(j->started_at, time));
    printf("lease     %s\n", when(j->lease_until, time));
    printf("finished  %s\n", when(j->finished_at, time));
    if (j->error_code[0] != '\0')
        printf("error     %s: %s\n", j->error_code, j->error_message);
}

static int
parse_id(struct ctl *c, struct id *out)
{
    if (id_parse(c->words[0], out) != ST_OK)
        return ctl_usage(c, "%s is not the id of a job.", c->words[0]);
    return CTL_OK;
}

int
ctl_jobs_show(struct ctl *c)
{
    struct ctl_job j;
    struct id id;
    int rc;

    if ((rc = parse_id(c, &id)) != CTL_OK || (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_job(c->db, &id, &j, &c->e)) != ST_OK)
        return rc;
    print_job(&j);
    return CTL_OK;
}

/* Ends the lease; the queue's own rule does the rest: queued again, or failed at last. */
int
ctl_jobs_requeue(struct ctl *c)
{
    struct ctl_job j;
    struct id id;
    int moved, rc;

    if ((rc = parse_id(c, &id)) != CTL_OK || (rc = ctl_store_prepare(c->db, &c->e)) != ST_OK ||
        (rc = job_prepare(c->db, &c->e)) != ST_OK ||
        (rc = ctl_store_job(c->db, &id, &j, &c->e)) != ST_OK)
        return rc;
    if (strcmp(j.state, job_state_name(JOB_RUNNING)) != 0)
        return err_setf(&c->e, ST_CONFLICT,
                        "The job is %s. Only a running one can be taken from its worker; the "
                        "credits of one that failed were given back.",
                        j.state);
    if ((rc = ctl_note(c, AUDIT_JOB_REQUEUE, c->words[0], "")) != ST_OK ||
        (rc = ctl_store_end_lease(c->db, &id, &c->e)) != ST_OK)
        return rc;
    do {
        rc = job_requeue_lost(c->db, (int)c->conf->render.attempts, REQUEUE_BATCH, &moved, &c->e);
    } while (rc == ST_OK && moved == REQUEUE_BATCH);
    if (rc == ST_OK && (rc = ctl_store_job(c->db, &id, &j, &c->e)) == ST_OK)
        printf("the job is %s now\n", j.state);
    return rc;
}
