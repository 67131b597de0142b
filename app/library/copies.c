/*
 * Sizes of smaller copies; see copies.h. Knows no files.
 */
#include "app/library/copies.h"

#include <stdint.h>

int
copy_width(int width, int height, int side)
{
    int longer = width > height ? width : height, out;

    if (longer <= side)
        return width;
    out = (int)((int64_t)width * side / longer);
    return out > 0 ? out : 1;
}
