/*
 * The chain of a deletion receipt: SHA-256 over the hash before and the line. Private to
 * erasure*.c; docs/policy/erasure.md has the form.
 */
#ifndef GEMPIX_COMMON_ERASURE_RECEIPT_H
#define GEMPIX_COMMON_ERASURE_RECEIPT_H

#include <stdint.h>

#include "common/crypto.h"
#include "common/ids.h"

struct db_rows;
struct erasure;
struct text;

#define RECEIPT_WORD "gempix-receipt-1" /* begins the first line */
#define RECEIPT_LINE 200                /* longest line */

struct receipt_chain {
    char hash[2 * CRYPTO_SHA256 + 1]; /* hexadecimal; "" before the first line */
};
/* Takes one line, without its end, into the chain. */
void receipt_add(struct receipt_chain *c, const char *line);

/* Writes the whole receipt from steps as erasure_store_steps yields them; `head` is its last hash.
 */
void receipt_write(struct text *out, const struct erasure *r, struct db_rows *steps, int64_t now,
                   uint8_t head[CRYPTO_SHA256]);

#endif
