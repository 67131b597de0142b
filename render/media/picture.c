/*
 * Pictures as files: chooses the format, shrinks. Knows no format's bytes beyond the first few.
 * Read next: png.c, jpeg.c,
 * webp.c.
 */
#include "render/media/picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/media/orientation.h"
#include "render/media/picture_format.h"
#include "render/pipeline/generate.h"

static const struct {
    int (*encode)(const struct image *image, int quality, const struct picture_note *note,
                  void **data, size_t *size, struct err *e);
} writers[] = {
    [PICTURE_PNG] = {png_encode},
    [PICTURE_JPEG] = {jpeg_encode},
    [PICTURE_WEBP] = {webp_encode},
};

/* How files begin, by which they are known; `skip` bytes may be anything before `more`. */
static const struct {
    const char *magic, *more;
    size_t length, skip;
    int (*decode)(const void *data, size_t size, size_t max_pixels, struct image *out,
                  struct err *e);
    const char *name; /* what it is, where it cannot be read */
} readers[] = {
    {"\x89PNG\r\n\x1a\n", NULL, 8, 0, png_decode, NULL},
    {"\xFF\xD8\xFF", NULL, 3, 0, jpeg_decode, NULL},
    {"RIFF", "WEBP", 4, 8, webp_decode, NULL},
    {"GIF8", NULL, 4, 0, NULL, "GIF"},
    {"BM", NULL, 2, 0, NULL, "BMP"},
    {"II*\0", NULL, 4, 0, NULL, "TIFF"},
    {"MM\0*", NULL, 4, 0, NULL, "TIFF"},
    {"", "ftypheic", 0, 4, NULL, "HEIC"},
    {"", "ftypheix", 0, 4, NULL, "HEIC"},
    {"", "ftypmif1", 0, 4, NULL, "HEIF"},
    {"", "ftypavif", 0, 4, NULL, "AVIF"},
    {"%PDF", NULL, 4, 0, NULL, "PDF"},
};

static bool
begins(const unsigned char *data, size_t size, size_t reader)
{
    const char *more = readers[reader].more;
    size_t skip = readers[reader].skip, wide = more != NULL ? strlen(more) : 0;

    return size > readers[reader].length && size >= skip + wide &&
           memcmp(data, readers[reader].magic, readers[reader].length) == 0 &&
           (more == NULL || memcmp(data + skip, more, wide) == 0);
}

bool
picture_format_of(const char *path, enum picture_format *out)
{
    static const struct {
        const char *ending;
        enum picture_format format;
    } endings[] = {
        {".png", PICTURE_PNG},
        {".jpg", PICTURE_JPEG},
        {".jpeg", PICTURE_JPEG},
        {".webp", PICTURE_WEBP},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++) {
        if (strcmp(dot, endings[i].ending) == 0) {
            *out = endings[i].format;
            return true;
        }
    }
    return false;
}

int
picture_encode(const struct image *image, enum picture_format format, int quality,
               const struct picture_note *note, void **data, size_t *size, struct err *e)
{
    static const struct picture_note NO_NOTE = {0};

    *data = NULL;
    *size = 0;
    if (image->width < 1 || image->height < 1 || image->width > PICTURE_SIDE_MAX ||
        image->height > PICTURE_SIDE_MAX)
        return err_set(e, ST_INTERNAL, "The picture could not be written.", "picture of %d x %d",
                       image->width, image->height);
    return writers[format].encode(image, quality, note != NULL ? note : &NO_NOTE, data, size, e);
}

int
picture_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e)
{
    int rc;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (!begins(data, size, i))
            continue;
        if (readers[i].decode == NULL)
            return err_setf(e, ST_INVALID,
                            "This is a file of another kind (%s). "
                            "Send the picture as PNG, JPEG or WebP.",
                            readers[i].name);
        if ((rc = readers[i].decode(data, size, max_pixels, out, e)) != ST_OK)
            return rc;
        if ((rc = orientation_apply(out, orientation_of(data, size), e)) != ST_OK) {
            free(out->pixels);
            memset(out, 0, sizeof *out);
        }
        return rc;
    }
    return err_set(e, ST_INVALID, "This is not a picture that can be read: send PNG, JPEG or WebP.",
                   NULL);
}

int
picture_allocate(size_t width, size_t height, size_t max_pixels, struct image *out, struct err *e)
{
    if (width == 0 || height == 0)
        return err_set(e, ST_INVALID, "This picture has no pixels.", NULL);
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX || width > max_pixels / height)
        return err_setf(e, ST_TOOBIG, "This picture is too large: %zu x %zu pixels.", width,
                        height);
    if ((out->pixels = calloc(width * height, 3)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "picture of %zu x %zu", width,
                       height);
    out->width = (int)width;
    out->height = (int)height;
    return ST_OK;
}

/* The share of source pixel `at` that lies in [from, to), in pixels. */
static double
share(int at, double from, double to)
{
    double left = at > from ? at : from, right = at + 1 < to ? at + 1 : to;

    return right > left ? right - left : 0.0;
}

/* The mean colour of one box of the source. */
static void
box_mean(const struct image *image, double x0, double x1, double y0, double y1, uint8_t out[3])
{
    double sum[3] = {0}, area = 0;

    for (int y = (int)y0; y < image->height && y < y1; y++) {
        const uint8_t *row = image->pixels + (size_t)y * (size_t)image->width * 3;
        double tall = share(y, y0, y1);

        for (int x = (int)x0; x < image->width && x < x1; x++) {
            double weight = tall * share(x, x0, x1);

            for (int c = 0; c < 3; c++)
                sum[c] += weight * row[(size_t)x * 3 + (size_t)c];
            area += weight;
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = area > 0 ? (uint8_t)(sum[c] / area + 0.5) : 0;
}

int
picture_shrink(const struct image *image, int side, struct image *out, struct err *e)
{
    int longest = image->width > image->height ? image->width : image->height;
    double scale = longest > side ? (double)longest / side : 1.0;
    int width = (int)(image->width / scale + 0.5), height = (int)(image->height / scale + 0.5);
    int rc;

    memset(out, 0, sizeof *out);
    width = width < 1 ? 1 : width;
    height = height < 1 ? 1 : height;
    rc = picture_allocate((size_t)width, (size_t)height, SIZE_MAX, out, e);
    if (rc != ST_OK)
        return rc;
    if (scale == 1.0) {
        memcpy(out->pixels, image->pixels, (size_t)width * (size_t)height * 3);
        return ST_OK;
    }
    double step_x = (double)image->width / width, step_y = (double)image->height / height;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            box_mean(image, x * step_x, (x + 1) * step_x, y * step_y, (y + 1) * step_y,
                     out->pixels + ((size_t)y * (size_t)width + (size_t)x) * 3);
    return ST_OK;
}
