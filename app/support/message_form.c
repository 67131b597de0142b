/*
 * The forms of support; see message_form.h. Knows no tickets' rows.
 */
#include "app/support/message_form.h"

#include "app/view/view.h"
#include "common/language.h"

static const struct field shared[] = {MESSAGE_FIELDS};

void
message_read(const struct request *rq, struct ticket_words *out)
{
    const struct value *v = rq->values;

    *out = (struct ticket_words){.body = v[MESSAGE_WORDS].text,
                                 .key = v[MESSAGE_KEY].id.bytes,
                                 .key_size = sizeof v[MESSAGE_KEY].id.bytes,
                                 .mail_id = ""};
    for (int i = MESSAGE_PICTURE; i < MESSAGE_KEY; i++)
        if (v[i].present && v[i].len > 0)
            out->pictures[out->picture_count++] = (struct ticket_picture){v[i].text, v[i].len};
}

void
message_show(struct request *rq, struct view *v, bool sent)
{
    char key[ID_TEXT];
    struct id fresh;

    for (int i = MESSAGE_PICTURE; i < MESSAGE_KEY; i++) {
        struct view *item = view_item(v, "pictures");
        view_text(item, "name", shared[i].name);
        view_text(item, "label", T(shared[i].label));
        if (sent)
            view_text(item, "error", rq->values[i].error);
    }
    id_random(&fresh);
    id_format(sent && rq->values[MESSAGE_KEY].error == NULL ? &rq->values[MESSAGE_KEY].id : &fresh,
              key);
    view_text(v, "key", key);
    view_int(v, "words_max", TICKET_BODY_MAX);
    view_flag(v, "sent", sent);
    if (sent) {
        view_text(v, "words", rq->values[MESSAGE_WORDS].text);
        view_text(v, "words_error", rq->values[MESSAGE_WORDS].error);
    }
}
