/*
 * gempixctl. Everything is in ctl.c and the files of the commands.
 */
#include <stdio.h>

#include "app/ctl/ctl.h"
#include "common/crypto.h"

int
main(int argc, char **argv)
{
    struct err e = {0};

    if (crypto_start(&e) != ST_OK) {
        fprintf(stderr, "gempixctl: %s\n", e.message);
        return CTL_FAILED;
    }
    return ctl_main(argc, argv);
}
