/* Where __FreeBSD__ is defined, GCC's <stddef.h> looks for it. */
