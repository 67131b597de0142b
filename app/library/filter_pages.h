/*
 * What a visitor wants to see of the library: from form values to a query, and back into an
 * address. No HTTP answers, no SQL.
 */
#ifndef GEMPIX_APP_LIBRARY_FILTER_PAGES_H
#define GEMPIX_APP_LIBRARY_FILTER_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "app/http/http.h"
#include "app/library/library_store.h"

/* The fields of the library's address: the filters, then the picture to go on below, then a
   deletion that can be taken back. */
enum {
    FILTER_WORDS,
    FILTER_KIND,
    FILTER_SAVED,
    FILTER_FROM,
    FILTER_TO,
    FILTER_BEFORE,
    FILTER_DELETED,
    FILTER_FIELDS
};
extern const struct form filter_form;

/* Groups of kinds of jobs that a filter offers, NULL-terminated words, and what people read. */
extern const char *const filter_kinds[];
extern const char *const filter_kind_labels[];

/* Midnight UTC of "2026-11-22" in µs; -1 for what is no date. */
int64_t filter_date(const char *s);

/* Fills query's filters (not its place) from checked values. Returns false when a value had to be
   left out because it was wrong. */
bool filter_read(const struct value *values, struct library_query *query);

/* True when any filter is set. */
bool filter_any(const struct library_query *query);

/* The filters as the query part of an address, "" if none; arena memory, NULL when that is full. */
const char *filter_address(struct request *rq, const struct library_query *query);

#endif
