/*
 * What the subcommands of gempix-image that change a picture have in common, and the subcommands.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_TOOL_H
#define GEMPIX_RENDER_CLI_IMAGE_TOOL_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct image;

/* Exit statuses besides 0. */
enum { TOOL_FAILED = 1, TOOL_USAGE = 2, TOOL_UNSURE = 3, TOOL_INTERRUPTED = 130 };

struct tool {
    const char *program; /* "gempix-image upscale" */
    const char *help;
    const char *model, *input, *output, *mask; /* mask: where `has_mask` */
    bool has_mask, quiet;
    bool model_optional;
    int number;              /* of the tool's own option -x, 0 = not given */
    const char *number_name; /* its long name */
    const char *flag_name;   /* of its own option without a value; NULL = it has none */
    bool flag;               /* was it given? */
    bool can_find, find;     /* may a mark be looked for instead of given? shall it? */
    const char *shown;       /* where what was found is shown, with `can_find` */
    int threads;
    int64_t began;
};

/* Reads the options after the subcommand. -1 = go on, else the exit status; complaints are said. */
int tool_options(struct tool *t, int argc, char **argv);
/* A PNG or JPEG file; the caller releases `out`. */
int tool_read(const char *path, struct image *out, struct err *e);
/* Writes by the name's ending, marked as partly made by a network. */
int tool_write(const struct tool *t, const struct image *image, struct err *e);
/* Writes a mask by the name's ending, without such a note. */
int tool_write_mask(const char *path, const struct image *mask, struct err *e);
/* A progress bar on a terminal; nonzero after Ctrl-C. `ctx` is the struct tool. */
int tool_progress(void *ctx, int step, int steps);
/* Says what went wrong, or what was written; returns the exit status. */
int tool_end(const struct tool *t, int rc, const struct image *image, const struct err *e);

/* The subcommands: argv[0] is the program, argv[1] their name. They return the exit status. */
int image_animate(int argc, char **argv);
int image_upscale(int argc, char **argv);
int image_cleanup(int argc, char **argv);
int image_bench(int argc, char **argv);
int image_convert(int argc, char **argv);

#endif
