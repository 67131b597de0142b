/*
 * The small parts of the web layer: cookies, addresses, routes, tokens, clients of rate limits,
 * headers, and the way from FastCGI's parameters to a request.
 */
#include "app/http/app.h"
#include "app/http/browser.h"
#include "app/http/cookie.h"
#include "app/http/csrf.h"
#include "app/http/flash.h"
#include "app/http/rate.h"
#include "app/http/request.h"
#include "app/http/response.h"
#include "app/http/route.h"
#include "app/http/url.h"
#include "common/arena.h"
#include "common/conf.h"
#include "common/err.h"
#include "t/lib/tap.h"

static const struct route table[] = {
    {.name = "home", .method = METHOD_GET, .pattern = "/"},
    {.name = "job", .method = METHOD_GET, .pattern = "/jobs/{id}"},
    {.name = "job_send", .method = METHOD_POST, .pattern = "/jobs/{id}"},
    {.name = "both",
     .method = METHOD_POST,
     .pattern = "/a/{id}/b/{id}",
     .flags = ROUTE_CONDITIONAL},
    {0},
};
const struct route *const route_tables[] = {table, NULL};

static struct arena *arena;
static char url[] = "https://example.org", accel[] = "/_media", static_url[] = "/static";
static struct conf conf = {.site.url = url, .app.accel = accel, .app.static_url = static_url};
static struct app app = {.conf = &conf, .tls = true};
static struct exchange x;
static struct request rq;
static struct response rs;
static struct response_head head;
static struct err e;

#define ONE "00000000000000000000000001"

static void
begin(char *const *params)
{
    response_release(&rs);
    app.arena = arena;
    response_init(&rs, &head, arena);
    is_int(request_init(&rq, &x, &app, params, &e), ST_OK, "a request");
}

static void
test_cookies(void)
{
    char out[16], name[COOKIE_NAME];

    cookie_name("gempix", true, name);
    is_str(name, "__Host-gempix", "the name where TLS");
    cookie_name("gempix", false, name);
    is_str(name, "gempix", "the name without");
    ok(cookie_find("a=1; gempix=abc-_9; b=2", "gempix", out, sizeof out), "a cookie among others");
    is_str(out, "abc-_9", "... and its value");
    ok(cookie_find("xgempix=1;gempix=2", "gempix", out, sizeof out) && strcmp(out, "2") == 0,
       "not one with a longer name");
    ok(cookie_find("gempix=1; gempix=2", "gempix", out, sizeof out) && strcmp(out, "1") == 0,
       "the first of two");
    ok(!cookie_find("gempix=", "gempix", out, sizeof out), "an empty one is none");
    ok(!cookie_find("gempix", "gempix", out, sizeof out), "a name alone is none");
    ok(!cookie_find("gempix=a b", "gempix", out, sizeof out), "odd characters");
    ok(!cookie_find("gempix=0123456789abcdef", "gempix", out, sizeof out), "too long");
    is_str(out, "", "... leaves nothing");
    ok(!cookie_find("", "gempix", out, sizeof out), "no header");
    is_int(cookie_set(&rs, true, "gempix", "abc", 60, &e), ST_OK, "a cookie to send");
    is_str(response_find(&rs, "set-cookie"),
           "__Host-gempix=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
           "... with all it needs");
    is_int(cookie_set(&rs, true, "gempix", "a;b", 60, &e), ST_INTERNAL,
           "a value that would break out");
}

static void
test_urls(void)
{
    char text[64];
    struct id ids[2] = {{{0}}, {{0}}};
    struct text t;
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } decode[] = {{"a%20b+c", "a b+c"}, {"%41", "A"},  {"%", NULL},
                  {"%4", NULL},         {"%g1", NULL}, {"", ""}};

    ids[0].bytes[15] = 1;
    ids[1].bytes[15] = 2;
    is_str(url_for(&rq, "job", ids, NULL), "/jobs/" ONE, "an address with an id");
    is_str(url_for(&rq, "job", ids, "a=1"), "/jobs/" ONE "?a=1", "... and a query");
    is_str(url_for(&rq, "both", ids, ""), "/a/" ONE "/b/00000000000000000000000002", "two ids");
    is_str(url_for(&rq, "home", NULL, NULL), "/", "none");
    for (size_t i = 0; i < sizeof decode / sizeof decode[0]; i++) {
        long n;
        snprintf(text, sizeof text, "%s", decode[i].in);
        n = url_decode(text, strlen(text), false);
        if (n >= 0)
            text[n] = '\0';
        is_str(n >= 0 ? text : NULL, decode[i].out, decode[i].in);
    }
    text_init(&t, 100);
    url_encode(&t, "/a b?\xc3\xa4=~");
    is_str(text_cstr(&t), "%2Fa%20b%3F%C3%A4%3D~", "encoding");
    text_release(&t);
}

