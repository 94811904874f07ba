/* The errors of Windows, Winsock's too, in the numbers of the C library. */
#ifndef BIPOLL_WINDOWS_ERROR_H
#define BIPOLL_WINDOWS_ERROR_H

/* As a negated errno; 0 for ERROR_SUCCESS. */
int bp_error_of_windows(unsigned long code);

#endif
