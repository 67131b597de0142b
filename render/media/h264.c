/*
 * H.264 by OpenH264. Knows no container. Read next: mp4.c.
 *
 * Quality is constant and the rate is what it takes: clips are short, and a rate control would
 * spend its first seconds on learning. Colour conversion: ITU-T H.273, matrix 1, in whole numbers.
 */
#include "render/media/h264.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <wels/codec_api.h>

#include "common/err.h"
#include "common/text.h"
#include "render/pipeline/generate.h"

#define SIDE_LEAST 16
#define SIDE_MOST 4096
#define RATE                                                                                       \
    30.0f /* frames a second as the encoder believes; it matters to its rate control alone */
#define KEY_EVERY 64 /* frames: how far one must decode to seek */
#define SET_MOST 4096
#define START_CODE 4
#define NAL_TYPE 0x1f
#define NAL_SEQUENCE 7
#define NAL_PICTURE 8
#define QP_BEST 15 /* for quality 100 */
#define QP_WORST 45
#define QP_MOST 51 /* that there is */
#define QP_STEP 4

/* Parts of 2^16; each row of the matrix adds up to the narrow range. */
#define SHIFT 16
#define HALF (1 << (SHIFT - 1))

struct h264 {
    ISVCEncoder *encoder;
    int width, height;             /* of the frames */
    int coded_width, coded_height; /* even */
    int qp;
    uint8_t *planes; /* Y, then Cb and Cr of half the sides */
    struct text sequence_set, picture_set;
};

/* --- colours --- */

static const int LUMA[3] = {11966, 40254, 4064};
static const int BLUE[3] = {-6596, -22189, 28784}; /* the sums are -1, not a visible step */
static const int RED[3] = {28784, -26145, -2639};

static uint8_t
clamp(int v, int low, int high)
{
    return (uint8_t)(v < low ? low : v > high ? high : v);
}

/* Column `x` of row `y`; beyond the edge the edge goes on. */
static const uint8_t *
pixel(const struct image *frame, int x, int y)
{
    x = x >= frame->width ? frame->width - 1 : x;
    y = y >= frame->height ? frame->height - 1 : y;
    return frame->pixels + 3 * ((size_t)y * (size_t)frame->width + (size_t)x);
}

static int
mix(const int factors[3], const int rgb[3])
{
    return factors[0] * rgb[0] + factors[1] * rgb[1] + factors[2] * rgb[2];
}

static void
fill_luma(const struct h264 *h, const struct image *frame)
{
    uint8_t *to = h->planes;

    for (int y = 0; y < h->coded_height; y++) {
        for (int x = 0; x < h->coded_width; x++) {
            const uint8_t *p = pixel(frame, x, y);
            const int rgb[3] = {p[0], p[1], p[2]};

            *to++ = clamp((mix(LUMA, rgb) + (16 << SHIFT) + HALF) >> SHIFT, 16, 235);
        }
    }
}

/* The mean of four pixels. Decoders may take a colour to lie at the left two of them, and weights
   of 1 2 1 over three columns would put it there; but they blur, and were 2 dB worse. */
static void
fill_colour(const struct h264 *h, const struct image *frame)
{
    size_t pixels = (size_t)h->coded_width * (size_t)h->coded_height;
    uint8_t *blue = h->planes + pixels, *red = blue + pixels / 4;

    for (int y = 0; y < h->coded_height; y += 2) {
        for (int x = 0; x < h->coded_width; x += 2) {
            int sum[3] = {0, 0, 0};

            for (int i = 0; i < 4; i++) {
                const uint8_t *p = pixel(frame, x + i % 2, y + i / 2);

                for (int c = 0; c < 3; c++)
                    sum[c] += p[c];
            }
            *blue++ = clamp((mix(BLUE, sum) / 4 + (128 << SHIFT) + HALF) >> SHIFT, 16, 240);
            *red++ = clamp((mix(RED, sum) / 4 + (128 << SHIFT) + HALF) >> SHIFT, 16, 240);
        }
    }
}

/* --- encoder --- */

