/* Where __NetBSD__ is defined, GCC's <stddef.h> takes its types from here. */
#define _BSD_PTRDIFF_T_ __PTRDIFF_TYPE__
#define _BSD_SIZE_T_ __SIZE_TYPE__
#define _BSD_WCHAR_T_ __WCHAR_TYPE__
