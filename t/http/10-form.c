/*
 * Forms: address-encoded and multipart bodies, good and broken; typed values and the sentences for
 * wrong ones.
 */
#include "app/http/form.h"
#include "common/arena.h"
#include "common/err.h"
#include "t/lib/tap.h"

const struct route *const route_tables[] = {NULL};

static struct arena *arena;

/* --- bodies --- */

static int
parse(const char *type, const char *body, struct pairs *out)
{
    size_t len = strlen(body);
    struct err e;

    return form_body(arena, type, arena_strndup(arena, body, len), len, out, &e);
}

static const char *
value(const struct pairs *pairs, const char *name)
{
    const struct pair *p = form_pair(pairs, name);

    return p != NULL ? p->value : "(none)";
}

static void
test_urlencoded(void)
{
    static const char type[] = "application/x-www-form-urlencoded";
    struct pairs p;
    struct text many;

    is_int(parse(type, "a=1&b=two+words&c=%C3%A4%2b&d&e=&a=2", &p), ST_OK, "a plain body");
    is_str(value(&p, "a"), "1", "the first of two counts");
    is_str(value(&p, "b"), "two words", "plus is a blank");
    is_str(value(&p, "c"), "\xc3\xa4+", "percent-encoding");
    is_str(value(&p, "d"), "", "a name alone");
    is_str(value(&p, "e"), "", "an empty value");
    is_str(value(&p, "f"), "(none)", "a missing name");
    is_int(parse("Application/X-WWW-Form-Urlencoded; charset=utf-8", "x=1", &p), ST_OK,
           "the type in other letters");
    is_int(parse(type, "a=%00b", &p), ST_OK, "a NUL in a value is left to the field");
    is_int((int64_t)form_pair(&p, "a")->len, 2, "... with its length");
    is_int(parse(type, "&&a=1&", &p), ST_OK, "empty pairs are passed over");
    is_int((int64_t)p.count, 1, "... and not counted");
    is_int(parse(type, "a=%4", &p), ST_INVALID, "a cut percent sign");
    is_int((int64_t)p.count, 0, "... leaves nothing");
    is_int(parse(type, "a=%zz", &p), ST_INVALID, "a percent sign without digits");
    is_int(parse(type, "=1", &p), ST_INVALID, "an empty name");
    is_int(parse(type, "a%00b=1", &p), ST_INVALID, "a NUL in a name");
    is_int(parse("text/plain", "a=1", &p), ST_UNSUPPORTED, "another type");
    is_int(parse("", "a=1", &p), ST_UNSUPPORTED, "no type");
    is_int(parse("", "", &p), ST_OK, "no body needs no type");
    text_init(&many, 100000);
    for (int i = 0; i <= PAIRS_MAX; i++)
        text_printf(&many, "f%d=1&", i);
    is_int(parse(type, text_cstr(&many), &p), ST_INVALID, "too many fields");
    text_release(&many);
}

#define PART(name, text)                                                                           \
    "--XX\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" text "\r\n"
#define FILE_PART(name, text)                                                                      \
    "--XX\r\nContent-Disposition: form-data; name=\"" name                                         \
    "\"; filename=\"my \\\"cat\\\".png\"\r\n"                                                      \
    "Content-Type: image/png\r\n\r\n" text "\r\n"

