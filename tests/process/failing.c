/* Fails one call of the C library, once: the FAIL_AT-th call of the function FAIL_CALL, with the error FAIL_ERRNO, counted
 * from the moment that the file FAIL_ARM is there. Calls about files count where they lie below FAIL_FOLDER, others always.
 * At the end, and when the call has failed, FAIL_REPORT gets a line for each function: its name and how often it was called.
 * Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPEN, READ, WRITE, SYNC, RENAME, UNLINK, TRUNCATE, RECV, SEND, ACCEPT, IOCTL, MMAP, CALLS };
static const char *names[CALLS] = {"open", "read", "write", "sync", "rename", "unlink", "truncate",
                                   "recv", "send", "accept", "ioctl", "mmap"};
static atomic_long counts[CALLS];
static atomic_int armed, failed;
static unsigned char ours[65536]; /* whether a descriptor is of a file below the folder */
static const char *folder, *arm, *report;
static int call = -1, error_number;
static long at;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAIL_CALL");
    folder = getenv("FAIL_FOLDER");
    arm = getenv("FAIL_ARM");
    report = getenv("FAIL_REPORT");
    at = atol(getenv("FAIL_AT") ?: "0");
    error_number = atoi(getenv("FAIL_ERRNO") ?: "5");
    for (int n = 0; name && n < CALLS; n++)
        if (!strcmp(name, names[n])) call = n;
}

static void tell(void) {
    char text[1024];
    int used = 0, file;
    if (!report) return;
    for (int n = 0; n < CALLS; n++)
        used += snprintf(text + used, sizeof text - used, "%s %ld\n", names[n], atomic_load(&counts[n]));
    used += snprintf(text + used, sizeof text - used, "failed %d\n", atomic_load(&failed));
    file = syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return;
    syscall(SYS_write, file, text, used);
    syscall(SYS_close, file);
}

__attribute__((destructor)) static void end(void) { tell(); }

static int fails(int which) {
    if (!atomic_load(&armed)) {
        if (!arm || syscall(SYS_faccessat, AT_FDCWD, arm, F_OK)) return 0;
        atomic_store(&armed, 1);
    }
    if (atomic_fetch_add(&counts[which], 1) + 1 != at || which != call) return 0;
    atomic_store(&failed, 1);
    tell();
    errno = error_number;
    return 1;
}

static int below(const char *path) { return folder && path && !strncmp(path, folder, strlen(folder)); }
static int is_ours(int fd) { return fd >= 0 && fd < (int)sizeof ours && ours[fd]; }
static int note(int fd, int yes) {
    if (fd >= 0 && fd < (int)sizeof ours) ours[fd] = yes;
    return fd;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPENS(name, ...) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
    REAL(name); \
    if (below(path) && fails(OPEN)) return -1; \
    return note(real(__VA_ARGS__, flags, mode), below(path))

int open(const char *path, int flags, ...) { OPENS(open, path); }
int open64(const char *path, int flags, ...) { OPENS(open64, path); }
int openat(int at_, const char *path, int flags, ...) { OPENS(openat, at_, path); }
int openat64(int at_, const char *path, int flags, ...) { OPENS(openat64, at_, path); }

#define ON_FILE(result, name, which, parameters, ...) \
    result name parameters { REAL(name); if (is_ours(fd) && fails(which)) return -1; return real(__VA_ARGS__); }
ON_FILE(ssize_t, read, READ, (int fd, void *to, size_t size), fd, to, size)
ON_FILE(ssize_t, pread64, READ, (int fd, void *to, size_t size, off64_t where), fd, to, size, where)
ON_FILE(ssize_t, write, WRITE, (int fd, const void *from, size_t size), fd, from, size)
ON_FILE(ssize_t, pwrite64, WRITE, (int fd, const void *from, size_t size, off64_t where), fd, from, size, where)
ON_FILE(int, fsync, SYNC, (int fd), fd)
ON_FILE(int, fdatasync, SYNC, (int fd), fd)
ON_FILE(int, ftruncate64, TRUNCATE, (int fd, off64_t size), fd, size)

#define ON_PATH(name, which, path, parameters, ...) \
    int name parameters { REAL(name); if (below(path) && fails(which)) return -1; return real(__VA_ARGS__); }
ON_PATH(rename, RENAME, from, (const char *from, const char *to), from, to)
ON_PATH(unlink, UNLINK, path, (const char *path), path)

#define ALWAYS(result, name, which, parameters, ...) \
    result name parameters { REAL(name); if (fails(which)) return -1; return real(__VA_ARGS__); }
ALWAYS(ssize_t, recv, RECV, (int fd, void *to, size_t size, int flags), fd, to, size, flags)
ALWAYS(ssize_t, recvmsg, RECV, (int fd, struct msghdr *to, int flags), fd, to, flags)
ALWAYS(ssize_t, send, SEND, (int fd, const void *from, size_t size, int flags), fd, from, size, flags)
ALWAYS(ssize_t, sendmsg, SEND, (int fd, const struct msghdr *from, int flags), fd, from, flags)
ALWAYS(int, accept4, ACCEPT, (int fd, struct sockaddr *who, socklen_t *size, int flags), fd, who, size, flags)
int ioctl(int fd, unsigned long what, ...) {
    va_list more;
    va_start(more, what);
    void *argument = va_arg(more, void *);
    va_end(more);
    REAL(ioctl);
    if (fails(IOCTL)) return -1;
    return real(fd, what, argument);
}
void *mmap64(void *where, size_t size, int how, int flags, int fd, off64_t offset) {
    REAL(mmap64);
    if (fails(MMAP)) return MAP_FAILED;
    return real(where, size, how, flags, fd, offset);
}
int close(int fd) {
    REAL(close);
    note(fd, 0);
    return real(fd);
}
