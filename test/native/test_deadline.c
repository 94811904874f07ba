#include "deadline.h"
#include <assert.h>
#include <math.h>

#undef NDEBUG
int main(void) {
  assert(bp_deadline_after(0) == BP_AT_ONCE);
  assert(bp_deadline_after(INFINITY) == BP_FOREVER);
  assert(bp_deadline_left_ms(BP_FOREVER) == -1);
  assert(bp_deadline_left_ms(bp_deadline_after(0.4)) == 1);
  return 0;
}
