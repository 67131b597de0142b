/*
 * gempix-image cleanup: something taken out of a picture. Knows no network's inside. Read next:
 * render/pipeline/cleanup.h.
 */
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/generate.h"

static const char HELP[] =
    "Usage: gempix-image cleanup -m MODEL -i FILE --mask FILE -o FILE [OPTION]...\n"
    "Fills what a mask marks in a picture from what is around it, with the network LaMa.\n"
    "\n"
    "  -m, --model FILE       the network's weights: NAME.safetensors\n"
    "  -i, --input FILE       the picture, PNG or JPEG\n"
    "  -k, --mask FILE        a picture of the same size, white where to fill and else black\n"
    "  -o, --output FILE      where it goes: NAME.png, NAME.jpg or NAME.webp\n"
    "  -x, --grow N           widens the mask by so many pixels (0)\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "  -q, --quiet            print errors only\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

int
image_cleanup(int argc, char **argv)
{
    struct tool t = {
        .program = "gempix-image cleanup", .help = HELP, .has_mask = true, .number_name = "grow"};
    struct cleanup_params params = CLEANUP_PARAMS;
    struct image in = {0}, mask = {0}, out = {0};
    struct cleanup *c = NULL;
    struct err e;
    int rc, status;

    if ((status = tool_options(&t, argc, argv)) != -1)
        return status;
    err_clear(&e);
    params.grow = t.number;
    if ((rc = tool_read(t.input, &in, &e)) == ST_OK &&
        (rc = tool_read(t.mask, &mask, &e)) == ST_OK &&
        (rc = cleanup_open(t.model, t.threads, &c, &e)) == ST_OK &&
        (rc = cleanup(c, &params, &in, &mask, tool_progress, &t, &out, &e)) == ST_OK)
        rc = tool_write(&t, &out, &e);
    status = tool_end(&t, rc, &out, &e);
    cleanup_close(c);
    image_release(&in);
    image_release(&mask);
    image_release(&out);
    return status;
}
