/*
 * Copies, one after the other: claimed with a lease, written under a temporary name, renamed, and
 * only then ready, with its letter in the same transaction. Knows no SQL. Read next:
 * common/copy_files.h, common/export_file.h.
 */
#include "app/steward/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/steward/copies_store.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/copy.h"
#include "common/copy_files.h"
#include "common/db.h"
#include "common/err.h"
#include "common/export_file.h"
#include "common/language.h"
#include "common/log.h"
#include "common/mail.h"
#include "common/text.h"

#define LEASE (30 * CLOCK_MINUTE) /* longer than the service may run */
#define PAUSE (5 * CLOCK_MINUTE)  /* after a failure */
#define FILE_MODE 0640            /* the web server reads it as one of the group */
#define LETTER_MAX 4096
#define SWEEP 100

struct copies {
    struct db *db;
    const struct conf *conf;
    const struct register_file *data;
    char folder[COPY_PATH];
    struct data_copy c;
    char token[COPY_TOKEN];
};

static int
queue_letter(struct copies *x, struct err *e)
{
    struct copy_person to;
    char key[64], file[ID_TEXT], subject[200], date[DATE_TEXT];
    struct text body;
    int before, rc = copies_store_person(x->db, x->c.account, &to, e);

    if (rc != ST_OK)
        return rc;
    id_format(&x->c.file, file);
    snprintf(key, sizeof key, "link:copy:%s", file);
    text_init(&body, LETTER_MAX);
    before = language_for_reader(to.language);
    language_date(x->c.ends_at, date);
    snprintf(subject, sizeof subject, T("The copy of your data at %.120s is ready"),
             x->conf->site.name);
    text_printf(&body,
                T("Hello,\n\nthe copy of your data at %s is ready:\n"
                  "%s/account/copy/fetch?token=%s\n\n"
                  "The link works once, until %s, and only for who is signed in to your "
                  "account.\n\n"
                  "If you did not ask for it, choose a new password at once:\n%s/forgotten\n"),
                x->conf->site.name, x->conf->site.url, x->token, date, x->conf->site.url);
    language_use(before);
    rc = body.failed ? err_set(e, ST_NOMEM, "Please try again later.", "letter about a copy")
                     : mail_queue(x->db, key, x->c.account, to.email, subject, text_cstr(&body), e);
    text_release(&body);
    return rc;
}

static int
ready_body(struct db *db, void *arg, struct err *e)
{
    struct copies *x = arg;
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    crypto_sha256(x->token, strlen(x->token), hash);
    rc = copies_store_ready(db, &x->c, hash, clock_now(), e);
    return rc == ST_OK ? queue_letter(x, e) : rc;
}

/* The archive under its temporary name, on the disk. */
static int
write_part(struct copies *x, const char *part, struct err *e)
{
    struct stat st;
    int64_t rows;
    int rc, out = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

    if (out < 0)
        return err_setf(e, ST_IO, "%.200s: %s", part, strerror(errno));
    rc = export_file_write(x->db, x->conf, x->data, x->c.account, out, &rows, e);
    if (rc == ST_OK && (fsync(out) != 0 || fstat(out, &st) != 0))
        rc = err_setf(e, ST_IO, "%.200s: %s", part, strerror(errno));
    if (close(out) != 0 && rc == ST_OK)
        rc = err_setf(e, ST_IO, "%.200s: %s", part, strerror(errno));
    if (rc == ST_OK)
        x->c.bytes = (int64_t)st.st_size;
    return rc;
}

/* A file that no row will name is removed here, or else by the sweep. */
static int
write_one(struct copies *x, struct err *e)
{
    char part[COPY_PATH + COPY_NAME], whole[COPY_PATH + COPY_NAME], name[COPY_NAME];
    char file[ID_TEXT];
    uint8_t random[CRYPTO_SHA256];
    int rc;

    id_format(&x->c.file, file);
    copy_files_name(&x->c.file, name);
    snprintf(part, sizeof part, "%s/%s.part", x->folder, file);
    snprintf(whole, sizeof whole, "%s/%s", x->folder, name);
    crypto_random(random, sizeof random);
    crypto_base64url(random, sizeof random, x->token, sizeof x->token);
    if ((rc = write_part(x, part, e)) == ST_OK && rename(part, whole) != 0)
        rc = err_setf(e, ST_IO, "%.200s: %s", whole, strerror(errno));
    if (rc == ST_OK) {
        x->c.ends_at = clock_now() + COPY_LIVES;
        rc = db_transaction(x->db, ready_body, x, e);
    }
    if (rc != ST_OK) {
        unlink(part);
        unlink(whole);
    }
    crypto_wipe(x->token, sizeof x->token);
    crypto_wipe(random, sizeof random);
    return rc;
}

/* ST_LOST is nobody's fault: somebody else has it, or there is no such account any more. */
static int
attempt(struct copies *x, struct copies_done *done, struct err *e)
{
    struct err why = {0};
    int64_t seen = x->c.due_at;
    char context[40];
    int rc;

    snprintf(context, sizeof context, "copy %" PRId64, x->c.id);
    if (x->c.attempts >= COPY_ATTEMPTS) { /* killed each time */
        log_write(LOG_LEVEL_ERROR, "%s: given up, its writer was lost each time", context);
        done->failed++;
        return copies_store_give_up(x->db, &x->c, e);
    }
    id_random(&x->c.file);
    x->c.due_at = clock_now() + LEASE;
    if ((rc = copies_store_claim(x->db, &x->c, seen, e)) != ST_OK)
        return rc;
    if ((rc = write_one(x, &why)) == ST_OK) {
        done->written++;
        return ST_OK;
    }
    if (rc == ST_LOST) {
        *e = why;
        return rc;
    }
    log_err(LOG_LEVEL_ERROR, context, &why);
    done->failed++;
    return copies_store_failed(x->db, &x->c, clock_now() + PAUSE, e);
}

int
copies_run(struct db *db, const struct conf *conf, const struct register_file *r,
           bool (*stopping)(void), struct copies_done *done, struct err *e)
{
    struct copies x = {.db = db, .conf = conf, .data = r};
    int rc;

    *done = (struct copies_done){0};
    if ((rc = copies_store_prepare(db, e)) != ST_OK || (rc = mail_prepare(db, e)) != ST_OK ||
        (rc = copy_files_prepare(db, e)) != ST_OK ||
        (rc = copy_files_folder(conf, x.folder, e)) != ST_OK)
        return rc;
    while (!stopping()) {
        if ((rc = copies_store_due(db, clock_now(), &x.c, e)) != ST_OK || x.c.id == 0)
            break;
        if ((rc = attempt(&x, done, e)) == ST_LOST) {
            err_clear(e);
            rc = ST_OK;
        }
        if (rc != ST_OK)
            break;
    }
    return rc == ST_OK ? copy_files_sweep(db, conf, SWEEP, &done->removed, e) : rc;
}
