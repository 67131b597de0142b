/*
 * The smaller copies of a picture that pages show: which there are, and how wide they come out, so
 * that a browser can choose and nothing jumps. The render daemon makes them (render_image.c).
 */
#ifndef GEMPIX_APP_LIBRARY_COPIES_H
#define GEMPIX_APP_LIBRARY_COPIES_H

#define COPY_THUMB 256 /* longest side of a thumb */
#define COPY_VIEW 768  /* ... of a view */

/* The width of a copy of a picture of width × height that fits into side × side; never larger. */
int copy_width(int width, int height, int side);

#endif
