/*
 * Plain text from HTML, for letters that have nothing else. Knows no letters.
 */
#ifndef GEMPIX_APP_INBOUND_HTML_TEXT_H
#define GEMPIX_APP_INBOUND_HTML_TEXT_H

struct text;

/* Appends what a reader of the page would see: no tags, no scripts, no styles, entities as
 * characters, blocks on lines of their own. UTF-8 in, UTF-8 out; anything else in is left as it
 * is. */
void html_text(const char *html, struct text *out);

#endif
