/*
 * gempix-image convert: a model's folder with smaller weights. Read next:
 * render/pipeline/convert.h.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/convert.h"

static const char HELP[] =
    "Usage: gempix-image convert MODEL OUT [OPTION]...\n"
    "Writes a model as a new folder in the diffusers layout.\n"
    "\n"
    "  MODEL                  a folder, or a single file NAME.safetensors\n"
    "  OUT                    the new folder, which must not exist\n"
    "      --dtype NAME       f16, or int8 for the unet and the text encoders (f16)\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static int
complain(const char *message, const char *what)
{
    fprintf(stderr, "gempix-image convert: %s%s\nTry 'gempix-image convert --help'.\n", message,
            what);
    return TOOL_USAGE;
}

int
image_convert(int argc, char **argv)
{
    static const struct option LONG[] = {{"dtype", required_argument, NULL, 'd'},
                                         {"help", no_argument, NULL, 'h'},
                                         {NULL, 0, NULL, 0}};
    bool int8 = false;
    struct err e;
    int option;

    opterr = 0;
    argc--; /* the subcommand takes the program's place */
    argv++;
    while ((option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        if (option == 'h') {
            fputs(HELP, stdout);
            return 0;
        }
        if (option != 'd')
            return complain("unknown or incomplete option ", argv[optind - 1]);
        int8 = strcmp(optarg, "int8") == 0;
        if (!int8 && strcmp(optarg, "f16") != 0)
            return complain("--dtype is f16 or int8, not ", optarg);
    }
    if (argc - optind != 2)
        return complain("a model and a new folder are needed", "");
    err_clear(&e);
    if (convert_model(argv[optind], argv[optind + 1], int8, &e) == ST_OK)
        return 0;
    fprintf(stderr, "gempix-image convert: %s\n", e.message);
    return TOOL_FAILED;
}
