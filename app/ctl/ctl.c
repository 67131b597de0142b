/*
 * Finds the command, reads its options by the table, opens what it needs, runs it, reports. Knows
 * no command by name.
 */
#include "app/ctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/db.h"
#include "common/nearest.h"

static void
print_form(FILE *to, const struct ctl_command *command)
{
    fprintf(to, "gempixctl [-c FILE] %s%s%s\n", command->name, command->args[0] != '\0' ? " " : "",
            command->args);
}

static int
print_help(void)
{
    puts("gempixctl: the operator's command of Gempix 2\n\n"
         "gempixctl [-c FILE] COMMAND …\n\n"
         "  -c, --config FILE   configuration (" GEMPIX_SYSCONFDIR "/gempix.yaml)\n"
         "  -h, --help          this help, or that of a command\n\n"
         "Commands:");
    for (size_t i = 0; i < ctl_command_count; i++)
        printf("  %s %s\n      %s\n", ctl_commands[i].name, ctl_commands[i].args,
               ctl_commands[i].about);
    puts("\nExit status: 0 done, 1 failed or something is wrong, 2 not a valid command line.");
    return CTL_OK;
}

int
ctl_usage(const struct ctl *c, const char *format, ...)
{
    va_list ap;

    fputs("gempixctl: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputs("\n", stderr);
    if (c->command != NULL) {
        fputs("usage: ", stderr);
        print_form(stderr, c->command);
    }
    return CTL_USAGE;
}

const char *
ctl_option(const struct ctl *c, const char *name)
{
    for (size_t i = 0; i < c->option_count; i++)
        if (strlen(name) == c->options[i].name_len &&
            memcmp(c->options[i].name, name, c->options[i].name_len) == 0)
            return c->options[i].value;
    return NULL;
}

int
ctl_number(const struct ctl *c, const char *what, const char *text, int64_t min, int64_t max,
           int64_t *out)
{
    char *end;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || n < min || n > max)
        return ctl_usage(c, "%s must be a whole number from %lld to %lld.", what, (long long)min,
                         (long long)max);
    *out = n;
    return CTL_OK;
}

/* Takes "--name", "--name VALUE" or "--name=VALUE" at argv[*at] if the command has this option. */
static int
take_option(struct ctl *c, int argc, char **argv, int *at)
{
    const char *given = argv[*at] + 2;
    size_t len = strcspn(given, "=");

    for (const char *o = c->command->options; *o != '\0'; o += strcspn(o, " "), o += *o == ' ') {
        size_t name_len = strcspn(o, "= ");
        bool wants_value = o[name_len] == '=';
        const char *value = "";
        if (name_len != len || memcmp(o, given, len) != 0)
            continue;
        if (given[len] == '=' && !wants_value)
            return ctl_usage(c, "--%.*s takes no value.", (int)len, given);
        if (given[len] == '=')
            value = given + len + 1;
        else if (wants_value && *at + 1 >= argc)
            return ctl_usage(c, "--%.*s needs a value.", (int)len, given);
        else if (wants_value)
            value = argv[++*at];
        if (c->option_count == CTL_OPTIONS)
            return ctl_usage(c, "too many options.");
        c->options[c->option_count].name = o;
        c->options[c->option_count].name_len = name_len;
        c->options[c->option_count++].value = value;
        return CTL_OK;
    }
    return ctl_usage(c, "unknown option --%.*s.", (int)len, given);
}

/* Options and words after the command; "--" ends the options. */
static int
parse_rest(struct ctl *c, int argc, char **argv, bool *help)
{
    int words = 0, rc;
    bool options = true;

    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            *help = true;
            return CTL_OK;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            if ((rc = take_option(c, argc, argv, &i)) != CTL_OK)
                return rc;
        } else if (words == c->command->words) {
            return ctl_usage(c, "too many words: %s", argv[i]);
        } else {
            c->words[words++] = argv[i];
        }
    }
    if (words < c->command->words)
        return ctl_usage(c, "something is missing.");
    return CTL_OK;
}

