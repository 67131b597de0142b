/*
 * A letter as RFC 5322 text. Knows no database and no server.
 */
#ifndef GEMPIX_COMMON_MAIL_MESSAGE_H
#define GEMPIX_COMMON_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct text;

#define MAIL_SUBJECT_MAX 200 /* characters, as the outbox holds them */

/* True for one plain address: something, one @, a domain; nothing that could end a header or an
 * SMTP command. */
bool mail_address_valid(const char *address);
/* True for UTF-8 without control characters. */
bool mail_header_valid(const char *value);
/* True for "" and for ids in angle brackets with single blanks between them. */
bool mail_ids_valid(const char *ids);

struct mail_message {
    const char *from_name; /* UTF-8; "" = none */
    const char *from, *to; /* addresses */
    const char *subject;   /* UTF-8 */
    const char *body;      /* UTF-8, lines end in \n or \r\n */
    const char *reply_to;  /* address; NULL or "" = the sender */
    const char *answers;   /* ids in angle brackets, the last is answered; NULL or "" = none */
    int64_t number; /* of the letter: the same letter keeps its Message-ID when it is sent again */
    int64_t created_at; /* microseconds UTC */
    int64_t now;
};

/* Appends the whole message: headers, an empty line, the body as quoted-printable; every line ends
   in CRLF and has at most 76 characters of content. No line begins with a dot. 0, ST_INVALID (CR,
   LF or another control character in a header, no address) or ST_NOMEM. */
int mail_message_write(const struct mail_message *m, struct text *out, struct err *e);

#endif
