/*
 * The letters that accounts get. All their words are in account_letters.c.
 */
#ifndef GEMPIX_APP_ACCOUNT_ACCOUNT_LETTERS_H
#define GEMPIX_APP_ACCOUNT_ACCOUNT_LETTERS_H

#include <stdint.h>

struct conf;
struct db;
struct err;

enum account_letter {
    LETTER_WELCOME,    /* the operator made the account: no link needed */
    LETTER_CONFIRM,    /* a new account: what is in it, and the link that proves the address */
    LETTER_AGAIN,      /* the link alone, once more */
    LETTER_TAKEN,      /* somebody opened an account with an address that has one */
    LETTER_RESET,      /* forgotten password: the link */
    LETTER_PASSWORD,   /* the password was changed */
    LETTER_BROWSER,    /* a sign-in from a new kind of browser or region */
    LETTER_MOVE,       /* to a new address: the link that proves it */
    LETTER_MOVING,     /* to the old address: somebody asked for a new one */
    LETTER_MOVED,      /* to both: the address was changed */
    LETTER_SECOND_ON,  /* signing in asks for a code now */
    LETTER_SECOND_OFF, /* and no more */
    LETTER_CLAIMED,    /* to an owner: somebody wanted this address for another account */
    LETTER_RESTRICTED, /* the staff has restricted the account; the words are the reason */
    LETTER_RELEASED,   /* and has ended that */
    LETTER_TAKEN_DOWN, /* a published picture was taken down; the words are the reason */
};

struct account_addressee {
    int64_t account; /* 0 = none */
    const char *email, *display_name;
    const char *token; /* for the link; NULL = the letter has none */
    const char *words; /* what the letter is about: a browser, an address; NULL = nothing */
};

/* Queues the letter in the caller's transaction. 0 or as mail_queue. A letter with a link loses its
 * words in the outbox as soon as it is sent. */
int account_letter_queue(struct db *db, const struct conf *conf, enum account_letter letter,
                         const struct account_addressee *to, struct err *e);

#endif
