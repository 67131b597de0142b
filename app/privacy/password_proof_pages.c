/*
 * Password and code of a signed-in member; see password_proof_pages.h. The rules are app/account's.
 */
#include "app/privacy/password_proof_pages.h"

#include <stddef.h>

#include "app/account/profile.h"
#include "app/account/second.h"
#include "app/http/http.h"
#include "app/http/session.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/crypto.h"
#include "common/err.h"
#include "common/language.h"

enum { PASSWORD, CODE };
static const struct field fields[] = {
    [PASSWORD] = {"password", N_("Password"), FIELD_SECRET, 1, 1000, true, NULL},
    [CODE] = {"code", N_("Code"), FIELD_LINE, 0, 40, false, NULL},
};
const struct form password_proof_form = {fields, 2};

static int
check_code(struct request *rq, const char *code, struct err *e)
{
    struct second_state second;
    uint8_t key[SECOND_KEY];
    int rc = second_look(rq->db, rq->visitor.account, &second, e);

    if (rc != ST_OK || !second.on)
        return rc;
    session_derive(rq, "second step", key);
    rc = second_check(rq->db, key, rq->visitor.account, code != NULL ? code : "", e);
    crypto_wipe(key, sizeof key);
    return rc;
}

/* A refusal becomes words beside the field. */
static int
refused(struct request *rq, const struct err *why, const char **error, struct err *e)
{
    *error = arena_strdup(rq->arena, why->message);
    return *error != NULL ? ST_OK : err_set(e, ST_NOMEM, "Please try again later.", "proof");
}

int
password_proof_check(struct request *rq, struct password_proof *out, struct err *e)
{
    struct err why = {0};
    int rc;

    *out = (struct password_proof){rq->values[PASSWORD].error, rq->values[CODE].error};
    if (rq->errors > 0)
        return ST_OK;
    rc = profile_check(rq->db, rq->visitor.account, rq->values[PASSWORD].text, &why);
    if (rc == ST_DENIED)
        return refused(rq, &why, &out->password_error, e);
    if (rc == ST_OK && (rc = check_code(rq, rq->values[CODE].text, &why)) == ST_DENIED)
        return refused(rq, &why, &out->code_error, e);
    if (rc != ST_OK)
        *e = why;
    return rc;
}

int
password_proof_show(struct request *rq, const struct password_proof *p, struct view *v,
                    struct err *e)
{
    struct second_state second;
    int rc = second_look(rq->db, rq->visitor.account, &second, e);

    if (rc != ST_OK)
        return rc;
    view_flag(v, "second", second.on);
    view_text(v, "password_error", p != NULL ? p->password_error : NULL);
    view_text(v, "code_error", p != NULL ? p->code_error : NULL);
    return ST_OK;
}
