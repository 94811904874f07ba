/* An open file description that nobody shares, for calls that must not wait. */
#ifndef BIPOLL_OWN_DESCRIPTION_H
#define BIPOLL_OWN_DESCRIPTION_H

#include <stdbool.h>

/*
 * Opens what a descriptor of a pipe or a terminal stands for once more, with O_NONBLOCK, which the
 * descriptor may not be given since others share its flags. Returns the new descriptor, or a
 * negated errno: not every system can, nor may every user, and of a terminal's master there is no
 * second.
 */
int bp_own_description(int fd);

/* Whether it is the side of a pseudo-terminal that is no terminal itself; known on Linux alone. */
bool bp_is_terminal_master(int fd);

#endif
