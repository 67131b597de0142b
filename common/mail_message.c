/*
 * Letters as RFC 5322 text: headers as encoded words (RFC 2047) where they are not plain, the body
 * as quoted-printable (RFC 2045), so that seven bits and short lines suffice on every way. Knows no
 * database and no server. Read next: mail_send.c.
 */
#include "common/mail_message.h"

#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"

#define LINE 76 /* characters of a line of quoted-printable, its soft break included */
#define WORD 60 /* characters between the marks of an encoded word; 72 with them */
#define ADDRESS_MAX 254

bool
mail_address_valid(const char *address)
{
    const char *at = strchr(address, '@');
    size_t len = strlen(address);

    if (at == NULL || at == address || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        len > ADDRESS_MAX || address[0] == '-')
        return false;
    for (const char *p = address; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 127 ||
            strchr("<>()[],;:\\\"", *p) != NULL)
            return false;
    return true;
}

bool
mail_header_valid(const char *value)
{
    for (; *value != '\0'; value++)
        if ((unsigned char)*value < ' ' || *value == 127)
            return false;
    return true;
}

bool
mail_ids_valid(const char *ids)
{
    while (*ids != '\0') {
        if (*ids++ != '<')
            return false;
        while (*ids > ' ' && *ids < 127 && *ids != '<' && *ids != '>')
            ids++;
        if (*ids++ != '>')
            return false;
        if (*ids == ' ' && ids[1] == '<')
            ids++;
        else if (*ids != '\0')
            return false;
    }
    return true;
}

static bool
is_plain(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s >= 127 || strncmp(s, "=?", 2) == 0)
            return false;
    return true;
}

/* Bytes of the UTF-8 character at s; an encoded word must not end inside one. */
static size_t
character(const char *s)
{
    size_t n = 1;

    while (n < 4 && ((unsigned char)s[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static bool
is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "=?UTF-8?Q?…?=", as many as it takes; `used` characters of the first line are taken already. */
static void
put_words(struct text *t, const char *s, size_t used)
{
    text_puts(t, "=?UTF-8?Q?");
    while (*s != '\0') {
        size_t n = character(s), cost = is_letter_or_digit(*s) || *s == ' ' ? 1 : 3 * n;

        if (used + cost > WORD) {
            text_puts(t, "?=\r\n =?UTF-8?Q?");
            used = 0;
        }
        used += cost;
        for (; n > 0; n--, s++) {
            if (*s == ' ')
                text_putc(t, '_');
            else if (is_letter_or_digit(*s))
                text_putc(t, *s);
            else
                text_printf(t, "=%02X", (unsigned char)*s);
        }
    }
    text_puts(t, "?=");
}

/* Unstructured text: plain where it fits one line. */
static void
put_value(struct text *t, const char *s)
{
    if (is_plain(s) && strlen(s) <= LINE - 10)
        text_puts(t, s);
    else
        put_words(t, s, sizeof "Subject: ");
}

static void
put_from(struct text *t, const struct mail_message *m)
{
    text_puts(t, "From: ");
    if (m->from_name[0] != '\0' && is_plain(m->from_name) && strlen(m->from_name) < 40) {
        text_putc(t, '"');
        for (const char *p = m->from_name; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                text_putc(t, '\\');
            text_putc(t, *p);
        }
        text_puts(t, "\"\r\n ");
    } else if (m->from_name[0] != '\0') {
        put_words(t, m->from_name, sizeof "From: ");
        text_puts(t, "\r\n ");
    }
    text_printf(t, "<%s>\r\n", m->from);
}

/* Each id on a line of its own, so that no line grows long. */
static void
put_thread(struct text *t, const struct mail_message *m)
{
    const char *ids = m->answers != NULL ? m->answers : "", *last = strrchr(ids, '<');

    if (m->reply_to != NULL && m->reply_to[0] != '\0')
        text_printf(t, "Reply-To: <%s>\r\n", m->reply_to);
    if (last == NULL)
        return;
    text_printf(t, "In-Reply-To: %s\r\nReferences: ", last);
    for (; *ids != '\0'; ids++) {
        if (*ids == ' ')
            text_puts(t, "\r\n");
        text_putc(t, *ids);
    }
    text_puts(t, "\r\n");
}

static void
put_body(struct text *t, const char *s)
{
    size_t column = 0;

    for (; *s != '\0'; s++) {
        if (*s == '\n' || (*s == '\r' && s[1] == '\n')) {
            s += *s == '\r';
            text_puts(t, "\r\n");
            column = 0;
            continue;
        }
        bool at_end = s[1] == '\0' || s[1] == '\n' || s[1] == '\r';
        bool blank = *s == ' ' || *s == '\t';
        bool plain = blank ? !at_end : *s > ' ' && *s < 127 && *s != '=';

        if (*s == '.' && column == 0)
            plain = false; /* SMTP doubles such a dot; not every server undoes it */
        if (column + (plain ? 1 : 3) > LINE - 1) {
            text_puts(t, "=\r\n");
            column = 0;
            plain = plain && *s != '.';
        }
        if (plain)
            text_putc(t, *s);
        else
            text_printf(t, "=%02X", (unsigned char)*s);
        column += plain ? 1 : 3;
    }
    if (column > 0)
        text_puts(t, "\r\n");
}

static int
check(const struct mail_message *m, struct err *e)
{
    if (!mail_address_valid(m->to) || !mail_address_valid(m->from))
        return err_set(e, ST_INVALID, "This is not an e-mail address.", "letter %" PRId64,
                       m->number);
    if ((m->reply_to != NULL && m->reply_to[0] != '\0' && !mail_address_valid(m->reply_to)) ||
        (m->answers != NULL && !mail_ids_valid(m->answers)))
        return err_set(e, ST_INVALID, "This letter cannot be answered.", "letter %" PRId64,
                       m->number);
    if (!mail_header_valid(m->subject) || !mail_header_valid(m->from_name))
        return err_set(e, ST_INVALID, "A line of a letter's head has control characters.",
                       "letter %" PRId64, m->number);
    return ST_OK;
}

int
mail_message_write(const struct mail_message *m, struct text *out, struct err *e)
{
    char date[40];
    int rc = check(m, e);

    if (rc != ST_OK)
        return rc;
    clock_http(m->now, date, sizeof date);
    text_printf(out, "Date: %.*s +0000\r\n", (int)strlen(date) - 4, date);
    put_from(out, m);
    text_printf(out, "To: <%s>\r\nSubject: ", m->to);
    put_value(out, m->subject);
    text_printf(out, "\r\nMessage-ID: <%" PRId64 ".%" PRId64 ".gempix@%s>\r\n", m->created_at,
                m->number, strchr(m->from, '@') + 1);
    put_thread(out, m);
    text_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    put_body(out, m->body);
    return out->failed
               ? err_set(e, ST_NOMEM, "Please try again later.", "letter %" PRId64, m->number)
               : ST_OK;
}
