/*
 * Queueing letters, inside the caller's transaction. Knows no SMTP, so that the programs that only
 * queue load no client for it. Read next: mail_deliver.c.
 */
#include "common/mail.h"

#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/mail_message.h"
#include "common/mail_store.h"

#define KEY_MAX 120
#define BODY_MAX 65535

int
mail_prepare(struct db *db, struct err *e)
{
    return mail_store_prepare(db, e);
}

int
mail_queue(struct db *db, const char *key, int64_t account, const char *recipient,
           const char *subject, const char *body, struct err *e)
{
    static const struct mail_thread none = {"", ""};

    return mail_queue_thread(db, key, account, recipient, subject, body, &none, e);
}

int
mail_queue_thread(struct db *db, const char *key, int64_t account, const char *recipient,
                  const char *subject, const char *body, const struct mail_thread *thread,
                  struct err *e)
{
    int rc;

    if ((thread->reply_to[0] != '\0' && !mail_address_valid(thread->reply_to)) ||
        !mail_ids_valid(thread->answers))
        return err_set(e, ST_INVALID, "This letter cannot be answered.", NULL);
    if (!mail_address_valid(recipient))
        return err_set(e, ST_INVALID, "This is not an e-mail address.", NULL);
    if (!mail_header_valid(subject) || strlen(subject) > MAIL_SUBJECT_MAX)
        return err_set(e, ST_INVALID, "The subject of this letter cannot be sent.", NULL);
    if (key[0] == '\0' || strlen(key) > KEY_MAX || strlen(body) > BODY_MAX)
        return err_set(e, ST_INVALID, "This letter is too long.", "key of %zu, body of %zu bytes",
                       strlen(key), strlen(body));
    rc = mail_store_insert(db, key, account, recipient, subject, body, thread, clock_now(), e);
    if (rc == ST_CONFLICT) {
        err_clear(e);
        return ST_OK;
    }
    return rc;
}
