/* Storage that fails on demand: preloaded before the C library, it fails calls on files below INKLING_SHIM_ROOT as the file
   INKLING_SHIM_FAULT says at that moment: sync (EIO), full (ENOSPC to whoever writes), no-names (ENOSPC to whoever makes a file
   or folder too), read-only (EROFS), unreadable (EIO to whoever reads, or opens what is there), truncate (EIO). Anything else:
   nothing fails. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* First letter of the fault, 0 for none. */
static int fault(void) {
  const char *path = getenv("INKLING_SHIM_FAULT");
  char letter = 0;
  int file = path ? REAL(open)(path, O_RDONLY) : -1;
  if (file < 0) return 0;
  if (REAL(read)(file, &letter, 1) != 1) letter = 0;
  REAL(close)(file);
  return letter;
}

static int below(const char *path) {
  const char *root = getenv("INKLING_SHIM_ROOT");
  return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int mine(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path);
}

/* Error a write gets, 0 for none. */
static int refused(int file) {
  int letter = fault();
  if ((letter != 'f' && letter != 'n' && letter != 'r') || !mine(file)) return 0;
  return letter == 'r' ? EROFS : ENOSPC;
}

/* Error of cutting a file, 0 for none. */
static int uncut(int file) { return fault() == 't' && mine(file) ? EIO : refused(file); }

#define FAIL(error) \
  do { int code = (error); if (code) { errno = code; return -1; } } while (0)

int fsync(int file) { FAIL(fault() == 's' && mine(file) ? EIO : 0); return REAL(fsync)(file); }
int fdatasync(int file) { FAIL(fault() == 's' && mine(file) ? EIO : 0); return REAL(fdatasync)(file); }
ssize_t write(int file, const void *bytes, size_t count) { FAIL(refused(file)); return REAL(write)(file, bytes, count); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { FAIL(refused(file)); return REAL(pwrite)(file, bytes, count, at); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { FAIL(refused(file)); return REAL(pwrite64)(file, bytes, count, at); }
ssize_t writev(int file, const struct iovec *parts, int count) { FAIL(refused(file)); return REAL(writev)(file, parts, count); }
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) { FAIL(refused(file)); return REAL(pwritev)(file, parts, count, at); }
int ftruncate(int file, off_t length) { FAIL(uncut(file)); return REAL(ftruncate)(file, length); }
int ftruncate64(int file, off64_t length) { FAIL(uncut(file)); return REAL(ftruncate64)(file, length); }

/* Error of reading a file. */
#define READS(file) FAIL(fault() == 'u' && mine(file) ? EIO : 0)
ssize_t read(int file, void *bytes, size_t count) { READS(file); return REAL(read)(file, bytes, count); }
ssize_t pread(int file, void *bytes, size_t count, off_t at) { READS(file); return REAL(pread)(file, bytes, count, at); }
ssize_t pread64(int file, void *bytes, size_t count, off64_t at) { READS(file); return REAL(pread64)(file, bytes, count, at); }
ssize_t readv(int file, const struct iovec *parts, int count) { READS(file); return REAL(readv)(file, parts, count); }
ssize_t preadv(int file, const struct iovec *parts, int count, off_t at) { READS(file); return REAL(preadv)(file, parts, count, at); }

/* Error of making or changing a name, 0 for none. */
static int named(const char *path) {
  int letter = fault();
  if ((letter != 'n' && letter != 'r') || !below(path)) return 0;
  if (letter == 'n' && access(path, F_OK) == 0) return 0;
  return letter == 'r' ? EROFS : ENOSPC;
}

static int changes(const char *path, int flags) {
  if (fault() == 'u' && below(path) && access(path, F_OK) == 0) return EIO;
  if (!(flags & (O_WRONLY | O_RDWR | O_CREAT))) return 0;
  int error = named(path);
  return error == ENOSPC && !(flags & O_CREAT) ? 0 : error;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
    FAIL(changes(path, flags)); \
    return REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) { FAIL(named(path)); return REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { FAIL(named(to)); return REAL(rename)(from, to); }
int unlink(const char *path) { FAIL(fault() == 'r' && below(path) ? EROFS : 0); return REAL(unlink)(path); }
