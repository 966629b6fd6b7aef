/*
 * Function attributes that let the compiler hold callers to a header's contract.
 */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

/* These arguments (counted from 1) are never NULL. */
#define NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
/* No argument is ever NULL. */
#define NONNULL_ALL __attribute__((nonnull))
/* Ignoring the result is a bug. */
#define WUNRES __attribute__((warn_unused_result))
/* printf(3)-like: positions, from 1, of the format and of its first argument (0: a va_list). */
#define PRINTF(string, first) __attribute__((format(printf, string, first)))

#endif
