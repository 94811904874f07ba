/* An open file description that nobody shares, for calls that must not wait. */
#ifndef BIPOLL_OWN_DESCRIPTION_H
#define BIPOLL_OWN_DESCRIPTION_H

/*
 * Opens what a descriptor of a pipe or a terminal stands for once more, with O_NONBLOCK, which the
 * descriptor may not be given since others share its flags. Returns the new descriptor, or a
 * negated errno: not every system can, nor may every user, and of a terminal's master there is no
 * second.
 */
int bp_own_description(int fd);

#endif
