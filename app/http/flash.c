/*
 * Notices; see flash.h. To add one: a line in the table.
 */
#include "app/http/flash.h"

#include <string.h>

#include "app/http/app.h"
#include "app/http/cookie.h"
#include "app/http/http.h"
#include "common/err.h"
#include "common/language.h"

#define FLASH_COOKIE "gempix-notice"
#define FLASH_SECONDS 60

static const struct flash table[] = {
    {"welcome", "good", N_("Welcome! Your account is ready. Describe your first picture.")},
    {"confirmed", "good", N_("Thank you: your address is confirmed.")},
    {"letter_sent", "note", N_("The letter is on its way. Look among unwanted mail, too.")},
    {"password_changed", "good",
     N_("Your password is changed. Whoever was signed in elsewhere is signed out.")},
    {"refunded", "good", N_("The money is on its way back to you.")},
    {"refund_asked", "good", N_("Your refund is asked for. This page says when it went.")},
    {"refund_noted", "good",
     N_("The refund is noted. It is done when the payment service says that the money went.")},
    {"erasure_asked", "good",
     N_("Your account is closed. Until it is deleted you can sign in and keep it.")},
    {"erasure_cancelled", "good", N_("Your account is open again, and stays.")},
    {"copy_asked", "good",
     N_("Thank you. A letter comes to you as soon as your copy can be fetched.")},
    {"rights_asked", "good", N_("Thank you. We have your request. This page says how far it is.")},
    {"rights_mailed", "good",
     N_("Thank you. Please open the letter that is on its way, and confirm the request.")},
    {"renamed", "good", N_("Your name is changed.")},
    {"language_changed", "good", N_("Your language is changed.")},
    {"moved", "good", N_("Your new address is confirmed.")},
    {"second_off", "note", N_("Signing in takes no code any more.")},
    {"session_ended", "note", N_("That browser is signed out.")},
    {"sessions_ended", "note", N_("All other browsers are signed out.")},
    {"signed_out", "note", N_("You are signed out.")},
    {"kept", "good", N_("The picture is kept.")},
    {"unkept", "note",
     N_("The picture is no longer kept. It will be removed when its time is over.")},
    {"kept_all", "good", N_("The pictures are kept.")},
    {"unkept_all", "note",
     N_("The pictures are no longer kept. They will be removed when their time is over.")},
    {"restored", "good", N_("The pictures are back.")},
    {"published", "good", N_("The picture is published.")},
    {"unpublished", "note", N_("The picture is no longer published.")},
    {"unpublished_all", "note", N_("The pictures are no longer published.")},
    {"published_all", "good", N_("The pictures are published. Films and older ones stay private.")},
    {"plan_ends", "note",
     N_("Your monthly plan ends with the month that is paid. A letter about it is on its way.")},
    {"plan_stays", "good", N_("Your monthly plan goes on.")},
    {"plan_changes", "good", N_("Your monthly plan changes with its next month.")},
    {"reported", "good", N_("Thank you. We will look at this picture.")},
    {"restricted", "note", N_("The account is restricted. A letter about it is on its way.")},
    {"released", "good", N_("The restriction has ended. A letter about it is on its way.")},
    {"sessions_closed", "note", N_("The account is signed out everywhere.")},
    {"ticket_answered", "good", N_("The answer is on its way.")},
    {"ticket_closed", "note", N_("The question is closed.")},
    {"picture_hidden", "note", N_("The picture is taken down. A letter about it is on its way.")},
    {"reports_dismissed", "good", N_("The reports are dismissed.")},
    {"limited", "good", N_("From now on your data are only stored.")},
    {"unlimited", "good", N_("Your data may be used again as the privacy policy says.")},
    {"rights_answered", "good", N_("The answer is on its way.")},
    {"rights_extended", "good", N_("There is more time now. The letter about it is on its way.")},
    {"rights_refused", "note", N_("The request is refused. The letter about it is on its way.")},
    {"written", "good",
     N_("Your words are on their way. The answer comes to the questions; the flag stays until you "
        "decide.")},
    {"written_member", "good",
     N_("Your words are on their way. The answer comes to the questions.")},
    {"flag_closed", "good", N_("It is written down. Nothing happens to the account.")},
    {"asked", "good", N_("Thank you. A person reads it and answers here and by mail.")},
    {"asked_guest", "good",
     N_("Thank you. A person reads it. A letter with a link to your question is on its way.")},
    {"said", "good", N_("Thank you. We have it.")},
    {"ticket_closed", "good", N_("The question is closed. Write again whenever you like.")},
    {"none_selected", "note", N_("Select one or more pictures first.")},
};

static const struct flash *
find(const char *key)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].key, key) == 0)
            return &table[i];
    }
    return NULL;
}

const struct flash *
flash_find(const struct request *rq)
{
    const struct exchange *x = rq->internal;
    char name[COOKIE_NAME], key[32];

    cookie_name(FLASH_COOKIE, x->app->tls, name);
    return cookie_find(x->cookie, name, key, sizeof key) ? find(key) : NULL;
}

int
flash_shown(struct request *rq, struct response *rs, struct err *e)
{
    const struct exchange *x = rq->internal;

    return cookie_set(rs, x->app->tls, FLASH_COOKIE, "", 0, e);
}

int
response_flash(struct request *rq, struct response *rs, const char *key, struct err *e)
{
    const struct exchange *x = rq->internal;

    if (find(key) == NULL)
        return err_set(e, ST_INTERNAL, "Something went wrong on our side. Please try again later.",
                       "no notice is called %.40s", key);
    return cookie_set(rs, x->app->tls, FLASH_COOKIE, key, FLASH_SECONDS, e);
}