/* The command that the first one or two words name; *used tells how many. */
static const struct ctl_command *
find_command(int argc, char **argv, int *used)
{
    char two[128];

    for (int words = 2; words > 0; words--) {
        if (words > argc)
            continue;
        snprintf(two, sizeof two, "%s%s%s", argv[0], words == 2 ? " " : "",
                 words == 2 ? argv[1] : "");
        for (size_t i = 0; i < ctl_command_count; i++) {
            if (strcmp(ctl_commands[i].name, two) == 0) {
                *used = words;
                return &ctl_commands[i];
            }
        }
    }
    return NULL;
}

static int
unknown_command(const struct ctl *c, int argc, char **argv)
{
    const char *best = NULL;
    size_t distance = 0;
    char typed[128];
    bool group = false;

    snprintf(typed, sizeof typed, "%s%s%s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    for (size_t i = 0; i < ctl_command_count; i++) {
        const char *name = ctl_commands[i].name;
        size_t first = strcspn(name, " ");
        group = group || (strlen(argv[0]) == first && memcmp(argv[0], name, first) == 0);
        nearest_offer(typed, name, &best, &distance);
        nearest_offer(argv[0], name, &best, &distance);
    }
    if (best != NULL)
        return ctl_usage(c, "unknown command: %s. Did you mean %s?", typed, best);
    if (!group)
        return ctl_usage(c, "unknown command: %s. `gempixctl --help` lists all.", typed);
    ctl_usage(c, "unknown command: %s. There are:", typed);
    for (size_t i = 0; i < ctl_command_count; i++)
        if (strncmp(ctl_commands[i].name, argv[0], strlen(argv[0])) == 0)
            fprintf(stderr, "  %s %s\n", ctl_commands[i].name, ctl_commands[i].args);
    return CTL_USAGE;
}

static void
report(const struct ctl *c, int status)
{
    fprintf(stderr, "gempixctl: %s", c->e.message[0] != '\0' ? c->e.message : status_name(status));
    if (c->e.detail[0] != '\0')
        fprintf(stderr, " (%s)", c->e.detail);
    fputs("\n", stderr);
}

static int
run(struct ctl *c)
{
    int rc = ST_OK;

    if (c->command->needs & CTL_CONF)
        rc = conf_load(c->conf_path, &c->conf, &c->e);
    if (rc == ST_OK && c->command->needs == CTL_DB)
        rc = db_open(c->conf, &c->db, &c->e);
    if (rc == ST_OK)
        rc = c->command->run(c);
    if (rc < 0)
        report(c, rc);
    db_close(c->db);
    conf_free(c->conf);
    if (fflush(stdout) != 0 && rc == CTL_OK)
        rc = CTL_FAILED;
    return rc < 0 ? CTL_FAILED : rc;
}

int
ctl_main(int argc, char **argv)
{
    struct ctl c = {.conf_path = GEMPIX_SYSCONFDIR "/gempix.yaml"};
    bool help = false;
    int at = 1, used = 0, rc;

    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "-h") == 0 || strcmp(argv[at], "--help") == 0)
            return print_help();
        if (strncmp(argv[at], "--config=", 9) == 0)
            c.conf_path = argv[at] + 9;
        else if (strcmp(argv[at], "-c") != 0 && strcmp(argv[at], "--config") != 0)
            return ctl_usage(&c, "unknown option %s. `gempixctl --help` tells more.", argv[at]);
        else if (at + 1 == argc)
            return ctl_usage(&c, "%s needs a file.", argv[at]);
        else
            c.conf_path = argv[++at];
    }
    if (at == argc)
        return ctl_usage(&c, "a command is missing. `gempixctl --help` lists all.");
    if ((c.command = find_command(argc - at, argv + at, &used)) == NULL)
        return unknown_command(&c, argc - at, argv + at);
    if ((rc = parse_rest(&c, argc - at - used, argv + at + used, &help)) != CTL_OK)
        return rc;
    if (help) {
        print_form(stdout, c.command);
        printf("    %s\n", c.command->about);
        return CTL_OK;
    }
    return run(&c);
}