static void
test_multipart(void)
{
    static const char type[] = "multipart/form-data; boundary=XX";
    static const struct {
        const char *what, *type, *body;
    } bad[] = {
        {"no boundary", "multipart/form-data", PART("a", "1") "--XX--\r\n"},
        {"an empty boundary", "multipart/form-data; boundary=\"\"", PART("a", "1") "--XX--\r\n"},
        {"an open quote", "multipart/form-data; boundary=\"XX", PART("a", "1") "--XX--\r\n"},
        {"a boundary with odd characters", "multipart/form-data; boundary=X{X", "--X{X--"},
        {"text before the first boundary", type, "hello\r\n" PART("a", "1") "--XX--\r\n"},
        {"text after the last", type, PART("a", "1") "--XX--\r\nhello"},
        {"no last boundary", type, PART("a", "1")},
        {"a part that does not end", type,
         "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"},
        {"headers that do not end", type, "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n"},
        {"a part without a name", type,
         "--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--\r\n"},
        {"a part with an empty name", type, PART("", "1") "--XX--\r\n"},
        {"a part without a disposition", type,
         "--XX\r\nContent-Type: text/plain\r\n\r\n1\r\n--XX--\r\n"},
        {"two dispositions", type,
         "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; "
         "name=\"b\"\r\n\r\n1\r\n"
         "--XX--\r\n"},
        {"a name that does not end", type,
         "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XX--\r\n"},
        {"bare line feeds", type,
         "--XX\nContent-Disposition: form-data; name=\"a\"\n\n1\n--XX--\n"},
    };
    struct pairs p;

    is_int(
        parse(type, PART("a", "1\r\n2") FILE_PART("f", "PNG--XX") PART("b", "") "--XX--\r\n", &p),
        ST_OK, "a body of three parts");
    is_str(value(&p, "a"), "1\r\n2", "text with a line end");
    is_str(value(&p, "f"), "PNG--XX", "a file that holds half a boundary");
    ok(form_pair(&p, "f")->file && !form_pair(&p, "a")->file, "which one is a file");
    is_str(value(&p, "b"), "", "an empty part");
    is_int(parse("Multipart/Form-Data; charset=utf-8; boundary=\"X X\"",
                 "--X X\r\ncontent-disposition: form-data; NAME=a\r\n\r\n1\r\n--X X--", &p),
           ST_OK, "a quoted boundary, small letters, no quotes, no last line end");
    is_str(value(&p, "a"), "1", "... is read");
    is_int(parse(type, "--XX--\r\n", &p), ST_OK, "a form without fields");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        is_int(parse(bad[i].type, bad[i].body, &p), ST_INVALID, bad[i].what);
        is_int((int64_t)p.count, 0, "... leaves nothing");
    }
}

/* --- values --- */

static const char *const colours[] = {"red", "blue", NULL};
static const struct field one_of_each[] = {
    {"text", "Text", FIELD_TEXT, 2, 10, true, NULL},
    {"line", "Line", FIELD_LINE, 0, 10, false, NULL},
    {"secret", "Secret", FIELD_SECRET, 0, 10, false, NULL},
    {"int", "Int", FIELD_INT, -5, 50, false, NULL},
    {"real", "Real", FIELD_REAL, 1, 20, false, NULL},
    {"check", "Check", FIELD_CHECK, 0, 1, false, NULL},
    {"colour", "Colour", FIELD_CHOICE, 0, 0, false, colours},
    {"id", "Id", FIELD_ID, 0, 0, false, NULL},
    {"file", "File", FIELD_FILE, 0, 10, false, NULL},
};
enum { TEXT, LINE, SECRET, INT, REAL, CHECK, COLOUR, ID, FILE_, COUNT };

static struct value *
read_one(int field, const char *sent, size_t len, bool file)
{
    static struct value values[FORM_FIELDS_MAX];
    const struct form form = {&one_of_each[field], 1};
    struct pair pair = {one_of_each[field].name, sent, len, file};
    const struct pairs pairs = {&pair, sent != NULL ? 1 : 0};
    struct err e;
    int errors;

    if (form_values(arena, &form, &pairs, values, &errors, &e) != ST_OK)
        abort();
    if ((errors != 0) != (values[0].error != NULL))
        ok(false, "errors are counted");
    return values;
}

static struct value *
read_text(int field, const char *sent)
{
    return read_one(field, sent, sent != NULL ? strlen(sent) : 0, false);
}

static void
good(int field, const char *sent, const char *text)
{
    struct value *v = read_text(field, sent);

    is_str(v->error, NULL, "accepted");
    is_str(v->text, text, "... and cleaned");
}

static void
bad(int field, const char *sent, const char *sentence)
{
    is_str(read_text(field, sent)->error, sentence, sentence);
}

