// A libc whose calls fail as a test says: a call that has a fault planned has it, every other one is the real call.
// Plans and counts belong to the calling thread. Functions that are not here are found in the real libc, behind this library.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum call { READ, WRITE, PWRITE, IOCTL, EPOLL_WAIT, CLOSE, EPOLL_CREATE, EVENTFD, MOUNT, UMOUNT, CALLS };

enum { PLANS = 8, LOGGED = 8 };

static __thread struct {
    int calls;               // how many were made
    int planned;             // how many of the first ones have a fault
    int error[PLANS];        // errno of the fault, or 0
    long most[PLANS];        // without an errno: how many bytes the call may take
    long size[LOGGED];       // what the calls were asked
    long offset[LOGGED];
} state[CALLS];

static __thread char mounted[8192]; // the arguments of the last mount(2) or umount2(2)

void faults_reset(void)
{
    for (int call = 0; call < CALLS; call++)
        state[call].calls = state[call].planned = 0;
}

void faults_plan(int call, int error, long most)
{
    int plan = state[call].planned++;
    state[call].error[plan] = error;
    state[call].most[plan] = most;
}

int faults_calls(int call)
{
    return state[call].calls;
}

long faults_size(int call, int index)
{
    return state[call].size[index];
}

long faults_offset(int call, int index)
{
    return state[call].offset[index];
}

const char *faults_mounted(void)
{
    return mounted;
}

// Counts a call. Returns how many bytes it may take, or -1 with errno where it is to fail.
static long begin(enum call call, long size, long offset)
{
    int index = state[call].calls++;
    if (index < LOGGED) {
        state[call].size[index] = size;
        state[call].offset[index] = offset;
    }
    if (index >= state[call].planned)
        return size;
    if (state[call].error[index] != 0) {
        errno = state[call].error[index];
        return -1;
    }
    return state[call].most[index] < size ? state[call].most[index] : size;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    long most = begin(READ, size, 0);
    return most < 0 ? -1 : syscall(SYS_read, fd, buffer, most);
}

ssize_t write(int fd, const void *buffer, size_t size)
{
    long most = begin(WRITE, size, 0);
    return most < 0 ? -1 : syscall(SYS_write, fd, buffer, most);
}

ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t offset)
{
    long most = begin(PWRITE, size, offset);
    return most < 0 ? -1 : syscall(SYS_pwrite64, fd, buffer, most, offset);
}

int ioctl(int fd, unsigned long request, long argument)
{
    return begin(IOCTL, 0, 0) < 0 ? -1 : syscall(SYS_ioctl, fd, request, argument);
}

int epoll_wait(int fd, struct epoll_event *events, int size, int timeout)
{
    return begin(EPOLL_WAIT, size, timeout) < 0 ? -1 : syscall(SYS_epoll_pwait, fd, events, size, timeout, NULL, 8);
}

int epoll_create1(int flags)
{
    return begin(EPOLL_CREATE, 0, 0) < 0 ? -1 : syscall(SYS_epoll_create1, flags);
}

int eventfd(unsigned int initial, int flags)
{
    return begin(EVENTFD, 0, 0) < 0 ? -1 : syscall(SYS_eventfd2, initial, flags);
}

// A failing close(2) has closed the descriptor all the same.
int close(int fd)
{
    int result = syscall(SYS_close, fd);
    return begin(CLOSE, 0, 0) < 0 ? -1 : result;
}

// Nothing is really mounted: a call without a fault succeeds and does nothing.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
    snprintf(mounted, sizeof(mounted), "%s %s %s %lu %s", source, target, type, flags, (const char *)data);
    return begin(MOUNT, 0, 0) < 0 ? -1 : 0;
}

int umount2(const char *target, int flags)
{
    snprintf(mounted, sizeof(mounted), "%s %d", target, flags);
    return begin(UMOUNT, 0, 0) < 0 ? -1 : 0;
}
