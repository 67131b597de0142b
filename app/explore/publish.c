/*
 * The rules of publishing; see publish.h. Read next: explore_store.c.
 */
#include "app/explore/publish.h"

#include <string.h>

#include "app/explore/explore_store.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/media.h"

int
publish_prepare(struct db *db, struct err *e)
{
    return explore_store_prepare(db, e);
}

int
publish_find(struct db *db, const struct media *m, struct publish_status *out, struct err *e)
{
    struct publication p;
    int rc;

    *out = (struct publish_status){0};
    if ((rc = explore_store_find(db, m->account, m->id, &p, e)) == ST_NOTFOUND)
        return ST_OK;
    if (rc == ST_OK)
        *out = (struct publish_status){.published = true,
                                       .public_id = p.public_id,
                                       .show_name = p.show_name,
                                       .show_prompt = p.show_prompt,
                                       .hidden = p.hidden};
    return rc;
}

struct publishing {
    int64_t account;
    const struct id *picture;
    struct publication how;
};

static int
publish_body(struct db *db, void *arg, struct err *e)
{
    const struct publishing *p = arg;
    bool done;
    int rc;

    if ((rc = media_save(db, p->account, p->picture, true, 0, e)) != ST_OK ||
        (rc = explore_store_publish(db, p->account, p->picture, &p->how, clock_now(), &done, e)) !=
            ST_OK)
        return rc;
    return done ? ST_OK
                : err_set(e, ST_CONFLICT,
                          "Older pictures and films cannot be published. Make it once more with "
                          "the same settings.",
                          NULL);
}

int
publish_picture(struct db *db, int64_t account, const struct id *picture, bool show_name,
                bool show_prompt, struct err *e)
{
    struct publishing p = {account, picture, {.show_name = show_name, .show_prompt = show_prompt}};

    id_random(&p.how.public_id);
    return db_transaction(db, publish_body, &p, e);
}

int
publish_if_possible(struct db *db, const struct media *m, struct err *e)
{
    struct publication how = {0};
    struct media view;
    bool done;
    int rc;

    if (m->kind != MEDIA_RESULT)
        return ST_OK;
    if ((rc = media_smaller(db, m, strcmp(m->extension, "mp4") == 0 ? MEDIA_SHOWN : MEDIA_VIEW,
                            &view, e)) != ST_OK)
        return rc == ST_NOTFOUND ? ST_OK : rc;
    if ((rc = explore_store_find(db, m->account, m->id, &how, e)) != ST_NOTFOUND)
        return rc;
    id_random(&how.public_id);
    if ((rc = media_save(db, m->account, &m->public_id, true, 0, e)) != ST_OK)
        return rc;
    return explore_store_publish(db, m->account, &m->public_id, &how, clock_now(), &done, e);
}

int
publish_end(struct db *db, int64_t account, const struct id *picture, struct err *e)
{
    return explore_store_unpublish(db, account, picture, e);
}
