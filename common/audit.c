/*
 * The audit log's chain; see audit.h. A row's hash covers the row before, its number, its time and
 * the hash of its words; that one is salted, so that nothing can be guessed from it once retention
 * has emptied the row. Read next: audit_store.c.
 */
#include "common/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/audit_store.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"

#define WALK_ROWS 1000
#define MARK "gempix-audit-1" /* another way of hashing gets another mark */

static const struct audit_word words[AUDIT_ACTIONS] = {
    [AUDIT_STAFF_ADD] = {"staff.add", "account", N_("gave a role")},
    [AUDIT_STAFF_REMOVE] = {"staff.remove", "account", N_("took a role away")},
    [AUDIT_ACCOUNT_SEARCH] = {"account.search", "account", N_("searched for an address")},
    [AUDIT_ACCOUNT_LOOK] = {"account.look", "account", N_("looked at an account")},
    [AUDIT_ACCOUNT_RESTRICT] = {"account.restrict", "account", N_("restricted an account")},
    [AUDIT_ACCOUNT_RELEASE] = {"account.release", "account", N_("ended a restriction")},
    [AUDIT_ACCOUNT_SESSIONS] = {"account.sessions", "account", N_("signed an account out")},
    [AUDIT_ACCOUNT_CREATE] = {"account.create", "account", N_("made an account")},
    [AUDIT_ACCOUNT_CREDITS] = {"account.credits", "account", N_("gave credits")},
    [AUDIT_ACCOUNT_EXPORT] = {"account.export", "account", N_("made a copy of an account's data")},
    [AUDIT_ACCOUNT_ERASE] = {"account.erase", "account", N_("had an account erased")},
    [AUDIT_ACCOUNT_WRITE] = {"account.write", "account", N_("wrote to a member")},
    [AUDIT_ERASURE_LIST] = {"erasure.list", "account", N_("looked at the list of deletions")},
    [AUDIT_FLAG_LIST] = {"flag.list", "account", N_("looked at the list of flags")},
    [AUDIT_FLAG_DECIDE] = {"flag.decide", "account", N_("decided about a flag")},
    [AUDIT_JOB_LOOK] = {"job.look", "job", N_("looked at a job")},
    [AUDIT_JOB_PROMPT] = {"job.prompt", "job", N_("read a prompt")},
    [AUDIT_JOB_PICTURE] = {"job.picture", "job", N_("looked at a picture")},
    [AUDIT_JOB_REQUEUE] = {"job.requeue", "job", N_("queued a job again")},
    [AUDIT_REPORT_LOOK] = {"report.look", "publication", N_("looked at a reported picture")},
    [AUDIT_REPORT_HIDE] = {"report.hide", "publication", N_("took a picture down")},
    [AUDIT_REPORT_DISMISS] = {"report.dismiss", "publication", N_("dismissed reports")},
    [AUDIT_PURCHASE_LOOK] = {"purchase.look", "purchase", N_("looked at a purchase")},
    [AUDIT_PURCHASE_REFUND] = {"purchase.refund", "purchase", N_("asked to give money back")},
    [AUDIT_PURCHASE_REPLAY] = {"purchase.replay", "message",
                               N_("acted on a payment message again")},
    [AUDIT_TICKET_LIST] = {"ticket.list", "ticket", N_("looked at the list of questions")},
    [AUDIT_TICKET_LOOK] = {"ticket.look", "ticket", N_("read a question")},
    [AUDIT_TICKET_FILE] = {"ticket.file", "ticket", N_("fetched an attachment")},
    [AUDIT_TICKET_ANSWER] = {"ticket.answer", "ticket", N_("answered a question")},
    [AUDIT_TICKET_CLOSE] = {"ticket.close", "ticket", N_("closed a question")},
    [AUDIT_RIGHTS_LIST] = {"rights.list", "rights", N_("looked at the list of requests")},
    [AUDIT_RIGHTS_LOOK] = {"rights.look", "rights", N_("read a request")},
    [AUDIT_RIGHTS_ANSWER] = {"rights.answer", "rights", N_("answered a request")},
    [AUDIT_RIGHTS_EXTEND] = {"rights.extend", "rights", N_("took more time for a request")},
    [AUDIT_RIGHTS_REFUSE] = {"rights.refuse", "rights", N_("refused a request")},
    [AUDIT_LOG_LOOK] = {"audit.look", "audit", N_("read the audit log")},
    [AUDIT_RECORD_LOOK] = {"record.look", "record", N_("read the record of processing")},
};

