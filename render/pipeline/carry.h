/*
 * Keeps what does not move in a film as sharp as its still.
 *
 * A model's frames are softer than the still, because they went through its autoencoder, and their
 * colours are a little off: shown after the still, the second frame would be a jolt, and a film of
 * many links would fade. So what the still has more than the model's own first frame is added to
 * each frame, wherever that frame still is as the first.
 */
#ifndef GEMPIX_RENDER_PIPELINE_CARRY_H
#define GEMPIX_RENDER_PIPELINE_CARRY_H

struct err;
struct image;

/* `first` is the model's version of `still`, `frame` a later frame of the same clip, which is
   changed; all of one size. Where it differs from `first` by a few grey levels it takes all of what
   `still` has more, where by more than some nothing. 0 or ST_NOMEM. */
int carry_detail(const struct image *still, const struct image *first, struct image *frame,
                 struct err *e);

#endif
