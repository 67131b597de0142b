/*
 * A text as a QR picture in SVG, by libqrencode. qrencode.h appears in qr_picture.c alone.
 */
#ifndef GEMPIX_APP_ACCOUNT_QR_PICTURE_H
#define GEMPIX_APP_ACCOUNT_QR_PICTURE_H

struct err;
struct text;

/* Appends the picture to `out`. 0, ST_NOMEM or ST_TOOBIG. */
int qr_picture(const char *words, struct text *out, struct err *e);

#endif
