/*
 * gempix-image cleanup: something taken out of a picture. Knows no network's inside. Read next:
 * render/pipeline/clear.h.
 */
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/clear.h"
#include "render/pipeline/generate.h"

static const char HELP[] =
    "Usage: gempix-image cleanup -i FILE --mask FILE -o FILE [OPTION]...\n"
    "Takes out of a picture what a mask marks. A mark through which the picture can be seen is\n"
    "lifted off; anything else is filled from what is around it.\n"
    "\n"
    "  -i, --input FILE       the picture: PNG, JPEG or WebP\n"
    "  -k, --mask FILE        a picture of the same size, white where to fill and else black\n"
    "  -o, --output FILE      where it goes: NAME.png, NAME.jpg or NAME.webp\n"
    "  -m, --model FILE       fill by the network LaMa, NAME.safetensors or its folder; without "
    "it\n"
    "                         from the picture's own texture\n"
    "  -x, --grow N           widens the mask by so many pixels (0)\n"
    "      --fill             never lift: the mask is over a thing, not over a mark\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "  -q, --quiet            print errors only\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

int
image_cleanup(int argc, char **argv)
{
    static const char *const ways[] = {
        [CLEAR_LIFTED] = "the mark was lifted off",
        [CLEAR_NETWORK] = "filled by the network",
        [CLEAR_TEXTURE] = "filled from the picture's texture",
    };
    struct tool t = {.program = "gempix-image cleanup",
                     .help = HELP,
                     .has_mask = true,
                     .model_optional = true,
                     .number_name = "grow",
                     .flag_name = "fill"};
    struct clear_params params = {.progress = tool_progress, .ctx = &t};
    struct image in = {0}, mask = {0}, out = {0};
    enum clear_way way = CLEAR_LIFTED;
    struct err e;
    int rc, status;

    if ((status = tool_options(&t, argc, argv)) != -1)
        return status;
    err_clear(&e);
    params.grow = t.number;
    params.threads = t.threads;
    params.never_lift = t.flag;
    if ((rc = tool_read(t.input, &in, &e)) == ST_OK &&
        (rc = tool_read(t.mask, &mask, &e)) == ST_OK &&
        (t.model == NULL ||
         (rc = cleanup_open(t.model, t.threads, &params.network, &e)) == ST_OK) &&
        (rc = clear_marks(&params, &in, &mask, &out, &way, &e)) == ST_OK)
        rc = tool_write(&t, &out, &e);
    status = tool_end(&t, rc, &out, &e);
    if (rc == ST_OK && !t.quiet)
        printf("%s\n", ways[way]);
    cleanup_close(params.network);
    image_release(&in);
    image_release(&mask);
    image_release(&out);
    return status;
}
