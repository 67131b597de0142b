/*
 * gempixctl: a table of commands and what they share. A command is a function in a ctl_*.c file
 * and a line in the table of ctl_commands.c; help, options and "did you mean" follow the table.
 */
#ifndef GEMPIX_APP_CTL_CTL_H
#define GEMPIX_APP_CTL_CTL_H

#include <stddef.h>
#include <stdint.h>

#include "common/audit.h"
#include "common/err.h"

struct conf;
struct db;
struct ctl;

#ifndef GEMPIX_SYSCONFDIR
#define GEMPIX_SYSCONFDIR "/etc/gempix"
#endif
#ifndef GEMPIX_DATADIR
#define GEMPIX_DATADIR "/usr/share/gempix"
#endif

#define CTL_WORDS 4
#define CTL_OPTIONS 12

/* A database needs the configuration. */
enum ctl_needs { CTL_NOTHING = 0, CTL_CONF = 1, CTL_DB = 3 };

/* A command returns one of these, or a negative status with the reason in c->e. */
enum ctl_exit { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

struct ctl_command {
    const char *name;    /* one or two words */
    const char *args;    /* as the help shows them */
    const char *about;   /* one line */
    const char *options; /* names separated by blanks; "name=" takes a value */
    int words;           /* how many further words the command takes, exactly */
    enum ctl_needs needs;
    int (*run)(struct ctl *c);
};

struct ctl {
    const char *conf_path;
    struct conf *conf;
    struct db *db;
    const struct ctl_command *command;
    const char *words[CTL_WORDS];
    struct {
        const char *name, *value;
        size_t name_len;
    } options[CTL_OPTIONS];
    size_t option_count;
    struct err e;
};

extern const struct ctl_command ctl_commands[];
extern const size_t ctl_command_count;

/* Runs one command line and returns the exit status; says on standard error what went wrong. */
int ctl_main(int argc, char **argv);

/* The value of an option ("" for one without a value), or NULL where it was not given. */
const char *ctl_option(const struct ctl *c, const char *name);
/* Says what is wrong with the command line, shows the command's form and returns CTL_USAGE. */
int ctl_usage(const struct ctl *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A whole number from min to max, or CTL_USAGE. */
int ctl_number(const struct ctl *c, const char *what, const char *text, int64_t min, int64_t max,
               int64_t *out);

/* A row of the audit log, by the operator at the machine: before somebody's data are shown or
 * changed. `subject` is a public id. 0 or as audit_write. */
int ctl_note(struct ctl *c, enum audit_action action, const char *subject, const char *reason);
/* The same about an account, by its number. */
int ctl_note_account(struct ctl *c, enum audit_action action, int64_t account, const char *reason);

/* The commands. */
int ctl_config_check(struct ctl *c);
int ctl_config_keys(struct ctl *c);
int ctl_secret_new(struct ctl *c);
int ctl_migrate(struct ctl *c);
int ctl_grant_users(struct ctl *c);
int ctl_account_create(struct ctl *c);
int ctl_credits_grant(struct ctl *c);
int ctl_ledger_check(struct ctl *c);
int ctl_register_check(struct ctl *c);
int ctl_register_list(struct ctl *c);
int ctl_register_record(struct ctl *c);
int ctl_policy_print(struct ctl *c);
int ctl_purge(struct ctl *c);
int ctl_erase(struct ctl *c);
int ctl_receipt_verify(struct ctl *c);
int ctl_staff_add(struct ctl *c);
int ctl_staff_remove(struct ctl *c);
int ctl_staff_list(struct ctl *c);
int ctl_audit_verify(struct ctl *c);
int ctl_audit_list(struct ctl *c);
int ctl_export(struct ctl *c);
int ctl_events_list(struct ctl *c);
int ctl_events_replay(struct ctl *c);
int ctl_refund(struct ctl *c);
int ctl_reconcile(struct ctl *c);
int ctl_jobs_list(struct ctl *c);
int ctl_jobs_show(struct ctl *c);
int ctl_jobs_requeue(struct ctl *c);
int ctl_flags_list(struct ctl *c);
int ctl_flags_close(struct ctl *c);
int ctl_rules_check(struct ctl *c);
int ctl_rights_list(struct ctl *c);
int ctl_rights_show(struct ctl *c);
int ctl_rights_answer(struct ctl *c);
int ctl_rights_extend(struct ctl *c);
int ctl_rights_refuse(struct ctl *c);
int ctl_tickets_list(struct ctl *c);
int ctl_tickets_show(struct ctl *c);
int ctl_tickets_answer(struct ctl *c);
int ctl_tickets_close(struct ctl *c);
int ctl_model_install(struct ctl *c);
int ctl_model_list(struct ctl *c);
int ctl_model_show(struct ctl *c);
int ctl_model_verify(struct ctl *c);
int ctl_model_remove(struct ctl *c);

#endif
