/*
 * gempix-steward: reads the command line, runs the duties once or again and again. Knows no duty by
 * name. Read next: duties.c.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/steward/steward.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/erasure.h"
#include "common/err.h"
#include "common/language.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/purge.h"
#include "common/store.h"
#include "common/text.h"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

#define DUTIES_MAX 16
#define EVERY_MAX 86400
#define REPORT_MAX 1000

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static bool
stopping(void)
{
    return stopped != 0;
}

struct options {
    const char *config;
    int64_t every; /* seconds; 0 = once */
    bool wanted[DUTIES_MAX];
};

static void
print_help(void)
{
    puts("Usage: gempix-steward [-c FILE] [--every SECONDS] DUTY...|all\n"
         "Does what the clock demands, and ends.\n"
         "\n"
         "  -c, --config FILE     configuration (" GEMPIX_SYSCONFDIR "/gempix.yaml)\n"
         "      --every SECONDS   again and again, until SIGTERM or SIGINT\n"
         "      --help            this text\n"
         "\n"
         "Duties:");
    for (size_t i = 0; i < steward_duty_count; i++)
        printf("  %-9s %s\n", steward_duties[i].name, steward_duties[i].about);
    puts("  all       every one of them, in this order\n"
         "\n"
         "Exit status: 0 done, 1 a duty failed, 2 wrong usage.");
}

static int
complain(const char *message)
{
    fprintf(stderr, "gempix-steward: %s\nTry 'gempix-steward --help'.\n", message);
    return EXIT_USAGE;
}

static int
unknown_duty(const char *typed)
{
    const char *best = NULL;
    size_t distance = 0;

    nearest_offer(typed, "all", &best, &distance);
    for (size_t i = 0; i < steward_duty_count; i++)
        nearest_offer(typed, steward_duties[i].name, &best, &distance);
    fprintf(stderr, "gempix-steward: there is no duty \"%.60s\".", typed);
    if (best != NULL)
        fprintf(stderr, " Did you mean %s?", best);
    fputs("\nTry 'gempix-steward --help'.\n", stderr);
    return EXIT_USAGE;
}

/* -1 = go on, else the exit status. */
static int
take_duty(const char *word, struct options *o)
{
    bool found = false;

    for (size_t i = 0; i < steward_duty_count; i++) {
        if (strcmp(word, "all") == 0 || strcmp(word, steward_duties[i].name) == 0) {
            o->wanted[i] = true;
            found = true;
        }
    }
    return found ? -1 : unknown_duty(word);
}

static bool
take_every(const char *text, struct options *o)
{
    char *end;

    errno = 0;
    o->every = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && o->every >= 1 && o->every <= EVERY_MAX;
}

/* -1 = go on, else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
    enum { OPTION_EVERY = 256 };
    static const struct option LONG[] = {
        {"config", required_argument, NULL, 'c'},
        {"every", required_argument, NULL, OPTION_EVERY},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, rc = -1;

    while ((c = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1) {
        if (c == 'h') {
            print_help();
            return EXIT_OK;
        }
        if (c == '?') {
            fputs("Try 'gempix-steward --help'.\n", stderr);
            return EXIT_USAGE;
        }
        if (c == 'c')
            o->config = optarg;
        else if (!take_every(optarg, o))
            return complain("--every needs a whole number of seconds from 1 to 86400.");
    }
    if (optind == argc)
        return complain("Which duty? \"all\" is every one.");
    for (int i = optind; i < argc && rc == -1; i++)
        rc = take_duty(argv[i], o);
    return rc;
}

/* One duty and its line of the report; where there was nothing to do, only a person hears of it. */
static int
run_duty(struct steward *s, const struct steward_duty *duty, bool again)
{
    struct text done;
    struct err e = {0};
    int rc;

    text_init(&done, REPORT_MAX);
    rc = duty->run(s, &done, &e);
    if (done.len > 0 || (rc == ST_OK && !again))
        log_write(LOG_LEVEL_INFO, "%s: %s", duty->name,
                  done.len > 0 ? text_cstr(&done) : "nothing to do");
    if (rc != ST_OK)
        log_err(LOG_LEVEL_ERROR, duty->name, &e);
    text_release(&done);
    return rc;
}

static void
wait_seconds(int64_t seconds)
{
    int64_t until = clock_monotonic() + seconds * CLOCK_SECOND, left;

    while (!stopping() && (left = until - clock_monotonic()) > 0) {
        struct timespec pause = {.tv_nsec = 200000000};

        if (left < CLOCK_SECOND / 5)
            pause.tv_nsec = (long)left * 1000;
        nanosleep(&pause, NULL);
    }
}

static int
run(const struct conf *conf, const struct options *o, struct err *e)
{
    struct steward s = {.conf = conf, .stopping = stopping};
    struct sigaction action = {.sa_handler = on_signal};
    int rc, worst = ST_OK;

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if ((rc = crypto_start(e)) != ST_OK || (rc = language_start(conf->app.languages, e)) != ST_OK ||
        (rc = db_open(conf, &s.db, e)) != ST_OK)
        return rc;
    do {
        worst = ST_OK;
        for (size_t i = 0; i < steward_duty_count && !stopping(); i++) {
            if (!o->wanted[i])
                continue;
            rc = run_duty(&s, &steward_duties[i], o->every > 0);
            worst = rc != ST_OK ? rc : worst;
        }
        if (o->every > 0)
            wait_seconds(o->every);
    } while (o->every > 0 && !stopping());
    store_close(s.store);
    db_close(s.db);
    purge_free(s.purge);
    erasure_plan_free(s.plan);
    arena_free(s.arena);
    err_clear(e); /* the duties have told theirs */
    return o->every > 0 ? ST_OK : worst;
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
    log_start("gempix-steward", LOG_LEVEL_INFO, false);
    if ((rc = conf_load(o.config, &conf, &e)) == ST_OK) {
        log_start("gempix-steward", (enum log_level)log_level_parse(conf->log.level),
                  conf->log.json);
        rc = run(conf, &o, &e);
    }
    if (e.code != ST_OK)
        log_err(LOG_LEVEL_ERROR, "gempix-steward", &e);
    conf_free(conf);
    return rc == ST_OK ? EXIT_OK : EXIT_FAILED;
}
