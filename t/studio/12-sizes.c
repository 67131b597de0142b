/*
 * Picture sizes: the named ones follow the model, exact ones stay within bounds.
 */
#include "app/studio/sizes.h"
#include "common/conf.h"
#include "common/err.h"
#include "t/lib/tap.h"

static void
names_of(int64_t size, int64_t size_max)
{
    struct conf conf = {.model = {.size = size, .size_max = size_max}};
    struct err e;

    for (int i = 0; i < SIZE_EXACT; i++) {
        int w, h;
        size_pixels(&conf, (enum size_name)i, &w, &h);
        if (w == 0)
            continue;
        is_int(size_check(&conf, w, h, &e), ST_OK, size_words[i]);
        is_int(size_find(&conf, w, h) <= (enum size_name)i, true, "... is found again");
    }
}

int
main(void)
{
    struct conf conf = {.model = {.size = 128, .size_max = 256}};
    struct err e;
    int w, h;

    size_pixels(&conf, SIZE_SQUARE, &w, &h);
    ok(w == 128 && h == 128, "square is the model's own size");
    size_pixels(&conf, SIZE_PORTRAIT, &w, &h);
    ok(w == 96 && h == 128, "portrait is three to four");
    size_pixels(&conf, SIZE_LANDSCAPE, &w, &h);
    ok(w == 128 && h == 96, "landscape is four to three");
    size_pixels(&conf, SIZE_LARGE, &w, &h);
    ok(w == 256 && h == 256, "large is the largest");
    size_pixels(&conf, SIZE_EXACT, &w, &h);
    ok(w == 0 && h == 0, "exact has no pixels of its own");
    is_int(size_find(&conf, 96, 128), SIZE_PORTRAIT, "a size finds its name");
    is_int(size_find(&conf, 104, 128), SIZE_EXACT, "another size is exact");
    names_of(128, 256);
    names_of(512, 1024);
    names_of(64, 64);
    conf.model.size_max = 128;
    size_pixels(&conf, SIZE_LARGE, &w, &h);
    is_int(w, 0, "nothing larger is offered where the model has nothing larger");

    conf.model.size_max = 256;
    is_int(size_check(&conf, 64, 256, &e), ST_OK, "both bounds are allowed");
    is_int(size_check(&conf, 56, 128, &e), ST_INVALID, "too narrow");
    is_int(size_check(&conf, 128, 264, &e), ST_INVALID, "too high");
    ok(strstr(e.message, "64") != NULL && strstr(e.message, "256") != NULL,
       "... and the sentence names the bounds");
    is_int(size_check(&conf, 100, 128, &e), ST_INVALID, "no multiple of eight");
    is_int(size_check(&conf, -8, 128, &e), ST_INVALID, "a negative side");
    is_str(size_words[SIZE_EXACT], "exact", "the words follow the names");
    ok(size_words[SIZE_COUNT] == NULL, "the list of words ends");
    return tap_done();
}
