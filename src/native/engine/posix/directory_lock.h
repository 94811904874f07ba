#ifndef BIPOLL_DIRECTORY_LOCK_H
#define BIPOLL_DIRECTORY_LOCK_H

/*
 * Locks the directory that a path is in, while a stale file is replaced there: of two starters one
 * waits for the other. It needs no lock file, which would be left behind. Returns a
 * descriptor, whose close ends the lock, or a negated errno; -EBUSY: somebody holds it for long.
 */
int bp_directory_lock(const char *path);

#endif
