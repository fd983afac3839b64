/* What every part of the load needs. */
#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void die(const char *what)
{
    fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* The kernel's ticks so far, of all processors. */
static void ticks(int64_t *idle, int64_t *all)
{
    FILE *file = fopen("/proc/stat", "r");
    long long part[8];

    if (!file || fscanf(file, "cpu %lld %lld %lld %lld %lld %lld %lld %lld", part, part + 1, part + 2, part + 3, part + 4, part + 5, part + 6, part + 7) != 8)
        die("/proc/stat");
    fclose(file);
    *idle = part[3] + part[4];
    *all = 0;
    for (int i = 0; i < 8; i++)
        *all += part[i];
}

void span_begin(struct span *span)
{
    ticks(&span->idle, &span->all);
    span->start = now_ns();
}

void span_end(const struct span *span, char text[64])
{
    uint64_t elapsed = now_ns() - span->start;
    int64_t idle, all;

    ticks(&idle, &all);
    snprintf(text, 64, "seconds=%.6f busy=%.1f", elapsed / 1e9, all > span->all ? 100.0 - 100.0 * (idle - span->idle) / (all - span->all) : 0.0);
}

/* splitmix64 */
uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

int64_t below(uint64_t *state, int64_t bound)
{
    return (int64_t)(next_random(state) % (uint64_t)bound);
}

void *memory(size_t size)
{
    void *block;

    if (posix_memalign(&block, PAGE, size) != 0)
        die("memory");
    return block;
}

int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);

    if (fd < 0)
        die(path);
    return fd;
}

int64_t size_of(int fd)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        die("fstat");
    return file.st_size;
}

void read_all(int fd, void *buffer, size_t length, int64_t offset)
{
    size_t done = 0;

    while (done < length) {
        ssize_t count = pread(fd, (char *)buffer + done, length - done, offset + done);

        if (count == 0)
            errno = ENODATA;
        if (count <= 0)
            die("pread");
        done += count;
    }
}

void write_all(int fd, const void *buffer, size_t length)
{
    if (write(fd, buffer, length) != (ssize_t)length)
        die("write");
}

void compare(int fd, int original, int64_t offset, size_t length)
{
    static char *read, *expected;

    if (!read) {
        read = memory(BLOCK);
        expected = memory(BLOCK);
    }
    while (length > 0) {
        size_t part = length < BLOCK ? length : BLOCK;

        read_all(fd, read, part, offset);
        read_all(original, expected, part, offset);
        if (memcmp(read, expected, part) != 0) {
            fprintf(stderr, "reader: wrong bytes between %lld and %lld\n", (long long)offset, (long long)(offset + part));
            exit(1);
        }
        offset += part;
        length -= part;
    }
}