static void
test_routes(void)
{
    struct id ids[ROUTE_IDS];
    unsigned allowed;
    const struct route *r = route_find(route_tables, "/jobs/" ONE, METHOD_POST, ids, &allowed);

    is_str(r != NULL ? r->name : NULL, "job_send", "by path and method");
    is_int(ids[0].bytes[15], 1, "... with its id");
    ok(route_find(route_tables, "/jobs/" ONE, 0, ids, &allowed) == NULL, "another method");
    is_int(allowed, METHOD_GET | METHOD_POST, "... and those that the path has");
    static const char *const strange[] = {"/jobs", "/jobs/",         "/jobs/x", "/jobs/" ONE "/",
                                          "//",    "/jobs/" ONE "x", ""};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        ok(route_find(route_tables, strange[i], METHOD_GET, ids, &allowed) == NULL && allowed == 0,
           "no route: %s", strange[i]);
}

static void
test_csrf(void)
{
    static const uint8_t secret[CRYPTO_SHA256] = {1}, other[CRYPTO_SHA256] = {2};
    char a[CSRF_TEXT], b[CSRF_TEXT];
    static const struct {
        const char *what, *site, *origin, *host;
        bool fine;
    } cases[] = {
        {"an old browser", "", "", "example.org", true},
        {"the same origin", "same-origin", "https://example.org", "example.org", true},
        {"an address typed in", "none", "", "example.org", true},
        {"another site", "cross-site", "", "example.org", false},
        {"a sibling", "same-site", "https://evil.example.org", "example.org", false},
        {"the origin alone", "", "https://evil.example", "example.org", false},
        {"an origin that begins alike", "", "https://example.org.evil.example", "example.org",
         false},
        {"no origin told", "", "null", "example.org", false},
        {"a second name of this host", "", "https://www.example.org", "www.example.org", true},
        {"the same host without TLS", "", "http://www.example.org", "www.example.org", false},
    };

    csrf_token("token", secret, a);
    csrf_token("token", secret, b);
    is_str(a, b, "a token is the same each time");
    is_int((int64_t)strlen(a), CSRF_TEXT - 1, "... and 256 bits long");
    csrf_token("tokem", secret, b);
    ok(strcmp(a, b) != 0, "another cookie, another token");
    csrf_token("token", other, b);
    ok(strcmp(a, b) != 0, "another site, another token");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ok(csrf_origin_ok(cases[i].site, cases[i].origin, url, "https", cases[i].host) ==
               cases[i].fine,
           "%s", cases[i].what);
}

static void
same_client(const char *a, const char *b, bool same)
{
    uint8_t x1[64], x2[64];
    size_t n1 = rate_client(a, x1), n2 = rate_client(b, x2);

    ok((n1 == n2 && memcmp(x1, x2, n1) == 0) == same, "%s and %s", a, b);
}

static void
test_headers(void)
{
    struct text out;

    is_int(response_header(&rs, "X-A", "1\r\nX-B: 2", &e), ST_INTERNAL, "a line end in a value");
    is_int(response_header(&rs, "X A", "1", &e), ST_INTERNAL, "a blank in a name");
    is_int(response_header(&rs, "X-A", "1", &e), ST_OK, "a header");
    is_int(response_header(&rs, "x-a", "2", &e), ST_OK, "... given again");
    is_str(response_find(&rs, "X-A"), "2", "... is replaced");
    is_int(response_redirect(&rq, &rs, "/jobs?a=1", &e), ST_OK, "a redirect to a path");
    is_int(response_redirect(&rq, &rs, "//evil.example", &e), ST_INTERNAL,
           "... not to another host");
    is_int(response_redirect(&rq, &rs, "/\\evil.example", &e), ST_INTERNAL,
           "... however it is written");
    is_int(response_redirect(&rq, &rs, "https://evil.example", &e), ST_INTERNAL,
           "... or with its scheme");
    is_int(response_redirect(&rq, &rs, "/a\r\nSet-Cookie: b", &e), ST_INTERNAL,
           "... nor with more headers");
    is_int(response_media(&rq, &rs, "ab/cd/x.png", "image/png", "my\"cat.png", &e), ST_INTERNAL,
           "an odd file name");
    is_int(response_media(&rq, &rs, "ab/cd/x.png", "image/png", "cat.png", &e), ST_OK, "a file");
    is_str(response_find(&rs, "X-Accel-Redirect"), "/_media/ab/cd/x.png", "... is nginx's work");
    is_str(response_find(&rs, "Content-Disposition"), "attachment; filename=\"cat.png\"",
           "... with its name");
    is_int(response_flash(&rq, &rs, "welcome", &e), ST_OK, "a notice");
    is_int(response_flash(&rq, &rs, "<b>", &e), ST_INTERNAL, "... only by a key of the table");
    is_int(response_finish(&rq, &rs, &e), ST_OK, "finishing");
    ok(strstr(response_find(&rs, "Content-Security-Policy"), "default-src 'none'") != NULL,
       "a policy");
    ok(response_find(&rs, "Strict-Transport-Security") != NULL, "HSTS where TLS");
    text_init(&out, 10000);
    response_write_head(&rs, &out);
    ok(strncmp(text_cstr(&out), "Status: 303 See Other\r\n", 23) == 0, "the status line");
    text_release(&out);
}

