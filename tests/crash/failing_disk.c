/* A disk that fails to order: LD_PRELOAD this, and name a file in FAILING_DISK that says "CALL ENDING ERRNO".
   CALL is sync or write; ENDING is how the failing file's name ends. Without the file, or with it empty, all is well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(const char *call, int fd) {
  const char *orders = getenv("FAILING_DISK");
  char wanted[16] = "", ending[64] = "", link[64], name[4096];
  int number = 0;
  FILE *file = orders ? fopen(orders, "r") : NULL;
  if (!file) return 0;
  int told = fscanf(file, "%15s %63s %d", wanted, ending, &number);
  fclose(file);
  if (told != 3 || strcmp(wanted, call)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < (ssize_t)strlen(ending)) return 0;
  name[length] = 0;
  if (strcmp(name + length - strlen(ending), ending)) return 0;
  errno = number;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) { return fails("sync", fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails("sync", fd) ? -1 : REAL(fdatasync)(fd); }
ssize_t write(int fd, const void *b, size_t n) { return fails("write", fd) ? -1 : REAL(write)(fd, b, n); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return fails("write", fd) ? -1 : REAL(pwrite)(fd, b, n, at); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) {
  return fails("write", fd) ? -1 : REAL(pwrite64)(fd, b, n, at);
}
