/*
 * manifest.h: what is written is read back, and nothing else is accepted.
 */
#include <unistd.h>

#include "common/err.h"
#include "common/manifest.h"
#include "t/lib/tap.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char folder[] = "/tmp/gempix-manifest-XXXXXX", path[100];

static void
test_round_trip(void)
{
    struct manifest m = {.name = "tiny-1.0", .family = "sd1", .prediction = "v_prediction"}, back;
    struct err e = {0};

    snprintf(m.source, sizeof m.source, "a \"place\"\n");
    snprintf(m.licence.name, sizeof m.licence.name, "openrail++");
    m.defaults.steps = 4;
    m.defaults.guidance = 7.25;
    is_int(manifest_add(&m, "unet/a b.safetensors", 1234567890123, DIGEST, &e), ST_OK, "add");
    is_int(manifest_add(&m, "LICENSE", 0, DIGEST, &e), ST_OK, "add another");
    is_int(manifest_write(folder, &m, &e), ST_OK, "write");
    is_int(manifest_read(folder, &back, &e), ST_OK, "read");
    is_str(back.name, "tiny-1.0", "name");
    is_str(back.source, "a \"place\"\n", "a text with quotes");
    is_str(back.licence.name, "openrail++", "licence");
    is_str(back.variant, "", "what was not said");
    ok(back.defaults.steps == 4 && back.defaults.guidance == 7.25, "numbers");
    ok(back.file_count == 2 && back.files[0].size == 1234567890123 &&
           strcmp(back.files[0].name, "unet/a b.safetensors") == 0 &&
           strcmp(back.files[0].sha256, DIGEST) == 0,
       "files");
    manifest_release(&m);
    manifest_release(&back);
}

static void
refuse(const char *text, const char *says)
{
    struct manifest m;
    struct err e = {0};
    FILE *f = fopen(path, "w");

    fputs(text, f);
    fclose(f);
    ok(manifest_read(folder, &m, &e) == ST_INVALID && strstr(e.message, says) != NULL &&
           m.files == NULL,
       "%s: %s", says, e.message);
    manifest_release(&m);
}

static void
test_refusals(void)
{
    struct manifest m;
    struct err e = {0};

    refuse("", "gempix-model.json");
    refuse("[]", "format");
    refuse("{\"format\": 2}", "format");
    refuse("{\"format\": 1, \"schedular\": \"x\"}", "Did you mean \"scheduler\"");
    refuse("{\"format\": 1, \"name\": \"../x\"}", "name");
    refuse("{\"format\": 1, \"name\": 5}", "\"name\" must be a short text");
    refuse("{\"format\": 1, \"family\": \"a family of a very long name\"}", "short text");
    refuse("{\"format\": 1, \"tokenizer\": \"../tokenizer\"}", "leads out");
    refuse("{\"format\": 1, \"weights\": \"/etc/passwd\"}", "leads out");
    refuse("{\"format\": 1, \"licence\": {\"file\": \"a/../../b\"}}", "leads out");
    refuse("{\"format\": 1, \"licence\": {\"nmae\": \"x\"}}", "Did you mean \"name\"");
    refuse("{\"format\": 1, \"licence\": \"mit\"}", "object");
    refuse("{\"format\": 1, \"defaults\": {\"steps\": -1}}", "defaults.steps");
    refuse("{\"format\": 1, \"defaults\": {\"steps\": 1.5}}", "defaults.steps");
    refuse("{\"format\": 1, \"files\": {}}", "list");
    refuse("{\"format\": 1, \"files\": [5]}", "not a valid entry");
    refuse("{\"format\": 1, \"files\": [{\"name\": \".x\", \"size\": 1, \"sha256\": \"" DIGEST
           "\"}]}",
           "not a valid entry");
    refuse("{\"format\": 1, \"files\": [{\"name\": \"x\", \"size\": -1, \"sha256\": \"" DIGEST
           "\"}]}",
           "not a valid entry");
    refuse("{\"format\": 1, \"files\": [{\"name\": \"x\", \"size\": 1, \"sha256\": \"ab\"}]}",
           "not a valid entry");
    unlink(path);
    is_int(manifest_read(folder, &m, &e), ST_NOTFOUND, "no manifest");
}

static void
test_names(void)
{
    ok(manifest_is_name("sd-turbo_2.1") && manifest_is_name("7"), "names");
    ok(!manifest_is_name("") && !manifest_is_name(".x") && !manifest_is_name("a/b") &&
           !manifest_is_name("A") && !manifest_is_name("a b") && !manifest_is_name("-a"),
       "no names");
    ok(manifest_is_safe("a/b.c") && manifest_is_safe("a b"), "safe files");
    ok(!manifest_is_safe("") && !manifest_is_safe("/a") && !manifest_is_safe("a/") &&
           !manifest_is_safe("a/.b") && !manifest_is_safe("..") && !manifest_is_safe("a/../b"),
       "unsafe ones");
}

int
main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/" MANIFEST_FILE, folder);
    test_round_trip();
    test_refusals();
    test_names();
    rmdir(folder);
    return tap_done();
}