const struct audit_word *
audit_word(enum audit_action action)
{
    return &words[action];
}

int
audit_find(const char *word)
{
    for (int i = 0; i < AUDIT_ACTIONS; i++) {
        if (strcmp(words[i].word, word) == 0)
            return i;
    }
    return -1;
}

int
audit_prepare(struct db *db, struct err *e)
{
    return audit_store_prepare(db, e);
}

/* --- hashes: every part with its length before it, so that no two rows read the same --- */

static void
put_bytes(struct crypto_sha256_state *s, const void *data, size_t len)
{
    char size[24];

    snprintf(size, sizeof size, "%zu:", len);
    crypto_sha256_update(s, size, strlen(size));
    crypto_sha256_update(s, data, len);
    crypto_sha256_update(s, ",", 1);
}

static void
put_number(struct crypto_sha256_state *s, int64_t n)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRId64, n);
    put_bytes(s, digits, strlen(digits));
}

static void
hash_content(const struct audit_stored *r, uint8_t out[CRYPTO_SHA256])
{
    const char *const parts[] = {r->action, r->kind, r->subject, r->reason};
    struct crypto_sha256_state s;

    crypto_sha256_init(&s);
    put_bytes(&s, r->salt, sizeof r->salt);
    put_number(&s, r->staff);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        put_bytes(&s, parts[i], strlen(parts[i]));
    crypto_sha256_final(&s, out);
}

static void
hash_row(const struct audit_stored *r, uint8_t out[CRYPTO_SHA256])
{
    struct crypto_sha256_state s;

    crypto_sha256_init(&s);
    put_bytes(&s, MARK, strlen(MARK));
    put_bytes(&s, r->previous, sizeof r->previous);
    put_number(&s, r->id);
    put_number(&s, r->at);
    put_bytes(&s, r->content, sizeof r->content);
    crypto_sha256_final(&s, out);
}

/* --- writing --- */

/* Whole characters only. */
static void
cut(const char *from, size_t characters, char *out, size_t size)
{
    size_t i = 0;

    for (; from[i] != '\0' && i + 1 < size; i++) {
        if (((unsigned char)from[i] & 0xC0) != 0x80 && characters-- == 0)
            break;
        out[i] = from[i];
    }
    out[i] = '\0';
}

static int
write_body(struct db *db, void *arg, struct err *e)
{
    const struct audit_entry *entry = arg;
    struct audit_stored r = {.staff = entry->staff, .at = clock_now()};
    char reason[AUDIT_REASON_CHARS * 4 + 1];
    struct audit_head head;
    int rc = audit_store_lock(db, &head, e);

    if (rc != ST_OK)
        return rc;
    cut(entry->reason != NULL ? entry->reason : "", AUDIT_REASON_CHARS, reason, sizeof reason);
    r.id = head.last + 1;
    if (r.at < head.at)
        r.at = head.at;
    memcpy(r.previous, head.hash, sizeof r.previous);
    crypto_random(r.salt, sizeof r.salt);
    r.action = words[entry->action].word;
    r.kind = words[entry->action].kind;
    r.subject = entry->subject != NULL ? entry->subject : "";
    r.reason = reason;
    hash_content(&r, r.content);
    hash_row(&r, r.hash);
    return audit_store_add(db, &r, e);
}

