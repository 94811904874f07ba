/* Prints how many microseconds a call of the system takes that does nothing. */
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 1000000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(void) {
  const double start = now();
  for (int i = 0; i < CALLS; i++) {
    (void)syscall(SYS_getppid);
  }
  printf("%.3f\n", (now() - start) / CALLS);
  return 0;
}
