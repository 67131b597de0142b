/*
 * Letters by GMime; see letter.h. What the parser hands out is bounded here: the number of parts
 * that are looked at, the length of the text, the pictures that are kept.
 */
#include "app/inbound/letter.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/inbound/html_text.h"
#include "common/err.h"

#define PARTS_MAX 200
#define NAME_MAX_BYTES 100
#define DROPPED_MAX 2000
#define RECIPIENTS_MAX 20000

struct reading {
    struct letter *out;
    bool (*keeps)(const void *data, size_t size);
    bool plain, html; /* which kind of text the body is from */
    size_t body_max;
    int parts;
};

/* --- who, to whom, and is it a program --- */

static const char *
header(GMimeMessage *m, const char *name)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(m), name);

    return value != NULL ? value : "";
}

static void
read_from(GMimeMessage *m, struct letter *out)
{
    InternetAddressList *list = g_mime_message_get_from(m);
    InternetAddress *first = list != NULL && internet_address_list_length(list) > 0
                                 ? internet_address_list_get_address(list, 0)
                                 : NULL;
    const char *address = first != NULL && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;

    if (address != NULL && strlen(address) < sizeof out->from)
        snprintf(out->from, sizeof out->from, "%s", address);
}

static void
read_recipients(GMimeMessage *m, struct letter *out)
{
    static const char *const names[] = {"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        text_printf(&out->recipients, "%.4000s ", header(m, names[i]));
}

/* RFC 3834, and what mailing lists, bounces and absence notes carry in practice. */
static bool
is_automatic(GMimeMessage *m, const char *from)
{
    static const char *const marks[] = {
        "List-Id",       "List-Unsubscribe",         "X-Autoreply",
        "X-Autorespond", "X-Auto-Response-Suppress", "X-Failed-Recipients"};
    static const char *const words[] = {"bulk", "junk", "list", "auto_reply"};
    static const char *const senders[] = {"mailer-daemon@", "postmaster@", "no-reply@", "noreply@"};
    const char *submitted = header(m, "Auto-Submitted"), *path = header(m, "Return-Path");
    GMimeObject *part = g_mime_message_get_mime_part(m);
    GMimeContentType *type = part != NULL ? g_mime_object_get_content_type(part) : NULL;

    if ((submitted[0] != '\0' && strcasecmp(submitted, "no") != 0) ||
        strncmp(path + strspn(path, " \t"), "<>", 2) == 0 || from[0] == '\0' ||
        (type != NULL && g_mime_content_type_is_type(type, "multipart", "report")))
        return true;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (header(m, marks[i])[0] != '\0')
            return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(header(m, "Precedence"), words[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++)
        if (strncasecmp(from, senders[i], strlen(senders[i])) == 0)
            return true;
    return false;
}

static void
read_id(GMimeMessage *m, struct letter *out)
{
    const char *id = g_mime_message_get_message_id(m);

    if (id == NULL || id[0] == '\0' || strlen(id) + 3 > sizeof out->message_id)
        return;
    for (const char *p = id; *p != '\0'; p++)
        if (*p <= ' ' || (unsigned char)*p >= 127 || *p == '<' || *p == '>')
            return;
    snprintf(out->message_id, sizeof out->message_id, "<%s>", id);
}

/* One line, no control characters, cut at a whole character. */
static void
put_line(char *out, size_t size, const char *from)
{
    size_t n = strlen(from);

    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)from[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(out, from, n);
    out[n] = '\0';
    for (char *p = out; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
}

static void
read_subject(GMimeMessage *m, struct letter *out)
{
    const char *subject = g_mime_message_get_subject(m);
    char *valid = g_utf8_make_valid(subject != NULL ? subject : "", -1);

    put_line(out->subject, sizeof out->subject, valid);
    g_free(valid);
}

/* --- parts --- */

/* The bytes of a part, decoded; g_byte_array_unref. NULL where there are none. */
static GByteArray *
part_bytes(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GByteArray *bytes;
    GMimeStream *to;

    if (content == NULL)
        return NULL;
    bytes = g_byte_array_new();
    to = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(to), FALSE);
    g_mime_data_wrapper_write_to_stream(content, to);
    g_object_unref(to);
    return bytes;
}

static void
drop(struct letter *out, const char *name)
{
    char line[NAME_MAX_BYTES], *valid = g_utf8_make_valid(name, -1);

    put_line(line, sizeof line, valid);
    g_free(valid);
    if (out->dropped.len + sizeof line < DROPPED_MAX)
        text_printf(&out->dropped, "%s\n", line);
}

static void
take_file(struct reading *r, GMimePart *part)
{
    const char *name = g_mime_part_get_filename(part);
    GByteArray *bytes = part_bytes(part);
    struct letter *out = r->out;
    void *copy;

    if (bytes != NULL && out->picture_count < LETTER_PICTURES &&
        r->keeps(bytes->data, bytes->len) && (copy = malloc(bytes->len)) != NULL) {
        memcpy(copy, bytes->data, bytes->len);
        out->pictures[out->picture_count].data = copy;
        out->pictures[out->picture_count++].size = bytes->len;
    } else {
        drop(out, name != NULL && name[0] != '\0' ? name : "(without a name)");
    }
    if (bytes != NULL)
        g_byte_array_unref(bytes);
}

/* What is neither text nor white space is left out. */
static void
put_plain(struct text *t, const char *s, size_t max)
{
    for (; *s != '\0' && t->len < max; s++)
        if ((unsigned char)*s >= ' ' ? *s != 127 : *s == '\n' || *s == '\t')
            text_putc(t, *s);
    while (t->len > 0 && *s != '\0' && ((unsigned char)*s & 0xC0) == 0x80)
        t->data[--t->len] = '\0', s--;
}

static void
take_text(struct reading *r, GMimeTextPart *part, bool html)
{
    char *text = g_mime_text_part_get_text(part), *valid;
    struct text seen;

    /* Plain text wins over HTML, whichever comes first; of each kind the first part counts. */
    if (text == NULL || r->plain || (html && r->html)) {
        g_free(text);
        return;
    }
    valid = g_utf8_make_valid(text, -1);
    g_free(text);
    text_init(&seen, 4 * strlen(valid) + 16);
    if (html)
        html_text(valid, &seen);
    text_clear(&r->out->body);
    put_plain(&r->out->body, html ? text_cstr(&seen) : valid, r->body_max);
    r->plain = !html;
    r->html = html;
    text_release(&seen);
    g_free(valid);
}

static void
each_part(GMimeObject *parent, GMimeObject *object, gpointer arg)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    struct reading *r = arg;

    (void)parent;
    if (++r->parts > PARTS_MAX || GMIME_IS_MULTIPART(object))
        return;
    if (!GMIME_IS_PART(object)) {
        drop(r->out, "(a letter in the letter)");
        return;
    }
    if (GMIME_IS_TEXT_PART(object) && !g_mime_part_is_attachment(GMIME_PART(object)) &&
        (g_mime_content_type_is_type(type, "text", "plain") ||
         g_mime_content_type_is_type(type, "text", "html")))
        take_text(r, GMIME_TEXT_PART(object), g_mime_content_type_is_type(type, "text", "html"));
    else
        take_file(r, GMIME_PART(object));
}

int
letter_read(const void *data, size_t size, bool (*keeps)(const void *data, size_t size),
            size_t body_max, struct letter *out, struct err *e)
{
    struct reading r = {.out = out, .keeps = keeps, .body_max = body_max};
    GMimeMessage *message;
    GMimeParser *parser;
    GMimeStream *from;

    *out = (struct letter){0};
    text_init(&out->recipients, RECIPIENTS_MAX);
    text_init(&out->body, body_max + 8);
    text_init(&out->dropped, DROPPED_MAX);
    g_mime_init();
    from = g_mime_stream_mem_new_with_buffer(data, size);
    parser = g_mime_parser_new_with_stream(from);
    g_object_unref(from);
    message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    if (message == NULL)
        return err_set(e, ST_INVALID, "This is no message.", NULL);
    read_from(message, out);
    read_recipients(message, out);
    read_id(message, out);
    read_subject(message, out);
    out->automatic = is_automatic(message, out->from);
    g_mime_message_foreach(message, each_part, &r);
    g_object_unref(message);
    return out->body.failed || out->recipients.failed
               ? err_set(e, ST_NOMEM, "Out of memory.", "a letter")
               : ST_OK;
}

void
letter_release(struct letter *l)
{
    for (size_t i = 0; i < l->picture_count; i++)
        free(l->pictures[i].data);
    text_release(&l->recipients);
    text_release(&l->body);
    text_release(&l->dropped);
    *l = (struct letter){0};
}
