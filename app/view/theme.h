/*
 * Light or dark: what a visitor chose, kept in a cookie that holds nothing else. Without a choice
 * the page follows the visitor's system. Knows no colours; those are site.css's.
 */
#ifndef GEMPIX_APP_VIEW_THEME_H
#define GEMPIX_APP_VIEW_THEME_H

struct request;

#define THEMES 3
#define THEME_WORD 8         /* room for the longest word */
#define THEME_COOKIE "theme" /* a word of the table and nothing else (P7) */
#define THEME_AUTOMATIC 0    /* index: as the system wishes; such a choice needs no cookie */

struct theme {
    const char *word;  /* in the cookie, and as data-theme in the page */
    const char *label; /* English; T translates it */
    const char *icon;  /* in icons.svg */
};

extern const struct theme themes[THEMES];

/* Index of a word, or -1. */
int theme_find(const char *word);
/* What the visitor's cookie says; THEME_AUTOMATIC without one. */
int theme_of(const struct request *rq);

#endif
