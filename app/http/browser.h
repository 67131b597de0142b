/*
 * The family of a browser and of its system, from the User-Agent header: "Firefox on Linux". Coarse
 * on purpose: versions and models are neither read nor kept.
 */
#ifndef GEMPIX_APP_HTTP_BROWSER_H
#define GEMPIX_APP_HTTP_BROWSER_H

#define BROWSER_TEXT 40

/* "" where nothing is known. */
void browser_family(const char *user_agent, char out[BROWSER_TEXT]);

#endif
