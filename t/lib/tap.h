/*
 * TAP for C tests: ok(condition, "what holds"), is_int, is_str, and `return tap_done();` at the end
 * of main. The plan comes last; the exit status is nonzero if anything failed or nothing ran. Knows
 * nothing of the project. Included once per program.
 */
#ifndef GEMPIX_T_LIB_TAP_H
#define GEMPIX_T_LIB_TAP_H

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_ran, tap_failed;

/* One test point; file and line are told when it fails. Returns the condition. */
__attribute__((format(printf, 4, 5), unused)) static bool
tap_ok(bool holds, const char *file, int line, const char *what, ...)
{
    va_list args;

    tap_ran++;
    printf("%sok %d - ", holds ? "" : "not ", tap_ran);
    va_start(args, what);
    vprintf(what, args);
    va_end(args);
    putchar('\n');
    if (!holds) {
        tap_failed++;
        printf("# failed at %s:%d\n", file, line);
    }
    fflush(stdout);
    return holds;
}

__attribute__((unused)) static bool
tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *what)
{
    bool same = tap_ok(got == want, file, line, "%s", what);

    if (!same)
        printf("#   got %" PRId64 ", expected %" PRId64 "\n", got, want);
    return same;
}

__attribute__((unused)) static bool
tap_is_str(const char *got, const char *want, const char *file, int line, const char *what)
{
    bool same = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

    tap_ok(same, file, line, "%s", what);
    if (!same)
        printf("#   got      '%s'\n#   expected '%s'\n", got != NULL ? got : "(null)",
               want != NULL ? want : "(null)");
    return same;
}

__attribute__((unused)) static bool
tap_is_real(double got, double want, double tolerance, const char *file, int line, const char *what)
{
    bool near = isfinite(got) && fabs(got - want) <= tolerance;

    tap_ok(near, file, line, "%s", what);
    if (!near)
        printf("#   got %.9g, expected %.9g within %.3g\n", got, want, tolerance);
    return near;
}

/* Prints a remark that is no test. */
__attribute__((format(printf, 1, 2), unused)) static void
diag(const char *what, ...)
{
    va_list args;

    printf("# ");
    va_start(args, what);
    vprintf(what, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* Ends the program as skipped; call it before the first test point. */
__attribute__((noreturn, unused)) static void
tap_skip_all(const char *reason)
{
    printf("1..0 # SKIP %s\n", reason);
    exit(0);
}

/* Prints the plan; the value is main's exit status. */
__attribute__((unused)) static int
tap_done(void)
{
    printf("1..%d\n", tap_ran);
    if (tap_failed > 0)
        printf("# %d of %d failed\n", tap_failed, tap_ran);
    return tap_failed > 0 || tap_ran == 0;
}

#define ok(holds, ...) tap_ok((holds), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, what) tap_is_int((got), (want), __FILE__, __LINE__, (what))
#define is_str(got, want, what) tap_is_str((got), (want), __FILE__, __LINE__, (what))
#define is_real(got, want, tolerance, what)                                                       \
    tap_is_real((got), (want), (tolerance), __FILE__, __LINE__, (what))

#endif
