/*
 * The landing page's pictures; see showcase.h. A line is read by scripts/landing-pictures, too:
 * keep its form.
 */
#include "app/home/showcase.h"

#include <stddef.h>

const struct showcase showcase[] = {
    {"shot-balloon.webp", "an orange hot-air balloon over the desert", 6},
    {"shot-castle.webp", "a castle in the snow at night", 2},
    {"shot-car.webp", "a red car in the mountains", 2},
    {"shot-planet.webp", "a purple planet in space", 10},
    {"shot-sea.webp", "a lighthouse by the sea at sunset", 4},
    {"shot-rocket.webp", "a rocket in space", 5},
    {"shot-lake.webp", "a boat on the lake at sunset", 4},
    {"shot-snowman.webp", "a snowman in the snow at night", 2},
    {NULL, NULL, 0},
};

const struct showcase_frame showcase_frames[] = {
    {"frame-1.jpg", 1}, {"frame-2.jpg", 4}, {"frame-3.jpg", 12}, {"frame-4.jpg", 24}, {NULL, 0},
};