static void
test_texts(void)
{
    good(TEXT, " a\r\nb\rc\td ", " a\nb\nc d ");
    good(LINE, "  a b \t", "a b");
    good(LINE, "", "");
    good(LINE, "\xc3\xa4\xf0\x9f\x98\x80", "\xc3\xa4\xf0\x9f\x98\x80");
    good(SECRET, " a ", " a ");
    bad(TEXT, NULL, "Text is missing. Please fill it in.");
    bad(TEXT, "", "Text is missing. Please fill it in.");
    bad(TEXT, "a", "Text is too short: it needs at least 2 characters.");
    bad(TEXT, "12345678901", "Text is too long: 11 of at most 10 characters. Please shorten it.");
    is_str(read_text(TEXT, "12345678901")->text, "12345678901", "... and is shown again");
    bad(TEXT, "ab\x01", "Text: this holds a character that cannot be used.");
    bad(TEXT, "ab\x7f", "Text: this holds a character that cannot be used.");
    bad(TEXT, "ab\xc2\x85", "Text: this holds a character that cannot be used.");
    bad(TEXT, "ab\xff", "Text: this is not valid text.");
    bad(TEXT, "ab\xc0\x80", "Text: this is not valid text.");
    bad(TEXT, "ab\xed\xa0\x80", "Text: this is not valid text.");
    bad(TEXT, "ab\xf4\x90\x80\x80", "Text: this is not valid text.");
    bad(TEXT, "ab\xe2\x82", "Text: this is not valid text.");
    is_str(read_text(TEXT, "ab\xff")->text, "", "... and is not shown again");
    is_str(read_one(TEXT, "ab\0c", 4, false)->error,
           "Text: this holds a character that cannot be used.", "a NUL");
    bad(LINE, "a\nb", "Line: please write this in one line.");
    bad(LINE, "a@b.c\r\nBcc: x@y.z", "Line: please write this in one line.");
    ok(!read_text(LINE, "  ")->present, "blanks alone are nothing");
}

static void
test_numbers(void)
{
    is_int(read_text(INT, " 42 ")->i, 42, "a whole number");
    is_int(read_text(INT, "-5")->i, -5, "the least");
    ok(!read_text(INT, "")->present && read_text(INT, "")->error == NULL, "an empty one is absent");
    bad(INT, "51", "Int: please enter a number from -5 to 50.");
    bad(INT, "99999999999999999999", "Int: please enter a number from -5 to 50.");
    bad(INT, "4.5", "Int: please enter a whole number.");
    bad(INT, "four", "Int: please enter a whole number.");
    bad(INT, "+4", "Int: please enter a whole number.");
    bad(INT, "0x4", "Int: please enter a whole number.");
    is_real(read_text(REAL, "7.5")->d, 7.5, 0, "a number");
    is_real(read_text(REAL, "1e1")->d, 10, 0, "with an exponent");
    bad(REAL, "0.5", "Real: please enter a number from 1 to 20.");
    bad(REAL, "nan", "Real: please enter a number, like 7.5.");
    bad(REAL, "inf", "Real: please enter a number, like 7.5.");
    bad(REAL, "0x8", "Real: please enter a number, like 7.5.");
    bad(REAL, "1e999", "Real: please enter a number, like 7.5.");
    bad(REAL, "7,5", "Real: please enter a number, like 7.5.");
}

static void
test_others(void)
{
    struct value *v;
    struct id id;
    char text[ID_TEXT];

    is_int(read_text(CHECK, "anything")->i, 1, "a check box that is sent");
    is_int(read_text(CHECK, NULL)->i, 0, "... and one that is not");
    is_int(read_text(COLOUR, "blue")->i, 1, "a choice is its place in the list");
    bad(COLOUR, "green", "Colour: please choose one of the offered values.");
    memset(id.bytes, 0x5a, sizeof id.bytes);
    id_format(&id, text);
    ok(memcmp(read_text(ID, text)->id.bytes, id.bytes, sizeof id.bytes) == 0, "a public id");
    bad(ID, "xyz", "Id: this is no valid reference. Please start again from the page.");
    v = read_one(FILE_, "\0\1\2", 3, true);
    ok(v->present && v->len == 3 && v->text[2] == 2, "a file, as it is");
    is_str(read_one(FILE_, "12345678901", 11, true)->error, "File is too large: at most 0.0 MB.",
           "a large one");
    is_str(read_one(FILE_, "x", 1, false)->error, "File: please choose a file.", "no file");
    is_str(read_one(LINE, "x", 1, true)->error, "Line: a file cannot be sent here.",
           "a file for a line");
    is_int(read_one(CHECK, "x", 1, true)->i, 0, "... or for a check box");
}

int
main(void)
{
    arena = arena_new((size_t)8 << 20);
    test_urlencoded();
    test_multipart();
    test_texts();
    test_numbers();
    test_others();
    arena_free(arena);
    return tap_done();
}
