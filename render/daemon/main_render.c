/*
 * gempix-render: reads the command line and the configuration, opens what the daemon needs, ends
 * in order. Read next: daemon.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "common/log.h"
#include "common/store.h"
#include "render/daemon/daemon.h"
#include "render/daemon/heartbeat.h"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_HURRIED };

static const char HELP[] =
    "Usage: gempix-render [-c FILE] [--once]\n"
    "Draws the pictures of queued jobs until it is told to end.\n"
    "\n"
    "  -c, --config FILE   configuration (" GEMPIX_SYSCONFDIR "/gempix.yaml)\n"
    "      --once          draw what is queued, then end\n"
    "      --help          this text\n"
    "\n"
    "SIGTERM or SIGINT: finishes a job that is nearly done, gives any other back, ends.\n"
    "A second one ends at once; the job goes back into the queue when its lease is over.\n"
    "Exit status: 0 ended in order, 1 failed, 2 wrong usage, 3 ended at once.\n";

static atomic_int stops; /* two threads read it, so sig_atomic_t will not do */
static int wake_pipe[2] = {-1, -1};

static void
on_signal(int number)
{
    int saved = errno;
    ssize_t told;

    (void)number;
    if (atomic_fetch_add(&stops, 1) > 0)
        _exit(EXIT_HURRIED);
    told = write(wake_pipe[1], "x", 1);
    (void)told; /* a full pipe wakes as well */
    errno = saved;
}

static int
catch_signals(struct err *e)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    if (pipe(wake_pipe) != 0)
        return err_set(e, ST_IO, "The daemon cannot start.", "pipe: %s", strerror(errno));
    for (int i = 0; i < 2; i++) {
        fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return ST_OK;
}

struct options {
    const char *config;
    bool once;
};

/* -1 = go on, else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
    enum { OPTION_HELP = 256, OPTION_ONCE };
    static const struct option LONG[] = {
        {"config", required_argument, NULL, 'c'},
        {"once", no_argument, NULL, OPTION_ONCE},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1) {
        if (c == OPTION_HELP || c == 'h') {
            fputs(HELP, stdout);
            return EXIT_OK;
        }
        if (c == 'c')
            o->config = optarg;
        else if (c == OPTION_ONCE)
            o->once = true;
        else
            break;
    }
    if (c == -1 && optind == argc)
        return -1;
    if (c == -1)
        fprintf(stderr, "gempix-render: \"%s\" is one word too many.\n", argv[optind]);
    fputs("Try 'gempix-render --help'.\n", stderr);
    return EXIT_USAGE;
}

/* host:pid, as the queue names workers. */
static void
name_worker(char *out, size_t size)
{
    char host[65] = "";

    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
        snprintf(host, sizeof host, "localhost");
    snprintf(out, size, "%s:%ld", host, (long)getpid());
}

static void
compare_model(const struct daemon *d)
{
    struct pipeline_info info;

    pipeline_describe(d->models.list[0].pipeline, &info);
    if (info.multiple > 0 && d->conf->model.size % info.multiple != 0)
        log_write(LOG_LEVEL_WARNING,
                  "model.size is %d, but the model draws multiples of %d pixels only",
                  (int)d->conf->model.size, info.multiple);
}

/* Opens in the order in which failing is cheapest: the model comes last. */
static int
run(const struct conf *conf, bool once, struct err *e)
{
    struct daemon d = {.conf = conf, .once = once, .stops = &stops};
    int rc;

    name_worker(d.worker, sizeof d.worker);
    if ((rc = crypto_start(e)) != ST_OK || (rc = catch_signals(e)) != ST_OK ||
        (rc = db_open(conf, &d.db, e)) != ST_OK || (rc = job_work_prepare(d.db, e)) != ST_OK ||
        (rc = store_open(conf->media.root, &d.store, e)) != ST_OK ||
        (rc = models_find(&d.models, conf, e)) != ST_OK ||
        (rc = models_open(&d.models, 0, e)) != ST_OK ||
        (rc = heartbeat_start(conf, &stops, HEARTBEAT_STOP_WAIT, &d.heartbeat, e)) != ST_OK)
        goto out;
    d.wake = wake_pipe[0];
    compare_model(&d);
    rc = daemon_run(&d, e);
out:
    heartbeat_stop(d.heartbeat);
    models_release(&d.models);
    store_close(d.store);
    db_close(d.db);
    return rc;
}

int
main(int argc, char **argv)
{
    struct options o = {.config = GEMPIX_SYSCONFDIR "/gempix.yaml"};
    struct conf *conf = NULL;
    struct err e = {0};
    int rc;

    if ((rc = read_options(argc, argv, &o)) != -1)
        return rc;
    log_start("gempix-render", LOG_LEVEL_INFO, false);
    if ((rc = conf_load(o.config, &conf, &e)) == ST_OK) {
        log_start("gempix-render", (enum log_level)log_level_parse(conf->log.level),
                  conf->log.json);
        rc = run(conf, o.once, &e);
    }
    if (rc != ST_OK)
        log_err(LOG_LEVEL_ERROR, "gempix-render", &e);
    conf_free(conf);
    return rc == ST_OK ? EXIT_OK : EXIT_FAILED;
}
