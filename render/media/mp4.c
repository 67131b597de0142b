/*
 * The MP4 container. Knows boxes and no pixels: h264.c makes the frames. Read next: mp4.h.
 *
 * All frames lie in one chunk behind the index, each shown equally long, in the order in which they
 * are decoded, so no table of times is needed. Numbers are big-endian.
 */
#include "render/media/mp4.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/text.h"
#include "render/media/h264.h"
#include "render/media/picture.h"
#include "render/media/xmp.h"
#include "render/pipeline/generate.h"

#define FILM_MOST ((size_t)1 << 30) /* offsets have 32 bits */
#define TABLE_MOST ((size_t)1 << 24)
#define NOTE_MOST ((size_t)1 << 20)
#define TICKS 100       /* of a frame */
#define LANGUAGE 0x55c4 /* "und" */
#define ONE 0x10000     /* in 16.16 */

struct mp4 {
    struct h264 *coder;
    int width, height, rate;
    uint32_t count;
    struct text frames;
    struct text sizes, keys; /* four bytes each: of every frame; numbers of key frames */
    struct text xmp, tool, comment;
};

/* --- bytes and boxes --- */

static void
put32(struct text *t, uint32_t v)
{
    const uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                              (uint8_t)v};

    text_put(t, bytes, sizeof bytes);
}

static void
put16(struct text *t, unsigned v)
{
    text_putc(t, (char)(v >> 8));
    text_putc(t, (char)v);
}

static void
put_zeros(struct text *t, size_t count)
{
    while (count-- > 0)
        text_putc(t, '\0');
}

/* Over four bytes that are there. */
static void
patch32(struct text *t, size_t at, size_t v)
{
    if (t->failed)
        return;
    for (size_t i = 0; i < 4; i++)
        t->data[at + i] = (char)(uint8_t)(v >> (24 - 8 * i));
}

/* A box's place, which box_end wants. `type` has four bytes. */
static size_t
box_begin(struct text *t, const char *type)
{
    size_t at = t->len;

    put32(t, 0);
    text_put(t, type, 4);
    return at;
}

/* With a version and flags. */
static size_t
full_begin(struct text *t, const char *type, uint32_t flags)
{
    size_t at = box_begin(t, type);

    put32(t, flags);
    return at;
}

static void
box_end(struct text *t, size_t at)
{
    patch32(t, at, t->len - at);
}

/* --- the index --- */

static void
put_matrix(struct text *t)
{
    static const uint32_t MATRIX[9] = {ONE, 0, 0, 0, ONE, 0, 0, 0, 0x40000000};

    for (size_t i = 0; i < 9; i++)
        put32(t, MATRIX[i]);
}

static void
put_movie_header(const struct mp4 *m, struct text *t)
{
    size_t at = full_begin(t, "mvhd", 0);

    put_zeros(t, 8); /* made and changed: not told */
    put32(t, (uint32_t)m->rate * TICKS);
    put32(t, m->count * TICKS);
    put32(t, ONE); /* speed */
    put16(t, 0x100);
    put_zeros(t, 10);
    put_matrix(t);
    put_zeros(t, 24);
    put32(t, 2); /* the next track's number */
    box_end(t, at);
}

static void
put_track_header(const struct mp4 *m, struct text *t)
{
    size_t at = full_begin(t, "tkhd", 3); /* enabled, in the presentation */

    put_zeros(t, 8);
    put32(t, 1);
    put_zeros(t, 4);
    put32(t, m->count * TICKS);
    put_zeros(t, 16);
    put_matrix(t);
    put32(t, (uint32_t)h264_coded_width(m->coder) * ONE);
    put32(t, (uint32_t)h264_coded_height(m->coder) * ONE);
    box_end(t, at);
}

static void
put_media_header(const struct mp4 *m, struct text *t)
{
    size_t at = full_begin(t, "mdhd", 0);

    put_zeros(t, 8);
    put32(t, (uint32_t)m->rate * TICKS);
    put32(t, m->count * TICKS);
    put16(t, LANGUAGE);
    put16(t, 0);
    box_end(t, at);
}

/* `maker`: four bytes that the type of metadata needs, zeros else. */
static void
put_handler(struct text *t, const char *type, const char *maker)
{
    size_t at = full_begin(t, "hdlr", 0);

    put_zeros(t, 4);
    text_put(t, type, 4);
    text_put(t, maker, 4);
    put_zeros(t, 8);
    text_put(t, "", 1); /* no name */
    box_end(t, at);
}