int
audit_write(struct db *db, const struct audit_entry *entry, struct err *e)
{
    struct audit_entry copy = *entry;

    return db_transaction(db, write_body, &copy, e);
}

int
audit_list(struct db *db, const struct audit_filter *filter, struct audit_row *out, size_t max,
           size_t *count, struct err *e)
{
    return audit_store_list(db, filter, out, max, count, e);
}

/* --- walking --- */

struct walk {
    int64_t now, last, at;
    uint8_t hash[CRYPTO_SHA256];
    int64_t witness;
    const char *witness_hash;
    struct audit_report *report;
};

/* NULL where the row is as it was written. */
static const char *
fault(const struct walk *w, const struct audit_stored *r)
{
    bool old = r->at <= w->now - AUDIT_KEPT, first = w->last == 0;
    uint8_t hash[CRYPTO_SHA256];
    char hex[2 * CRYPTO_SHA256 + 1];

    if (r->id != w->last + 1 && !(first && old))
        return "it is missing";
    if (r->at < w->at)
        return "its time lies before that of the row before";
    if (!(first && r->id != 1) && memcmp(r->previous, w->hash, sizeof r->previous) != 0)
        return "it does not follow the row before";
    if (r->emptied && !old)
        return "it was emptied before its time";
    hash_content(r, hash);
    if (!r->emptied && memcmp(hash, r->content, sizeof hash) != 0)
        return "its words were changed";
    hash_row(r, hash);
    if (memcmp(hash, r->hash, sizeof hash) != 0)
        return "its number, time or hash was changed";
    crypto_hex(r->hash, sizeof r->hash, hex);
    if (r->id == w->witness && strcmp(hex, w->witness_hash) != 0)
        return "its hash is not the one that was noted";
    return NULL;
}

static void
break_at(struct audit_report *out, int64_t id, const char *why)
{
    out->broken = id;
    snprintf(out->why, sizeof out->why, "%s", why);
}

/* One piece; *more is false at the end, or where the chain is broken. */
static int
walk_piece(struct db *db, struct walk *w, int64_t until, bool *more, struct err *e)
{
    struct db_rows *rows = NULL;
    struct audit_stored r;
    int rc = audit_store_walk(db, w->last, until, WALK_ROWS, &rows, e);

    *more = rc == ST_OK && db_count(rows) == WALK_ROWS;
    while (rc == ST_OK && w->report->broken == 0 && db_next(rows)) {
        const char *why;

        audit_store_read(rows, &r);
        if ((why = fault(w, &r)) != NULL) {
            break_at(w->report, r.id > w->last + 1 ? w->last + 1 : r.id, why);
            *more = false;
            break;
        }
        w->last = r.id;
        w->at = r.at;
        memcpy(w->hash, r.hash, sizeof w->hash);
        w->report->rows++;
        w->report->emptied += r.emptied;
    }
    db_rows_free(rows);
    return rc;
}

int
audit_verify(struct db *db, int64_t witness, const char *hash, struct audit_report *out,
             struct err *e)
{
    struct walk w = {.now = clock_now(), .witness = witness, .witness_hash = hash, .report = out};
    struct audit_head head;
    bool more = true;
    int rc;

    *out = (struct audit_report){0};
    if ((rc = audit_store_head(db, &head, e)) != ST_OK)
        return rc;
    while (more) {
        if ((rc = walk_piece(db, &w, head.last, &more, e)) != ST_OK)
            return rc;
    }
    out->last = w.last;
    crypto_hex(w.hash, sizeof w.hash, out->last_hash);
    if (out->broken == 0 && w.last != head.last)
        break_at(out, w.last + 1, "it is missing at the end");
    if (out->broken == 0 && memcmp(w.hash, head.hash, sizeof w.hash) != 0)
        break_at(out, w.last, "it is not the row that was written last");
    if (out->broken == 0 && witness > w.last)
        break_at(out, w.last + 1, "it is missing at the end");
    return ST_OK;
}
