/*
 * Where a job stands; see progress.h. Reads a job, asks nobody.
 */
#include "app/studio/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/studio/wait.h"
#include "common/job.h"
#include "common/language.h"

static const struct progress_queue nothing_known;

static const char *const labels[] = {
    [JOB_QUEUED] = N_("Waiting"),      [JOB_RUNNING] = N_("Drawing"),     [JOB_DONE] = N_("Ready"),
    [JOB_FAILED] = N_("Did not work"), [JOB_CANCELLED] = N_("Cancelled"),
};

static void
queued(const struct job *j, const struct progress_queue *q, struct progress *out)
{
    char place[160], wait[WAIT_WORDS];
    int64_t one = q->workers > 1 ? q->speed / q->workers : q->speed;

    /* All workers see to what is before it, one of them to the job itself. */
    out->seconds = wait_seconds(q->work, q->speed);
    if (out->seconds != WAIT_UNKNOWN && one > 0)
        out->seconds += wait_seconds(j->cost, one);
    wait_words(out->seconds, wait, sizeof wait);
    if (q->jobs <= 0)
        snprintf(place, sizeof place, "%s", T("Next in the queue."));
    else
        snprintf(place, sizeof place,
                 TN("In the queue, %" PRId64 " job before yours.",
                    "In the queue, %" PRId64 " jobs before yours.", (unsigned long)q->jobs),
                 q->jobs);
    if (q->workers <= 0)
        snprintf(out->words, sizeof out->words,
                 T("%s No renderer is at work right now; your job starts as soon as one is back."),
                 place);
    else if (wait[0] != '\0')
        snprintf(out->words, sizeof out->words, T("%s Done in %s."), place, wait);
    else
        snprintf(out->words, sizeof out->words, "%s", place);
}

static void
running(const struct job *j, const struct progress_queue *q, struct progress *out)
{
    char wait[WAIT_WORDS];

    /* One worker draws this job, not all of them together. */
    int64_t speed = q->workers > 1 ? q->speed / q->workers : q->speed;

    out->seconds = wait_seconds(wait_work_left(j->cost, j->step, j->steps), speed);
    wait_words(out->seconds, wait, sizeof wait);
    snprintf(out->title, sizeof out->title, "%d %%", out->percent);
    if (j->cancel_asked)
        snprintf(out->words, sizeof out->words, "%s", T("Stopping after this step."));
    else if (j->step <= 0)
        snprintf(out->words, sizeof out->words, "%s", T("Starting to draw."));
    else if (j->step >= j->steps)
        snprintf(out->words, sizeof out->words, "%s", T("Finishing touches."));
    else if (wait[0] != '\0')
        snprintf(out->words, sizeof out->words, T("Drawing, step %d of %d. Done in %s."), j->step,
                 j->steps, wait);
    else
        snprintf(out->words, sizeof out->words, T("Drawing, step %d of %d."), j->step, j->steps);
}

void
progress_of(const struct job *j, const struct progress_queue *q, struct progress *out)
{
    memset(out, 0, sizeof *out);
    out->seconds = WAIT_UNKNOWN;
    out->label = T(labels[j->state]);
    snprintf(out->title, sizeof out->title, "%s", out->label);
    if (q == NULL)
        q = &nothing_known;
    if (j->steps > 0 && j->step > 0)
        out->percent = j->step >= j->steps ? 100 : (int)((int64_t)j->step * 100 / j->steps);
    switch (j->state) {
    case JOB_QUEUED:
        queued(j, q, out);
        return;
    case JOB_RUNNING:
        running(j, q, out);
        return;
    case JOB_DONE:
        out->percent = 100;
        snprintf(
            out->words, sizeof out->words, "%s",
            TN("Your picture is ready.", "Your pictures are ready.", (unsigned long)j->images));
        break;
    case JOB_FAILED:
        snprintf(out->words, sizeof out->words, "%s", T("This did not work."));
        break;
    case JOB_CANCELLED:
        snprintf(out->words, sizeof out->words, "%s", T("You cancelled this."));
        break;
    }
    out->ended = true;
    out->seconds = 0;
}
