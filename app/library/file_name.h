/*
 * Names of downloaded files: from the words a picture was made from, so that people find it again.
 */
#ifndef GEMPIX_APP_LIBRARY_FILE_NAME_H
#define GEMPIX_APP_LIBRARY_FILE_NAME_H

#include "common/ids.h"

#define FILE_NAME 80 /* bytes that file_name may need */

/* "a-red-sun-over-a-blue-sea-1a2b3c4d.png": small letters and digits of the prompt, whole words of
   it, then the beginning of the id, which tells pictures of one prompt apart; "gempix-1a2b3c4d.png"
   when the prompt has no such letters. Safe in headers, archives and file systems. */
void file_name(const char *prompt, const struct id *id, const char *extension, char out[FILE_NAME]);

#endif
