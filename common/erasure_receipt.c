/*
 * Writing and verifying deletion receipts. Each line is followed by a line with its hash; whoever
 * has a tool for SHA-256 can walk the chain. Knows nobody: a receipt names kinds and numbers.
 */
#include "common/erasure_receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "common/erasure_store.h"
#include "common/err.h"
#include "common/text.h"

void
receipt_add(struct receipt_chain *c, const char *line)
{
    struct crypto_sha256_state state;
    uint8_t hash[CRYPTO_SHA256];

    crypto_sha256_init(&state);
    crypto_sha256_update(&state, c->hash, strlen(c->hash));
    crypto_sha256_update(&state, "\n", 1);
    crypto_sha256_update(&state, line, strlen(line));
    crypto_sha256_update(&state, "\n", 1);
    crypto_sha256_final(&state, hash);
    crypto_hex(hash, sizeof hash, c->hash);
}

static void
put_line(struct text *out, struct receipt_chain *c, const char *line)
{
    receipt_add(c, line);
    text_printf(out, "%s\n  %s\n", line, c->hash);
}

void
receipt_write(struct text *out, const struct erasure *r, struct db_rows *steps, int64_t now,
              uint8_t head[CRYPTO_SHA256])
{
    struct receipt_chain chain = {""};
    char line[RECEIPT_LINE], code[ID_TEXT], at[32];

    id_format(&r->code, code);
    clock_iso(r->asked_at, at, sizeof at);
    snprintf(line, sizeof line, RECEIPT_WORD " %s asked %s", code, at);
    put_line(out, &chain, line);
    while (db_next(steps)) {
        clock_iso(db_get_int(steps, 4), at, sizeof at);
        snprintf(line, sizeof line, "%s %s entries=%" PRId64 " files=%" PRId64 " %s",
                 db_get_text(steps, 0, NULL), db_get_text(steps, 1, NULL), db_get_int(steps, 2),
                 db_get_int(steps, 3), at);
        put_line(out, &chain, line);
    }
    clock_iso(now, at, sizeof at);
    snprintf(line, sizeof line, "done %s", at);
    put_line(out, &chain, line);
    for (size_t i = 0; i < CRYPTO_SHA256; i++) {
        unsigned byte = 0;

        sscanf(chain.hash + 2 * i, "%2x", &byte);
        head[i] = (uint8_t)byte;
    }
}

/* --- verifying --- */

struct walk {
    struct receipt_chain chain;
    char pending[RECEIPT_LINE]; /* a line whose hash has not come yet */
    struct id code;
    bool coded, ended;
    int lines, wrong;
};

static bool
is_hash(const char *s)
{
    return strlen(s) == 2 * CRYPTO_SHA256 && strspn(s, "0123456789abcdef") == strlen(s);
}

static void
take_code(struct walk *w, const char *line)
{
    char word[ID_TEXT];
    size_t len;

    if (strncmp(line, RECEIPT_WORD " ", sizeof RECEIPT_WORD) == 0)
        line += sizeof RECEIPT_WORD;
    len = strcspn(line, " ");
    if (len != ID_TEXT - 1)
        return;
    memcpy(word, line, len);
    word[len] = '\0';
    if (id_parse(word, &w->code) == ST_OK)
        w->coded = true;
}

/* What stands before the first line of the chain and after its last is the letter's, not ours. */
static void
take_line(struct walk *w, const char *line)
{
    if (line[0] == '\0' || w->ended)
        return;
    if (!w->coded) {
        take_code(w, line);
        snprintf(w->pending, sizeof w->pending, "%s", w->coded ? line : "");
        return;
    }
    if (!is_hash(line)) {
        if (w->pending[0] != '\0' && w->wrong == 0 && w->lines > 0)
            w->wrong = w->lines + 1;
        snprintf(w->pending, sizeof w->pending, "%s", line);
        return;
    }
    receipt_add(&w->chain, w->pending);
    w->lines++;
    if (w->wrong == 0 && strcmp(w->chain.hash, line) != 0)
        w->wrong = w->lines;
    w->ended = strncmp(w->pending, "done ", 5) == 0;
    w->pending[0] = '\0';
}

static void
walk_all(struct walk *w, const char *receipt)
{
    char line[RECEIPT_LINE];

    while (*receipt != '\0') {
        size_t len = strcspn(receipt, "\r\n"), skip = strspn(receipt, " \t>");
        const char *from = receipt + (skip < len ? skip : len);
        size_t size = (size_t)(receipt + len - from);

        receipt += len;
        receipt += strspn(receipt, "\r\n");
        while (size > 0 && (from[size - 1] == ' ' || from[size - 1] == '\t'))
            size--;
        if (size >= sizeof line)
            size = sizeof line - 1;
        memcpy(line, from, size);
        line[size] = '\0';
        take_line(w, line);
    }
}

int
erasure_verify(struct db *db, const char *receipt, struct receipt_check *out, struct err *e)
{
    struct walk w = {.lines = 0};
    uint8_t head[CRYPTO_SHA256];
    char hash[2 * CRYPTO_SHA256 + 1];
    int rc;

    *out = (struct receipt_check){.state = RECEIPT_NONE};
    walk_all(&w, receipt);
    if (!w.coded)
        return ST_OK;
    rc = erasure_store_receipt(db, &w.code, &out->done_at, head, e);
    if (rc == ST_NOTFOUND || (rc == ST_OK && out->done_at == 0)) {
        err_clear(e);
        *out = (struct receipt_check){.state = RECEIPT_UNKNOWN};
        return ST_OK;
    }
    if (rc != ST_OK)
        return rc;
    crypto_hex(head, sizeof head, hash);
    out->lines = w.lines;
    out->wrong = w.wrong;
    if (w.lines == 0)
        out->state = RECEIPT_CODE;
    else
        out->state =
            w.wrong == 0 && strcmp(hash, w.chain.hash) == 0 ? RECEIPT_TRUE : RECEIPT_BROKEN;
    return ST_OK;
}
