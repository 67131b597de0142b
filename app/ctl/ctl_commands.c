/*
 * The table of commands. Help and parsing live in ctl.c.
 */
#include "app/ctl/ctl.h"

const struct ctl_command ctl_commands[] = {
    {"config check", "[--files]",
     "read the configuration and say what is wrong; --files looks at the files it names too",
     "files", 0, CTL_CONF, ctl_config_check},
    {"config keys", "", "list every key with type, default and meaning", "", 0, CTL_NOTHING,
     ctl_config_keys},
    {"secret new", "FILE", "write a fresh random secret into a new file", "", 1, CTL_NOTHING,
     ctl_secret_new},
    {"migrate", "[--check] [--sql DIR]",
     "bring the database's tables up to date; --check only says whether they are", "check sql=", 0,
     CTL_DB, ctl_migrate},
    {"grant-users", "[--sql FILE] [--app USER] [--render USER] [--steward USER]",
     "create the programs' database users with the rights that each needs",
     "sql= app= render= steward=", 0, CTL_DB, ctl_grant_users},
    {"account create", "EMAIL [--name NAME] [--credits N]",
     "create an account for an adult person; reads the password from standard input",
     "name= credits=", 1, CTL_DB, ctl_account_create},
    {"credits grant", "EMAIL N --reason TEXT", "give credits; the member sees the reason",
     "reason=", 2, CTL_DB, ctl_credits_grant},
    {"ledger check", "", "rebuild every balance from the ledger's entries and compare", "", 0,
     CTL_DB, ctl_ledger_check},
    {"purge", "[--dry-run]",
     "delete or replace everything that is due by the data register, old credit records too; "
     "--dry-run only counts",
     "dry-run", 0, CTL_DB, ctl_purge},
    {"register check", "",
     "compare the data register with the database: every table and column is declared, and exists",
     "", 0, CTL_DB, ctl_register_check},
    {"register list", "", "show what the data register declares", "", 0, CTL_CONF,
     ctl_register_list},
    {"jobs list", "[--state STATE] [--count N]", "show the newest jobs", "state= count=", 0, CTL_DB,
     ctl_jobs_list},
    {"jobs show", "ID", "show one job", "", 1, CTL_DB, ctl_jobs_show},
    {"jobs requeue", "ID", "take a running job from its worker and queue it again", "", 1, CTL_DB,
     ctl_jobs_requeue},
    {"model install",
     "SOURCE [--name NAME] [--fp16] [--link] [--file NAME] [--tokenizer DIR] [--prediction KIND] "
     "[--licence NAME] [--accept-licence] [--no-test]",
     "install a model from a folder, a .safetensors file or a hub (OWNER/NAME[@REVISION])",
     "name= fp16 link file= tokenizer= prediction= licence= accept-licence no-test", 1, CTL_CONF,
     ctl_model_install},
    {"model list", "[--json]", "show the models: family, size, licence, state", "json", 0, CTL_CONF,
     ctl_model_list},
    {"model show", "NAME [--licence] [--json]",
     "show one model; --licence prints its licence's text", "licence json", 1, CTL_CONF,
     ctl_model_show},
    {"model verify", "NAME [--no-test] [--json]",
     "compare every file with its digest and let the engine draw a small picture", "no-test json",
     1, CTL_CONF, ctl_model_verify},
    {"model remove", "NAME [--force]", "remove a model that nothing waits for", "force", 1,
     CTL_CONF, ctl_model_remove},
};

const size_t ctl_command_count = sizeof ctl_commands / sizeof ctl_commands[0];
