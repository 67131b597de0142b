/*
 * finder_traits PICTURE MASK...: the traits of every candidate for a single mark on each picture,
 * a line each: the picture's number, kind, intersection over union with the true mask, traits. A
 * mask "-" says that there is none. For finder_fit.py; not installed. Read next:
 * render/pipeline/mark_single.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/mark_parts.h"
#include "render/pipeline/mark_single.h"

#define FILE_MAX ((size_t)64 << 20)

struct judged {
    int number;
    const struct image *truth; /* pixels NULL: nothing is marked */
    int all;                   /* pixels of the picture */
};

static void
print_traits(void *ctx, const struct single *one, const uint8_t *mask)
{
    const struct judged *j = ctx;
    int both = 0, either = 0;

    for (int i = 0; i < j->all; i++) {
        int is = j->truth->pixels != NULL && j->truth->pixels[3 * (size_t)i] != 0;

        both += is && mask[i] != 0;
        either += is || mask[i] != 0;
    }
    printf("%d %d %.4f", j->number, (int)one->kind, either == 0 ? 0 : (double)both / either);
    for (int i = 0; i < TRAITS; i++)
        printf(" %.5g", one->trait[i]);
    putchar('\n');
}

static int
read_picture(const char *path, struct image *out, struct err *e)
{
    FILE *f = fopen(path, "rbe");
    unsigned char *data = malloc(FILE_MAX);
    size_t size = f != NULL && data != NULL ? fread(data, 1, FILE_MAX, f) : 0;
    int rc = size == 0 ? err_setf(e, ST_IO, "%.150s cannot be read.", path)
                       : picture_decode(data, size, (size_t)1 << 26, out, e);

    if (f != NULL)
        (void)fclose(f);
    free(data);
    return rc;
}

static int
look(int number, const char *picture, const char *mask, struct err *e)
{
    struct image in = {0}, truth = {0};
    struct level level = {0};
    struct single one;
    struct judged judged = {.number = number, .truth = &truth};
    struct single_watch watch = {print_traits, &judged};
    uint8_t *found = NULL;
    int rc;

    if ((rc = read_picture(picture, &in, e)) != ST_OK ||
        (strcmp(mask, "-") != 0 && (rc = read_picture(mask, &truth, e)) != ST_OK) ||
        (rc = level_make(in.pixels, in.width, in.height, &level, e)) != ST_OK)
        goto out;
    judged.all = in.width * in.height;
    if (truth.pixels != NULL && truth.width * truth.height != judged.all)
        rc = err_set(e, ST_INVALID, "A mask has another size than its picture.", "%s", mask);
    else if ((found = malloc((size_t)judged.all)) == NULL)
        rc = err_set(e, ST_NOMEM, "Not enough memory.", "a mask");
    else
        rc = single_find(&level, &watch, &one, found, e);
out:
    free(found);
    level_release(&level);
    image_release(&in);
    image_release(&truth);
    return rc;
}

int
main(int argc, char **argv)
{
    struct err e;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (look(i / 2, argv[i], argv[i + 1], &e) != ST_OK) {
            fprintf(stderr, "%s: %s\n", argv[0], e.message);
            return 1;
        }
    }
    return 0;
}
