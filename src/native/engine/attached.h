/* Descriptors that wait to be sent with a byte: duplicates, so the sender may close its own. */
#ifndef BIPOLL_ATTACHED_H
#define BIPOLL_ATTACHED_H

#include <stddef.h>

struct bp_attached {
  size_t count;
  int fds[];
};

/* A negated errno, such as -EMFILE: none was duplicated. */
int bp_attached_duplicate(const int *fds, size_t count, struct bp_attached **out);

/* Closes them. NULL does nothing. */
void bp_attached_free(struct bp_attached *attached);

#endif
