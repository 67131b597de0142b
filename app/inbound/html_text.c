/*
 * HTML to plain text; see html_text.h. No tree is built: a letter's mark-up is skipped as it
 * comes, so nothing in it can be deep or large enough to matter.
 */
#include "app/inbound/html_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

static bool
is_name(const char *s, const char *name)
{
    size_t len = strlen(name);

    return strncasecmp(s, name, len) == 0 && strchr(" \t\r\n/>", s[len]) != NULL;
}

static void
put_utf8(struct text *t, unsigned long c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF)
        c = ' ';
    if (c < 0x80) {
        text_putc(t, (char)c);
    } else if (c < 0x800) {
        text_putc(t, (char)(0xC0 | (c >> 6)));
        text_putc(t, (char)(0x80 | (c & 0x3F)));
    } else {
        if (c < 0x10000) {
            text_putc(t, (char)(0xE0 | (c >> 12)));
        } else {
            text_putc(t, (char)(0xF0 | (c >> 18)));
            text_putc(t, (char)(0x80 | ((c >> 12) & 0x3F)));
        }
        text_putc(t, (char)(0x80 | ((c >> 6) & 0x3F)));
        text_putc(t, (char)(0x80 | (c & 0x3F)));
    }
}

/* At "&"; returns what follows the entity, or the character itself. */
static const char *
entity(const char *s, struct text *t)
{
    static const struct {
        const char *name;
        unsigned long c;
    } known[] = {{"&amp;", '&'},  {"&lt;", '<'},    {"&gt;", '>'},
                 {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}};
    char *end;

    if (s[1] == '#') {
        bool hex = s[2] == 'x' || s[2] == 'X';
        unsigned long c = strtoul(s + (hex ? 3 : 2), &end, hex ? 16 : 10);

        if (*end == ';' && end - s > 2 && end - s < 12) {
            put_utf8(t, c);
            return end + 1;
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strncmp(s, known[i].name, strlen(known[i].name)) == 0) {
            put_utf8(t, known[i].c);
            return s + strlen(known[i].name);
        }
    }
    text_putc(t, '&');
    return s + 1;
}

/* Nothing between <NAME> and </NAME> is seen. Returns what follows, or NULL where it is not so. */
static const char *
skip_hidden(const char *tag)
{
    static const char *const hidden[] = {"script", "style", "title", "head"};

    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (!is_name(tag, hidden[i]))
            continue;
        for (const char *p = tag; (p = strstr(p, "</")) != NULL; p += 2)
            if (is_name(p + 2, hidden[i]))
                return p;
        return tag + strlen(tag);
    }
    return NULL;
}

static void
new_line(struct text *t)
{
    while (t->len > 0 && t->data[t->len - 1] == ' ')
        t->data[--t->len] = '\0';
    if (t->len > 0 && !(t->len > 1 && t->data[t->len - 1] == '\n' && t->data[t->len - 2] == '\n'))
        text_putc(t, '\n');
}

static void
tag_seen(const char *tag, struct text *t)
{
    static const char *const blocks[] = {"br", "p",  "div", "tr", "li", "h1",    "h2",
                                         "h3", "ul", "ol",  "hr", "td", "table", "blockquote"};

    tag += *tag == '/';
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (is_name(tag, blocks[i]))
            new_line(t);
}

void
html_text(const char *html, struct text *out)
{
    while (*html != '\0') {
        if (strncmp(html, "<!--", 4) == 0) {
            const char *end = strstr(html, "-->");
            html = end != NULL ? end + 3 : html + strlen(html);
        } else if (*html == '<') {
            const char *rest = skip_hidden(html + 1);

            tag_seen(html + 1, out);
            html = rest != NULL ? rest : html;
            html += rest != NULL && rest[0] != '\0' ? 2 : rest == NULL;
            html += strcspn(html, ">");
            html += *html == '>';
        } else if (*html == '&') {
            html = entity(html, out);
        } else if (strchr(" \t\r\n", *html) != NULL) {
            if (out->len > 0 && strchr(" \n", out->data[out->len - 1]) == NULL)
                text_putc(out, ' ');
            html++;
        } else {
            text_putc(out, *html++);
        }
    }
}
