/* What a container touches when it starts: neighbouring small files, pages here and there in libraries, runs of larger files. */
#define _GNU_SOURCE
#include "reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

struct touch {
    int package, file;
    int64_t offset, length;
};

static struct touch trace[4096];
static int trace_length;

static void touch(int package, int file, int64_t offset, int64_t length)
{
    trace[trace_length++] = (struct touch) { package, file, offset, length };
}

/* Neighbouring small files, all of each. */
static void touch_package(uint64_t *seed)
{
    int package = below(seed, PACKAGES), count = 6 + below(seed, 10), file = below(seed, PACKAGE_FILES - count);

    for (int i = 0; i < count; i++)
        touch(package, file + i, 0, CHUNK);
}

/* A library: its head, then some clusters of pages. */
static void touch_library(uint64_t *seed, int file)
{
    touch(-1, file, 0, 64 << 10);
    for (int cluster = 0; cluster < 5; cluster++) {
        int64_t place = below(seed, 450) * PAGE;

        for (int i = 0; i < 6; i++)
            touch(-1, file, place + below(seed, 16) * PAGE, PAGE);
    }
}

static void touch_run(uint64_t *seed, int file)
{
    int64_t place = below(seed, 64) * PAGE;

    for (int i = 0; i < 12; i++)
        touch(-1, file, place + i * (int64_t)CHUNK, CHUNK);
}

static int open_touched(const char *directory, const struct touch *touch)
{
    char path[4096];

    file_path(path, directory, touch->package, touch->file);
    return open_file(path, O_RDONLY);
}

/* How many different pages the trace has touched; each is compared with the original. */
static int64_t check_trace(const char *directory, const char *original_directory)
{
    static uint8_t seen[PACKAGES * PACKAGE_FILES + LIBRARIES][(12 << 20) / PAGE];
    int64_t pages = 0;

    for (int i = 0; i < trace_length; i++) {
        const struct touch *touch = &trace[i];
        int fd = open_touched(directory, touch), original = open_touched(original_directory, touch);
        int64_t end = touch->offset + touch->length, size = size_of(original);
        uint8_t *file = seen[touch->package < 0 ? PACKAGES * PACKAGE_FILES + touch->file : touch->package * PACKAGE_FILES + touch->file];

        if (end > size)
            end = size;
        compare(fd, original, touch->offset, end - touch->offset);
        for (int64_t page = touch->offset / PAGE; page * PAGE < end; page++) {
            pages += !file[page];
            file[page] = 1;
        }
        close(fd);
        close(original);
    }
    return pages;
}

void read_trace(const char *mount_point, const char *original, int steps, uint64_t seed, const char *options)
{
    char *buffer = memory(CHUNK), directory[4096];
    uint64_t mounted;
    struct span span;
    char text[64];
    int fd = -1;

    snprintf(directory, sizeof(directory), "%s/tree", mount_point);
    for (int step = 0; step < steps && step < LIBRARIES; step++) {
        touch_package(&seed);
        if (step % 4 == 3)
            touch_run(&seed, step);
        else
            touch_library(&seed, step);
    }
    span_begin(&span);
    if (mount("none", mount_point, "erofs", MS_RDONLY, options) != 0)
        die("mount");
    mounted = now_ns() - span.start;
    for (int i = 0; i < trace_length; i++) {
        if (i == 0 || trace[i].package != trace[i - 1].package || trace[i].file != trace[i - 1].file) {
            if (fd >= 0)
                close(fd);
            fd = open_touched(directory, &trace[i]);
        }
        if (pread(fd, buffer, trace[i].length, trace[i].offset) < 0)
            die("trace");
    }
    span_end(&span, text);
    printf("reads=%d %s mount=%.6f touched=%lld\n", trace_length, text, mounted / 1e9,
           (long long)check_trace(directory, original) * PAGE);
}