static void
choose(const struct h264 *h, SEncParamExt *p)
{
    SSpatialLayerConfig *layer = &p->sSpatialLayers[0];

    p->iUsageType = CAMERA_VIDEO_REAL_TIME;
    p->iPicWidth = h->coded_width;
    p->iPicHeight = h->coded_height;
    p->iRCMode = RC_OFF_MODE;
    p->fMaxFrameRate = RATE;
    p->iTemporalLayerNum = p->iSpatialLayerNum = 1;
    p->iComplexityMode = HIGH_COMPLEXITY;
    p->uiIntraPeriod = KEY_EVERY;
    p->iNumRefFrame = 1;
    p->eSpsPpsIdStrategy = CONSTANT_ID;
    /* Its arithmetic coder writes behind its buffer where frames are noise. This one notices. */
    p->iEntropyCodingModeFlag = 0;
    p->iMultipleThreadIdc = 1;
    p->bEnableFrameSkip = p->bEnableDenoise = p->bEnableAdaptiveQuant = false;
    p->bEnableBackgroundDetection = p->bEnableSceneChangeDetect = false;
    p->bEnableFrameCroppingFlag = true;
    p->iMinQp = p->iMaxQp = h->qp;
    layer->iVideoWidth = h->coded_width;
    layer->iVideoHeight = h->coded_height;
    layer->fFrameRate = RATE;
    layer->iDLayerQp = h->qp;
    layer->uiProfileIdc = PRO_BASELINE;
    layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    layer->bVideoSignalTypePresent = layer->bColorDescriptionPresent = true;
    layer->uiVideoFormat = VF_UNDEF;
    layer->bFullRange = false;
    layer->uiColorPrimaries = CP_BT709;
    layer->uiTransferCharacteristics = TRC_BT709;
    layer->uiColorMatrix = CM_BT709;
}

static void
end(struct h264 *h)
{
    if (h->encoder == NULL)
        return;
    (void)(*h->encoder)->Uninitialize(h->encoder);
    WelsDestroySVCEncoder(h->encoder);
    h->encoder = NULL;
}

static int
start(struct h264 *h, struct err *e)
{
    SEncParamExt params;
    int level = WELS_LOG_QUIET, code;

    if ((code = WelsCreateSVCEncoder(&h->encoder)) != 0 || h->encoder == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "OpenH264 encoder: %d", code);
    (void)(*h->encoder)->SetOption(h->encoder, ENCODER_OPTION_TRACE_LEVEL, &level);
    memset(&params, 0, sizeof params);
    (void)(*h->encoder)->GetDefaultParams(h->encoder, &params);
    choose(h, &params);
    if ((code = (*h->encoder)->InitializeExt(h->encoder, &params)) != 0)
        return err_set(e, ST_INTERNAL, "The film could not be written.",
                       "OpenH264 refuses %d x %d pixels: %d", h->coded_width, h->coded_height,
                       code);
    return ST_OK;
}

