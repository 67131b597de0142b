/*
 * QR pictures; see qr_picture.h. Dark squares on white with the quiet zone of four squares that
 * cameras need, whatever the theme of the page around it.
 */
#include "app/account/qr_picture.h"

#include <errno.h>
#include <qrencode.h>

#include "common/err.h"
#include "common/text.h"

#define QUIET 4

int
qr_picture(const char *words, struct text *out, struct err *e)
{
    QRcode *qr = QRcode_encodeString8bit(words, 0, QR_ECLEVEL_M);
    int side;

    if (qr == NULL)
        return errno == ERANGE ? err_set(e, ST_TOOBIG, "This is too long for a picture.", NULL)
                               : err_set(e, ST_NOMEM, "Please try again later.", "qr picture");
    side = qr->width + 2 * QUIET;
    text_printf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                " height=\"%d\" shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\""
                " fill=\"#fff\"/><path fill=\"#000\" d=\"",
                side, side, side * 6, side * 6, side, side);
    for (int y = 0; y < qr->width; y++) {
        for (int x = 0; x < qr->width; x++) {
            if ((qr->data[y * qr->width + x] & 1) != 0)
                text_printf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    text_puts(out, "\"/></svg>");
    QRcode_free(qr);
    return out->failed ? err_set(e, ST_NOMEM, "Please try again later.", "qr picture") : ST_OK;
}
