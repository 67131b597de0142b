/*
 * The landing page's pictures; see showcase.h. A line is read by scripts/landing-pictures, too:
 * keep its form.
 */
#include "app/home/showcase.h"

#include <stddef.h>

const struct showcase showcase[] = {
    {"shot-sea.webp", "the sea at sunset, clouds", 4},
    {"shot-meadow.webp", "mountains behind a meadow at dawn", 4},
    {"shot-balloon.webp", "a yellow balloon over the desert", 6},
    {"shot-moon.webp", "a white moon over the sea at night", 1},
    {"shot-snow.webp", "a snowy field at dawn, stars", 4},
    {"shot-tree.webp", "a big tree on the hills by day", 3},
    {"shot-pink.webp", "a pink sea at dusk, a small sun", 4},
    {"shot-sun.webp", "a red sun over a blue sea", 3},
    {NULL, NULL, 0},
};

const struct showcase_frame showcase_frames[] = {
    {"frame-1.jpg", 1}, {"frame-2.jpg", 4}, {"frame-3.jpg", 12}, {"frame-4.jpg", 24}, {NULL, 0},
};
