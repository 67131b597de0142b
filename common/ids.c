/*
 * Public ids and their text form: 130 bits in 26 digits of 5 bits, the first of which carries only
 * 3.
 */
#include "common/ids.h"

#include <stddef.h>
#include <string.h>

#include "common/crypto.h"
#include "common/err.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
id_random(struct id *out)
{
    crypto_random(out->bytes, sizeof out->bytes);
}

/* Digit i holds bits 5i-2 … 5i+2 of the number, counted from its most significant bit. */
void
id_format(const struct id *id, char out[ID_TEXT])
{
    unsigned held = 0, bits = 2; /* 26 digits hold 130 bits: the first two are zero */

    for (size_t i = 0; i < sizeof id->bytes; i++) {
        held = held << 8 | id->bytes[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = alphabet[held >> (bits - 5) & 31];
    }
    *out = '\0';
}

int
id_parse(const char *s, struct id *out)
{
    *out = (struct id){0};
    if (s == NULL || strnlen(s, ID_TEXT) != ID_TEXT - 1 || s[0] > '7')
        goto invalid;
    for (int i = 0; i < ID_TEXT - 1; i++) {
        const char *at = strchr(alphabet, s[i]);
        if (at == NULL)
            goto invalid;
        for (int k = 0; k < 5; k++) {
            int bit = 5 * i - 2 + k;
            if (bit >= 0 && ((at - alphabet) >> (4 - k)) & 1)
                out->bytes[bit / 8] |= (uint8_t)(1u << (7 - bit % 8));
        }
    }
    return ST_OK;
invalid:
    *out = (struct id){0};
    return ST_INVALID;
}
