/*
 * The table of the studio's modes; see mode.h. To add one: a line here, its routes in
 * create_pages.c, and what it asks for in templates/studio.mustache.
 */
#include "app/studio/mode.h"

#include <stddef.h>

#include "common/conf.h"
#include "common/language.h"

const struct mode modes[MODES] = {
    [MODE_CREATE] = {"create", "create_send", JOB_GENERATE, JOB_GENERATE,
                     ASKS_WORDS | ASKS_DRAWING | ASKS_IMAGES, N_("Create"), N_("Create a picture"),
                     N_("What should it draw?"), N_("One scene in plain words; name the colours."),
                     N_("Say what it should draw."), N_("Draw it")},
    [MODE_PICTURE] = {"create_picture", "create_picture_send", JOB_VARIATION, JOB_VARIATION,
                      ASKS_WORDS | ASKS_DRAWING | ASKS_IMAGES | ASKS_PICTURE | ASKS_STRENGTH,
                      N_("From picture"), N_("Begin with a picture"), N_("What should it become?"),
                      N_("Describe the whole picture you want, not only what is new in it."),
                      N_("Say what the picture should become."), N_("Draw it")},
    [MODE_EDIT] = {"create_edit", "create_edit_send", JOB_EDIT, JOB_REPAINT,
                   ASKS_WORDS | ASKS_DRAWING | ASKS_IMAGES | ASKS_PICTURE | ASKS_MASK, N_("Edit"),
                   N_("Edit a picture"), N_("What should change?"),
                   N_("“make it night”, “add a red boat”. Paint over a part, and only that part is "
                      "drawn anew: then say what should be there."),
                   N_("Say what should change."), N_("Change it")},
    [MODE_CLEANUP] = {"create_cleanup", "create_cleanup_send", JOB_CLEANUP, JOB_CLEANUP,
                      ASKS_PICTURE | ASKS_MASK | ASKS_RIGHTS, N_("Clean up"),
                      N_("Take a mark off a picture"), NULL, NULL, NULL, N_("Clean it up")},
    [MODE_ANIMATE] = {"create_animate", "create_animate_send", JOB_ANIMATE, JOB_ANIMATE,
                      ASKS_WORDS | ASKS_DRAWING | ASKS_PICTURE | ASKS_FILM, N_("Animate"),
                      N_("Let a picture move"), N_("What should move?"),
                      N_("“the boat sails to the left”, “snow falls”."),
                      N_("Say what should move."), N_("Let it move")},
    [MODE_UPSCALE] = {"create_upscale", "create_upscale_send", JOB_UPSCALE, JOB_UPSCALE,
                      ASKS_PICTURE | ASKS_FACTOR, N_("Upscale"), N_("Make a picture larger"), NULL,
                      NULL, NULL, N_("Make it larger")},
};

enum mode_name
mode_of_kind(enum job_kind kind)
{
    int m = MODES - 1;

    while (m > 0 && modes[m].kind != kind && modes[m].masked != kind)
        m--;
    return (enum mode_name)m;
}

bool
mode_offered(const struct conf *conf, enum mode_name m)
{
    if (m == MODE_ANIMATE)
        return conf->model.motion[0] != '\0';
    return m != MODE_UPSCALE || conf->model.upscaler[0] != '\0';
}

bool
mode_goes_without_mask(const struct conf *conf, enum mode_name m)
{
    return m == MODE_CLEANUP || (m == MODE_EDIT && conf->model.edit[0] != '\0');
}
