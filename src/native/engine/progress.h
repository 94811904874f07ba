/* How far a batch has been filled. */
#ifndef BIPOLL_PROGRESS_H
#define BIPOLL_PROGRESS_H

#include "pump.h"

struct bp_progress {
  const struct bp_batch *batch;
  size_t records, bytes;
};

static inline bool bp_progress_has_room(const struct bp_progress *progress, size_t records) {
  return progress->records + records <= progress->batch->record_capacity;
}

/* Only where there is room. */
static inline struct bp_record *bp_progress_add(struct bp_progress *progress, uint64_t tag,
                                                enum bp_record_kind kind, int64_t value) {
  struct bp_record *record = &progress->batch->records[progress->records++];
  *record = (struct bp_record){.tag = tag, .kind = kind, .value = value};
  return record;
}

#endif
