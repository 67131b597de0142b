/*
 * gempix-image cleanup: something taken out of a picture. Knows no network's inside. Read next:
 * render/pipeline/clear.h, render/pipeline/mark.h.
 */
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/clear.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/mark.h"

static const char HELP[] =
    "Usage: gempix-image cleanup -i FILE --mask FILE -o FILE [OPTION]...\n"
    "       gempix-image cleanup -i FILE --find [--show-mask FILE] [-o FILE] [OPTION]...\n"
    "Takes out of a picture what a mask marks, or the watermark that is found on it. A mark\n"
    "through which the picture can be seen is lifted off; anything else is filled from what is\n"
    "around it.\n"
    "\n"
    "  -i, --input FILE       the picture: PNG, JPEG or WebP\n"
    "  -k, --mask FILE        a picture of the same size, white where to fill and else black\n"
    "      --find             look for the mark; where it is not sure nothing is taken out\n"
    "      --show-mask FILE   what was found, surely or not, as a mask; without -o only that\n"
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
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no mark surely found and nothing taken\n"
    "out, 130 interrupted.\n";

/* Looks for a mark, shows it where that was asked for, and says what was found. */
static int
find(const struct tool *t, const struct image *in, struct mark *mark, struct err *e)
{
    static const char *const said[] = {
        [MARK_NONE] = "No mark was found.",
        [MARK_UNSURE] = "There may be a mark, but it is not sure.",
        [MARK_FOUND] = "A mark was found.",
    };
    int rc = mark_find(in, mark, e);

    if (rc != ST_OK)
        return rc;
    if (!t->quiet)
        printf("%s\n", said[mark->result]);
    if (mark->result == MARK_UNSURE && t->shown == NULL && !t->quiet)
        puts("--show-mask FILE shows where; if it is right, give that file with --mask.");
    return t->shown != NULL && mark->result != MARK_NONE ? tool_write_mask(t->shown, &mark->mask, e)
                                                         : ST_OK;
}

static int
clear(struct tool *t, const struct image *in, const struct image *mask, struct err *e)
{
    static const char *const ways[] = {
        [CLEAR_LIFTED] = "the mark was lifted off",
        [CLEAR_NETWORK] = "filled by the network",
        [CLEAR_TEXTURE] = "filled from the picture's texture",
    };
    struct clear_params params = {.grow = t->number,
                                  .threads = t->threads,
                                  .never_lift = t->flag,
                                  .progress = tool_progress,
                                  .ctx = t};
    enum clear_way way = CLEAR_LIFTED;
    struct image out = {0};
    int rc = ST_OK, status;

    if ((t->model == NULL ||
         (rc = cleanup_open(t->model, t->threads, &params.network, e)) == ST_OK) &&
        (rc = clear_marks(&params, in, mask, &out, &way, e)) == ST_OK)
        rc = tool_write(t, &out, e);
    status = tool_end(t, rc, &out, e);
    if (rc == ST_OK && !t->quiet)
        printf("%s\n", ways[way]);
    cleanup_close(params.network);
    image_release(&out);
    return status;
}

int
image_cleanup(int argc, char **argv)
{
    struct tool t = {.program = "gempix-image cleanup",
                     .help = HELP,
                     .has_mask = true,
                     .can_find = true,
                     .model_optional = true,
                     .number_name = "grow",
                     .flag_name = "fill"};
    struct image in = {0}, given = {0};
    struct mark mark = {0};
    struct err e;
    int rc, status;

    if ((status = tool_options(&t, argc, argv)) != -1)
        return status;
    err_clear(&e);
    if ((rc = tool_read(t.input, &in, &e)) == ST_OK)
        rc = t.find ? find(&t, &in, &mark, &e) : tool_read(t.mask, &given, &e);
    if (rc != ST_OK)
        status = tool_end(&t, rc, NULL, &e);
    else if (t.find && mark.result != MARK_FOUND)
        status = TOOL_UNSURE;
    else if (t.output == NULL)
        status = 0;
    else
        status = clear(&t, &in, t.find ? &mark.mask : &given, &e);
    image_release(&in);
    image_release(&given);
    mark_release(&mark);
    return status;
}