int
h264_open(int width, int height, int quality, struct h264 **out, struct err *e)
{
    struct h264 *h = NULL;
    int rc = ST_OK;

    *out = NULL;
    if (width < SIDE_LEAST || height < SIDE_LEAST || width > SIDE_MOST || height > SIDE_MOST)
        return err_setf(e, ST_INVALID, "A film has %d to %d pixels a side, not %d x %d.",
                        SIDE_LEAST, SIDE_MOST, width, height);
    if (quality < 1 || quality > 100)
        return err_setf(e, ST_INVALID, "The quality must lie between 1 and 100.");
    if ((h = calloc(1, sizeof *h)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "film");
    h->width = width;
    h->height = height;
    h->qp = QP_WORST - (QP_WORST - QP_BEST) * quality / 100;
    h->coded_width = width + width % 2;
    h->coded_height = height + height % 2;
    text_init(&h->sequence_set, SET_MOST);
    text_init(&h->picture_set, SET_MOST);
    h->planes = malloc((size_t)h->coded_width * (size_t)h->coded_height * 3 / 2);
    rc =
        h->planes == NULL ? err_set(e, ST_NOMEM, "Please try again later.", "planes") : start(h, e);
    if (rc == ST_OK) {
        *out = h;
        h = NULL;
    }
    h264_free(h);
    return rc;
}

void
h264_free(struct h264 *h)
{
    if (h == NULL)
        return;
    end(h);
    text_release(&h->sequence_set);
    text_release(&h->picture_set);
    free(h->planes);
    free(h);
}

int
h264_coded_width(const struct h264 *h)
{
    return h->coded_width;
}

int
h264_coded_height(const struct h264 *h)
{
    return h->coded_height;
}

const struct text *
h264_sequence_set(const struct h264 *h)
{
    return &h->sequence_set;
}

const struct text *
h264_picture_set(const struct h264 *h)
{
    return &h->picture_set;
}

/* --- frames --- */

/* The film has room for one set of each kind, so it must be the same in each key frame. */
static bool
keep_set(struct text *set, const uint8_t *nal, size_t size)
{
    if (set->len == 0)
        text_put(set, nal, size);
    return set->failed || (set->len == size && memcmp(set->data, nal, size) == 0);
}

/* False when the unit is a parameter set that changed. */
static bool
put_nal(struct h264 *h, const uint8_t *nal, size_t size, struct text *out)
{
    const uint8_t length[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                               (uint8_t)size};
    int type = nal[0] & NAL_TYPE;

    if (type == NAL_SEQUENCE || type == NAL_PICTURE)
        return keep_set(type == NAL_SEQUENCE ? &h->sequence_set : &h->picture_set, nal, size);
    text_put(out, length, sizeof length);
    text_put(out, nal, size);
    return true;
}

static int
put_layer(struct h264 *h, const SLayerBSInfo *layer, struct text *out, struct err *e)
{
    const uint8_t *at = layer->pBsBuf;

    for (int i = 0; i < layer->iNalCount; i++) {
        size_t size = (size_t)layer->pNalLengthInByte[i];

        if (size <= START_CODE || memcmp(at, "\0\0\0\1", START_CODE) != 0)
            return err_set(e, ST_INTERNAL, "The film could not be written.",
                           "OpenH264: a NAL unit of %zu bytes without its start code", size);
        if (!put_nal(h, at + START_CODE, size - START_CODE, out))
            return err_set(e, ST_INTERNAL, "The film could not be written.",
                           "OpenH264: another parameter set");
        at += size;
    }
    return ST_OK;
}

/* The planes through the encoder, which keeps what `info` points to. False and a code. */
static bool
encode(struct h264 *h, SFrameBSInfo *info, int *code)
{
    size_t pixels = (size_t)h->coded_width * (size_t)h->coded_height;
    SSourcePicture picture = {.iColorFormat = videoFormatI420,
                              .iStride = {h->coded_width, h->coded_width / 2, h->coded_width / 2},
                              .pData = {h->planes, h->planes + pixels, h->planes + pixels * 5 / 4},
                              .iPicWidth = h->coded_width,
                              .iPicHeight = h->coded_height};

    memset(info, 0, sizeof *info);
    *code = (*h->encoder)->EncodeFrame(h->encoder, &picture, info);
    return *code == 0 && info->eFrameType != videoFrameTypeSkip &&
           info->eFrameType != videoFrameTypeInvalid;
}

int
h264_frame(struct h264 *h, const struct image *frame, struct text *out, bool *key, struct err *e)
{
    SFrameBSInfo info;
    int rc = ST_OK, code;

    *key = false;
    if (frame->width != h->width || frame->height != h->height)
        return err_setf(e, ST_INVALID, "A frame has %d x %d pixels, the film %d x %d.",
                        frame->width, frame->height, h->width, h->height);
    fill_luma(h, frame);
    fill_colour(h, frame);
    /* A frame of noise can be longer than the encoder's buffer. After that error it is of no more
       use; a new one begins coarser, with a key frame. */
    while (!encode(h, &info, &code)) {
        if (h->qp == QP_MOST)
            return err_set(e, ST_INTERNAL, "The film could not be written.",
                           "OpenH264: code %d, kind of frame %d", code, (int)info.eFrameType);
        end(h);
        h->qp = h->qp + QP_STEP < QP_MOST ? h->qp + QP_STEP : QP_MOST;
        if ((rc = start(h, e)) != ST_OK)
            return rc;
    }
    for (int i = 0; i < info.iLayerNum && rc == ST_OK; i++)
        rc = put_layer(h, &info.sLayerInfo[i], out, e);
    *key = info.eFrameType == videoFrameTypeIDR;
    if (rc == ST_OK && (out->failed || h->sequence_set.failed || h->picture_set.failed))
        rc = err_set(e, ST_NOMEM, "Please try again later.", "%zu bytes of film", out->len);
    return rc;
}
