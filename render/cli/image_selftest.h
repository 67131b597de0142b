/*
 * gempix-image --self-test MODEL: can this machine draw with this model? Two steps of the smallest
 * picture, a plan of one of the native size, and a report in JSON.
 */
#ifndef GEMPIX_RENDER_CLI_IMAGE_SELFTEST_H
#define GEMPIX_RENDER_CLI_IMAGE_SELFTEST_H

/* Prints the report, or what is wrong with the model on standard error. The exit status. */
int image_selftest(const char *model, const char *program);

#endif