/* What a decoder must know before the first frame. */
static void
put_decoder(const struct mp4 *m, struct text *t)
{
    const struct text *sequence = h264_sequence_set(m->coder);
    const struct text *picture = h264_picture_set(m->coder);
    size_t at = box_begin(t, "avcC");

    text_putc(t, 1);
    text_put(t, text_cstr(sequence) + 1, 3); /* profile, what it keeps to, level */
    text_putc(t, (char)0xff);                /* lengths have four bytes */
    text_putc(t, (char)0xe1);                /* one set of each kind */
    put16(t, (unsigned)sequence->len);
    text_put(t, text_cstr(sequence), sequence->len);
    text_putc(t, 1);
    put16(t, (unsigned)picture->len);
    text_put(t, text_cstr(picture), picture->len);
    box_end(t, at);
}

static void
put_description(const struct mp4 *m, struct text *t)
{
    size_t list = full_begin(t, "stsd", 0), at, colours;

    put32(t, 1);
    at = box_begin(t, "avc1");
    put_zeros(t, 6);
    put16(t, 1); /* the data lie in this file */
    put_zeros(t, 16);
    put16(t, (unsigned)h264_coded_width(m->coder));
    put16(t, (unsigned)h264_coded_height(m->coder));
    put32(t, 72 * ONE);
    put32(t, 72 * ONE);
    put_zeros(t, 4);
    put16(t, 1); /* frames in a sample */
    put_zeros(t, 32);
    put16(t, 24); /* bits of a pixel */
    put16(t, 0xffff);
    put_decoder(m, t);
    colours = box_begin(t, "colr");
    text_put(t, "nclx", 4);
    put16(t, 1), put16(t, 1), put16(t, 1); /* BT.709 in all three */
    text_putc(t, 0);                       /* narrow range */
    box_end(t, colours);
    box_end(t, at);
    box_end(t, list);
}

/* Returns where the offset of the frames is to be written. */
static size_t
put_tables(const struct mp4 *m, struct text *t)
{
    size_t table = box_begin(t, "stbl"), at, offset;

    put_description(m, t);
    at = full_begin(t, "stts", 0);
    put32(t, 1), put32(t, m->count), put32(t, TICKS);
    box_end(t, at);
    at = full_begin(t, "stss", 0);
    put32(t, (uint32_t)(m->keys.len / 4));
    text_put(t, text_cstr(&m->keys), m->keys.len);
    box_end(t, at);
    at = full_begin(t, "stsc", 0);
    put32(t, 1), put32(t, 1), put32(t, m->count), put32(t, 1);
    box_end(t, at);
    at = full_begin(t, "stsz", 0);
    put32(t, 0), put32(t, m->count);
    text_put(t, text_cstr(&m->sizes), m->sizes.len);
    box_end(t, at);
    at = full_begin(t, "stco", 0);
    put32(t, 1);
    offset = t->len;
    put32(t, 0);
    box_end(t, at);
    box_end(t, table);
    return offset;
}

static size_t
put_track(const struct mp4 *m, struct text *t)
{
    size_t track = box_begin(t, "trak"), media, info, at, data, offset;

    put_track_header(m, t);
    media = box_begin(t, "mdia");
    put_media_header(m, t);
    put_handler(t, "vide", "\0\0\0");
    info = box_begin(t, "minf");
    at = full_begin(t, "vmhd", 1);
    put_zeros(t, 8);
    box_end(t, at);
    data = box_begin(t, "dinf");
    at = full_begin(t, "dref", 0);
    put32(t, 1);
    box_end(t, full_begin(t, "url ", 1)); /* this file */
    box_end(t, at);
    box_end(t, data);
    offset = put_tables(m, t);
    box_end(t, info);
    box_end(t, media);
    box_end(t, track);
    return offset;
}

/* --- what the file says of itself --- */

static void
put_entry(struct text *t, const char *type, const struct text *value)
{
    size_t at, data;

    if (value->len == 0)
        return;
    at = box_begin(t, type);
    data = box_begin(t, "data");
    put32(t, 1); /* UTF-8 */
    put32(t, 0);
    text_put(t, text_cstr(value), value->len);
    box_end(t, data);
    box_end(t, at);
}

