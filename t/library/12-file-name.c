/*
 * Names of downloaded files: words of the prompt, safe everywhere, never too long.
 */
#include <string.h>

#include "app/library/file_name.h"
#include "t/lib/tap.h"

int
main(void)
{
    static const struct {
        const char *prompt, *name;
    } names[] = {
        {"a red sun", "a-red-sun-01234567.png"},
        {"A Red  Sun!", "a-red-sun-01234567.png"},
        {"", "gempix-01234567.png"},
        {"\xe8\xb5\xa4\xe3\x81\x84\xe5\xa4\xaa\xe9\x99\xbd", "gempix-01234567.png"},
        {"../../etc/passwd", "etc-passwd-01234567.png"},
        {"\"; rm -rf \r\n", "rm-rf-01234567.png"},
        {"one two three four five six seven eight nine ten eleven",
         "one-two-three-four-five-six-seven-eight-nine-01234567.png"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-01234567.png"},
    };
    char out[FILE_NAME];
    struct id id;

    id_parse("0123456789abcdefghjkmnpqrs", &id);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        file_name(names[i].prompt, &id, "png", out);
        is_str(out, names[i].name, "a name");
    }
    return tap_done();
}
