/*
 * Random bytes, digests, passwords and encodings by libsodium, which no other file may include.
 */
#include "common/crypto.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

#include "common/err.h"

#define PASSWORD_PASSES 2
#define PASSWORD_MEMORY (19u * 1024 * 1024)
#define PASSWORD_NICE 10

_Static_assert(CRYPTO_SHA256 == crypto_hash_sha256_BYTES, "digest size");
_Static_assert(CRYPTO_PASSWORD_TEXT >= crypto_pwhash_STRBYTES, "password hash size");
_Static_assert(sizeof(struct crypto_sha256_state) >= sizeof(crypto_hash_sha256_state), "state");

int
crypto_start(struct err *e)
{
    if (sodium_init() < 0)
        return err_set(e, ST_INTERNAL, "The random source does not work.", "sodium_init failed");
    return ST_OK;
}

void
crypto_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

uint32_t
crypto_random_u32(void)
{
    return randombytes_random();
}

void
crypto_wipe(void *p, size_t size)
{
    sodium_memzero(p, size);
}

bool
crypto_equal(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void
crypto_sha256(const void *data, size_t size, uint8_t out[CRYPTO_SHA256])
{
    crypto_hash_sha256(out, data, size);
}

void
crypto_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                   uint8_t out[CRYPTO_SHA256])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, data, size);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

/* The opaque state is copied in and out: it is 104 bytes, and that keeps the types honest. */
void
crypto_sha256_init(struct crypto_sha256_state *s)
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    memcpy(s->opaque, &state, sizeof state);
}

void
crypto_sha256_update(struct crypto_sha256_state *s, const void *data, size_t size)
{
    crypto_hash_sha256_state state;

    memcpy(&state, s->opaque, sizeof state);
    crypto_hash_sha256_update(&state, data, size);
    memcpy(s->opaque, &state, sizeof state);
}

void
crypto_sha256_final(struct crypto_sha256_state *s, uint8_t out[CRYPTO_SHA256])
{
    crypto_hash_sha256_state state;

    memcpy(&state, s->opaque, sizeof state);
    crypto_hash_sha256_final(&state, out);
    sodium_memzero(s, sizeof *s);
}

struct password_task {
    const char *password;
    const char *hash; /* to compare with, or NULL: write it to `out` */
    char *out;
    int status;
};

static void
password_work(struct password_task *t)
{
    size_t size = strlen(t->password);

    t->status = t->hash != NULL
                    ? crypto_pwhash_str_verify(t->hash, t->password, size)
                    : crypto_pwhash_str_alg(t->out, t->password, size, PASSWORD_PASSES,
                                            PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13);
}

/* On Linux a thread has a niceness of its own, and this one ends with its task. */
static void *
password_thread(void *arg)
{
    (void)setpriority(PRIO_PROCESS, 0, PASSWORD_NICE);
    password_work(arg);
    return NULL;
}

/* Lets go of the core for whoever has a page to make: a flood of sign-ins delays nobody else. */
static int
password_run(struct password_task *t)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, password_thread, t) == 0)
        pthread_join(thread, NULL);
    else
        password_work(t);
    return t->status;
}

int
crypto_password_hash(const char *password, char out[CRYPTO_PASSWORD_TEXT], struct err *e)
{
    struct password_task task = {password, NULL, out, 0};

    memset(out, 0, CRYPTO_PASSWORD_TEXT);
    if (password_run(&task) != 0)
        return err_set(e, ST_NOMEM, "Please try again later.", "argon2id: no memory");
    return ST_OK;
}

bool
crypto_password_verify(const char *hash, const char *password)
{
    static const char prefix[] = crypto_pwhash_STRPREFIX;
    char spent[CRYPTO_PASSWORD_TEXT];

    if (hash == NULL || strncmp(hash, prefix, sizeof prefix - 1) != 0) {
        /* An account that is not there must take as long as one that is. */
        crypto_password_hash(password, spent, NULL);
        sodium_memzero(spent, sizeof spent);
        return false;
    }
    struct password_task task = {password, hash, NULL, 0};
    return password_run(&task) == 0;
}

size_t
crypto_base64url(const void *data, size_t size, char *out, size_t out_size)
{
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

    if (out_size > 0)
        out[0] = '\0';
    if (size > SIZE_MAX / 4 || sodium_base64_encoded_len(size, variant) > out_size)
        return 0; /* sodium would abort the process */
    sodium_bin2base64(out, out_size, data, size, variant);
    return strlen(out);
}

int
crypto_base64url_decode(const char *s, void *out, size_t out_size, size_t *out_len)
{
    size_t len = 0;

    *out_len = 0;
    if (sodium_base642bin(out, out_size, s, strlen(s), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return ST_INVALID;
    *out_len = len;
    return ST_OK;
}

void
crypto_hex(const void *data, size_t size, char *out)
{
    sodium_bin2hex(out, 2 * size + 1, data, size);
}