static void
put_entries(const struct mp4 *m, struct text *t)
{
    size_t user, meta, list;

    if (m->tool.len == 0 && m->comment.len == 0)
        return;
    user = box_begin(t, "udta");
    meta = full_begin(t, "meta", 0);
    put_handler(t, "mdir", "appl");
    list = box_begin(t, "ilst");
    put_entry(t, "\251too", &m->tool);
    put_entry(t, "\251cmt", &m->comment);
    box_end(t, list);
    box_end(t, meta);
    box_end(t, user);
}

static void
put_xmp(const struct mp4 *m, struct text *t)
{
    static const uint8_t XMP_ID[16] = {0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8,
                                       0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac};
    size_t at;

    if (m->xmp.len == 0)
        return;
    at = box_begin(t, "uuid");
    text_put(t, XMP_ID, sizeof XMP_ID);
    text_put(t, text_cstr(&m->xmp), m->xmp.len);
    box_end(t, at);
}

static int
keep_note(struct mp4 *m, const struct picture_note *note, struct err *e)
{
    if (note == NULL)
        return ST_OK;
    xmp_write(note, &m->xmp);
    if (note->software != NULL)
        text_puts(&m->tool, note->software);
    if (note->parameters != NULL)
        text_puts(&m->comment, note->parameters);
    if (m->xmp.failed || m->tool.failed || m->comment.failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "notes of a film");
    return ST_OK;
}

/* --- the whole --- */

int
mp4_open(const struct mp4_options *options, struct mp4 **out, struct err *e)
{
    struct mp4 *m = NULL;
    int rc;

    *out = NULL;
    if (options->rate < 1 || options->rate > MP4_RATE_MOST)
        return err_setf(e, ST_INVALID, "A film has 1 to %d frames a second.", MP4_RATE_MOST);
    if ((m = calloc(1, sizeof *m)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "film");
    m->rate = options->rate;
    text_init(&m->frames, FILM_MOST);
    text_init(&m->sizes, TABLE_MOST);
    text_init(&m->keys, TABLE_MOST);
    text_init(&m->xmp, NOTE_MOST);
    text_init(&m->tool, NOTE_MOST);
    text_init(&m->comment, NOTE_MOST);
    if ((rc = h264_open(options->width, options->height, options->quality, &m->coder, e)) ==
            ST_OK &&
        (rc = keep_note(m, options->note, e)) == ST_OK) {
        *out = m;
        m = NULL;
    }
    mp4_free(m);
    return rc;
}

void
mp4_free(struct mp4 *m)
{
    if (m == NULL)
        return;
    h264_free(m->coder);
    text_release(&m->frames);
    text_release(&m->sizes);
    text_release(&m->keys);
    text_release(&m->xmp);
    text_release(&m->tool);
    text_release(&m->comment);
    free(m);
}

int
mp4_add(struct mp4 *m, const struct image *frame, struct err *e)
{
    size_t before = m->frames.len;
    bool key;
    int rc = h264_frame(m->coder, frame, &m->frames, &key, e);

    if (rc != ST_OK)
        return rc;
    m->count++;
    put32(&m->sizes, (uint32_t)(m->frames.len - before));
    if (key)
        put32(&m->keys, m->count);
    if (m->sizes.failed || m->keys.failed)
        return err_set(e, ST_NOMEM, "Please try again later.", "index of a film");
    return ST_OK;
}

void
mp4_forget_words(struct mp4 *m)
{
    text_clear(&m->comment);
}

int
mp4_finish(struct mp4 *m, void **data, size_t *size, struct err *e)
{
    struct text file;
    size_t at, offset;

    *data = NULL;
    *size = 0;
    if (m->count == 0)
        return err_setf(e, ST_INVALID, "A film needs a frame.");
    text_init(&file, FILM_MOST + 3 * TABLE_MOST);
    at = box_begin(&file, "ftyp");
    text_put(&file, "isom\0\0\2\0isomiso2avc1mp41", 24);
    box_end(&file, at);
    at = box_begin(&file, "moov");
    put_movie_header(m, &file);
    offset = put_track(m, &file);
    put_entries(m, &file);
    box_end(&file, at);
    put_xmp(m, &file);
    at = box_begin(&file, "mdat");
    patch32(&file, offset, file.len);
    text_put(&file, text_cstr(&m->frames), m->frames.len);
    box_end(&file, at);
    if (file.failed) {
        text_release(&file);
        return err_set(e, ST_NOMEM, "Please try again later.", "%zu bytes of film", m->frames.len);
    }
    *data = file.data; /* ownership moves to the caller */
    *size = file.len;
    return ST_OK;
}
