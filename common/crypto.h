/*
 * Random bytes, digests, password hashes and encodings, all by libsodium. sodium.h appears in
 * crypto.c alone.
 */
#ifndef GEMPIX_COMMON_CRYPTO_H
#define GEMPIX_COMMON_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define CRYPTO_SHA256 32
#define CRYPTO_PASSWORD_TEXT 128 /* room for an argon2id string with its NUL */

/* Call once at program start; 0 or ST_INTERNAL. */
int crypto_start(struct err *e);

void crypto_random(void *out, size_t size);
uint32_t crypto_random_u32(void);
void crypto_wipe(void *p, size_t size);
/* Constant time. */
bool crypto_equal(const void *a, const void *b, size_t size);

void crypto_sha256(const void *data, size_t size, uint8_t out[CRYPTO_SHA256]);
void crypto_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        uint8_t out[CRYPTO_SHA256]);

/* SHA-256 over a stream. */
struct crypto_sha256_state {
    uint64_t opaque[16];
};
void crypto_sha256_init(struct crypto_sha256_state *s);
void crypto_sha256_update(struct crypto_sha256_state *s, const void *data, size_t size);
void crypto_sha256_final(struct crypto_sha256_state *s, uint8_t out[CRYPTO_SHA256]);

/* argon2id, 19 MiB and 2 passes (OWASP); `out` receives the PHC string. 0 or ST_NOMEM. Costs about
 * 25 ms of a core. */
int crypto_password_hash(const char *password, char out[CRYPTO_PASSWORD_TEXT], struct err *e);
/* True when `password` fits `hash`. A NULL or empty hash costs the same time and is false. */
bool crypto_password_verify(const char *hash, const char *password);

/* Unpadded base64url; out needs (size * 4 + 2) / 3 + 1 bytes. Returns the length without the NUL.
 */
size_t crypto_base64url(const void *data, size_t size, char *out, size_t out_size);
/* 0 or ST_INVALID; *out_len is the number of bytes written. */
int crypto_base64url_decode(const char *s, void *out, size_t out_size, size_t *out_len);
/* Lower-case hex; out needs 2 × size + 1. */
void crypto_hex(const void *data, size_t size, char *out);

#endif
