/*
 * Handing messages to an SMTP server. Private to mail_deliver.c.
 */
#ifndef GEMPIX_COMMON_MAIL_SEND_H
#define GEMPIX_COMMON_MAIL_SEND_H

#include <stddef.h>

struct conf;
struct err;
struct mail_link;

/* A client for the configured server; connects with the first message and keeps the connection. 0,
   ST_INVALID (a user in the URL), ST_IO (no password file) or ST_NOMEM. mail_link_free(*out). */
int mail_link_new(const struct conf *conf, struct mail_link **out, struct err *e);
void mail_link_free(struct mail_link *l); /* NULL is legal */
/* Sends one whole message to one address. 0; ST_DENIED when the server refuses this letter; ST_IO
 * when it cannot be talked to, so that no other letter is worth trying now. The detail has the
 * server's answer. At most a minute. */
int mail_link_send(struct mail_link *l, const char *recipient, const char *message, size_t size,
                   struct err *e);

#endif
