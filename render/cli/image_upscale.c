/*
 * gempix-image upscale: a larger picture. Knows no network's inside. Read next:
 * render/pipeline/upscale.h.
 */
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/upscale.h"

static const char HELP[] =
    "Usage: gempix-image upscale -m MODEL -i FILE -o FILE [OPTION]...\n"
    "Enlarges a picture with a network of the Real-ESRGAN family.\n"
    "\n"
    "  -m, --model FILE       the network's weights: NAME.safetensors\n"
    "  -i, --input FILE       the picture, PNG or JPEG\n"
    "  -o, --output FILE      where it goes: NAME.png, NAME.jpg or NAME.webp\n"
    "  -x, --size N           so many times as wide and high; the network's own if not given,\n"
    "                         or a divisor of it\n"
    "  -t, --threads N        0 = one per core (0)\n"
    "  -q, --quiet            print errors only\n"
    "      --help             this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

int
image_upscale(int argc, char **argv)
{
    struct tool t = {.program = "gempix-image upscale", .help = HELP, .number_name = "size"};
    struct image in = {0}, out = {0};
    struct upscale *u = NULL;
    struct err e;
    int rc, status;

    if ((status = tool_options(&t, argc, argv)) != -1)
        return status;
    err_clear(&e);
    if ((rc = tool_read(t.input, &in, &e)) == ST_OK &&
        (rc = upscale_open(t.model, t.threads, &u, &e)) == ST_OK &&
        (rc = upscale(u, &in, t.number, tool_progress, &t, &out, &e)) == ST_OK)
        rc = tool_write(&t, &out, &e);
    status = tool_end(&t, rc, &out, &e);
    upscale_close(u);
    image_release(&in);
    image_release(&out);
    return status;
}