static void
test_tags(void)
{
    char tag[64];

    rq.route = &table[3];
    rq.if_none_match = "";
    text_puts(&rs.body, "{}");
    is_int(response_finish(&rq, &rs, &e), ST_OK, "a conditional answer");
    snprintf(tag, sizeof tag, "W/\"x\", W/%s", response_find(&rs, "ETag"));
    is_int(rs.status, 200, "the first time in full");
    rq.if_none_match = tag;
    is_int(response_finish(&rq, &rs, &e), ST_OK, "... and again");
    is_int(rs.status, 304, "304");
    is_int((int64_t)rs.body.len, 0, "... without a body");
}

static void
test_requests(void)
{
    char *bad[] = {"PATH_INFO=/a\nb", NULL}, *worse[] = {"PATH_INFO=/\xff", NULL}, *none[] = {NULL};
    char *good[] = {"REQUEST_METHOD=POST",
                    "PATH_INFO=/a b",
                    "QUERY_STRING=x=1",
                    "REMOTE_ADDR=10.0.0.1",
                    "HTTP_ACCEPT=application/json, */*",
                    "HTTP_REFERER=https://example.org/create?from=1",
                    "HTTP_X_FORWARDED_FOR=1.2.3.4",
                    "NOEQUALS",
                    "=",
                    NULL};
    char *elsewhere[] = {"PATH_INFO=/", "HTTP_REFERER=https://example.org.evil.example/x", NULL};

    begin(good);
    is_int(rq.method, METHOD_POST, "its method");
    is_str(rq.path, "/a b", "its path");
    is_str(rq.query, "x=1", "its query");
    is_str(rq.client, "10.0.0.1", "its client");
    is_str(rq.referer_path, "/create?from=1", "the page before");
    ok(rq.wants_json && !rq.head, "what it wants");
    begin(elsewhere);
    is_str(rq.referer_path, "", "a page of another site is none");
    is_int(request_init(&rq, &x, &app, bad, &e), ST_INVALID, "a line feed in the path");
    is_int(request_init(&rq, &x, &app, worse, &e), ST_INVALID, "a path that is no text");
    is_int(request_init(&rq, &x, &app, none, &e), ST_INVALID, "no path");
    is_str(rq.path, "/", "... can still be answered");
}

static void
test_browsers(void)
{
    static const struct {
        const char *agent, *family;
    } cases[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox on Linux"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
         " Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
         "Edge on Windows"},
        {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
         " Chrome/139.0.0.0 Mobile Safari/537.36",
         "Chrome on Android"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
         " like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
         "Safari on iPhone"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
         " Gecko) Version/18.0 Safari/605.1.15",
         "Safari on macOS"},
        {"curl/8.14.1", "curl"},
        {"<script>alert(1)</script>", ""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[BROWSER_TEXT];

        browser_family(cases[i].agent, out);
        is_str(out, cases[i].family, "a family of browsers");
    }
}

int
main(void)
{
    char *params[] = {"REQUEST_METHOD=GET", "PATH_INFO=/", "REMOTE_ADDR=::1", NULL};

    arena = arena_new(1000000);
    begin(params);
    test_cookies();
    test_urls();
    test_routes();
    test_csrf();
    same_client("10.0.0.1", "::ffff:10.0.0.1", true);
    same_client("10.0.0.1", "10.0.0.2", false);
    same_client("2001:db8::1", "2001:db8::ffff:2", true);
    same_client("2001:db8:0:1::1", "2001:db8:0:2::1", false);
    test_headers();
    begin(params);
    test_tags();
    test_requests();
    response_release(&rs);
    arena_free(arena);
    test_browsers();
    return tap_done();
}
