/*
 * What the two forms of support share: the words and the pictures. Nothing typed is lost: a form
 * that is refused comes back with its words and says why. Read next: support_pages.c,
 * ticket_pages.c.
 */
#ifndef GEMPIX_APP_SUPPORT_MESSAGE_FORM_H
#define GEMPIX_APP_SUPPORT_MESSAGE_FORM_H

#include "app/http/http.h"
#include "common/language.h"
#include "common/ticket.h"

struct err;
struct view;

/* Both forms begin with these fields. */
enum message_field { MESSAGE_WORDS, MESSAGE_PICTURE, MESSAGE_KEY = 4, MESSAGE_OWN };
#define MESSAGE_FIELDS                                                                             \
    [MESSAGE_WORDS] = {"words", N_("Your words"), FIELD_TEXT, 1, TICKET_BODY_MAX, true, NULL},     \
    [MESSAGE_PICTURE] = {"picture1", N_("First picture"), FIELD_FILE, 0, TICKET_FILE_MAX, false,   \
                         NULL},                                                                    \
    [MESSAGE_PICTURE +                                                                             \
        1] = {"picture2", N_("Second picture"), FIELD_FILE, 0, TICKET_FILE_MAX, false, NULL},      \
    [MESSAGE_PICTURE +                                                                             \
        2] = {"picture3", N_("Third picture"), FIELD_FILE, 0, TICKET_FILE_MAX, false, NULL},       \
    [MESSAGE_KEY] = {"key", N_("Form"), FIELD_ID, 0, 0, true, NULL}
#define MESSAGE_BODY_MAX (TICKET_FILES_MAX * TICKET_FILE_MAX + ((size_t)256 << 10))

/* The words and pictures of a form without errors. Borrowed from the request. */
void message_read(const struct request *rq, struct ticket_words *out);
/* The names that the fields' templates use; `sent` = what was typed is shown again. */
void message_show(struct request *rq, struct view *v, bool sent);

#endif
