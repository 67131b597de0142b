/*
 * text.h, err.h and nearest.h: growth, ceilings, sticky failure, truncation at characters.
 */
#include <string.h>

#include "common/err.h"
#include "common/nearest.h"
#include "common/text.h"
#include "t/lib/tap.h"

static void
test_text(void)
{
    struct text t = {0}, none = {0};

    text_release(&none);
    ok(strcmp(text_cstr(&none), "") == 0, "a zeroed text reads as empty");
    text_init(&t, 10);
    is_str(text_cstr(&t), "", "empty");
    text_puts(&t, "12345");
    text_putc(&t, '6');
    text_printf(&t, "%d", 789);
    is_str(text_cstr(&t), "123456789", "written");
    text_putc(&t, 'x');
    ok(!t.failed && t.len == 10, "up to the ceiling");
    text_putc(&t, 'y');
    ok(t.failed, "past the ceiling fails");
    is_str(text_cstr(&t), "123456789x", "and writes nothing");
    text_clear(&t);
    ok(!t.failed && t.len == 0, "clear");
    text_puts(&t, "1234");
    text_printf(&t, "%s", "5678901");
    ok(t.failed && t.len == 4, "printf past the ceiling writes nothing");
    text_putc(&t, 'a');
    is_int((int64_t)t.len, 4, "failure is sticky");
    text_clear(&t);
    text_put(&t, "a\0b", 3);
    ok(t.len == 3 && memcmp(t.data, "a\0b", 4) == 0, "bytes with a NUL, and one after");
    text_release(&t);
    text_init(&t, 100000);
    for (int i = 0; i < 100000; i++)
        text_putc(&t, (char)('a' + i % 26));
    ok(!t.failed && t.len == 100000 && t.data[99999] == (char)('a' + 99999 % 26), "grows");
    text_putc(&t, '!');
    ok(t.failed, "and stops");
    text_release(&t);
    text_init(&t, SIZE_MAX);
    text_puts(&t, "fine");
    is_str(text_cstr(&t), "fine", "no ceiling");
    text_release(&t);
    text_init(&t, 0);
    text_puts(&t, "");
    ok(!t.failed, "nothing fits into nothing");
    text_release(&t);
}

static void
test_err(void)
{
    struct err e;
    char lots[600];

    is_int(err_set(NULL, ST_IO, "x", "y"), ST_IO, "a NULL record is legal");
    is_int(err_set(&e, ST_DENIED, "No.", "user %d", 7), ST_DENIED, "returns its code");
    is_str(e.message, "No.", "message");
    is_str(e.detail, "user 7", "detail");
    is_int(err_setf(&e, ST_LIMIT, "at most %d", 3), ST_LIMIT, "formatted");
    is_str(e.message, "at most 3", "message");
    is_str(e.detail, "", "without detail");
    memset(lots, 'x', sizeof lots);
    lots[sizeof lots - 1] = '\0';
    memcpy(lots + 254, "é", 2);
    err_setf(&e, ST_LIMIT, "%s", lots);
    is_int((int64_t)strlen(e.message), 254, "no half character at the cut");
    memcpy(lots + 250, "ab€", 5);
    err_setf(&e, ST_LIMIT, "%s", lots);
    is_int((int64_t)strlen(e.message), 255, "a whole one stays");
    err_clear(&e);
    ok(e.code == ST_OK && e.message[0] == '\0', "clear");
    is_str(status_name(ST_FUNDS), "not enough credits", "a name");
    is_str(status_name(ST_INTERNAL), "internal", "the last name");
    is_str(status_name(ST_LOST), "lease lost", "a name in the middle");
    is_str(status_name(-99), "unknown status", "no name");
}

static void
test_nearest(void)
{
    const char *best = NULL;
    size_t distance = 0;

    is_int((int64_t)nearest_distance("", "abc"), 3, "insertions");
    is_int((int64_t)nearest_distance("kitten", "sitting"), 3, "kitten");
    is_int((int64_t)nearest_distance("chekc", "check"), 1, "swapped neighbours");
    nearest_offer("db.soket", "db.socket", &best, &distance);
    nearest_offer("db.soket", "db.name", &best, &distance);
    is_str(best, "db.socket", "the nearest");
    best = NULL;
    nearest_offer("zebra", "migrate", &best, &distance);
    ok(best == NULL, "nothing is near");
}

int
main(void)
{
    test_text();
    test_err();
    test_nearest();
    return tap_done();
}
