/*
 * A worker's size. Starting reads through libraries that serving never touches again (libcrypto's
 * start alone is 3 MiB); those pages are given back once, and come back from the file if need be.
 */
#ifndef GEMPIX_APP_LEAN_H
#define GEMPIX_APP_LEAN_H

void lean(void);

#endif
