/*
 * The load: it makes the data, reads it through a cold mount, and says how long that took. What was read is compared with the original
 * afterwards, from the page cache, so that the comparison costs no measured time.
 *
 *   reader make FILE BYTES SEED                          a file of pseudo-random words
 *   reader tree DIRECTORY SEED                           files like those of a container's image
 *   reader random FILE ORIGINAL READERS FIRST COUNT SEED pages FIRST..FIRST+COUNT of a shuffle of the file's pages, each once
 *   reader sequential FILE ORIGINAL BYTES                the first bytes, 128 KiB a time
 *   reader trace DIRECTORY ORIGINAL SEED                 the reads of a container's start
 *   reader download URL NAME FILE direct|cached          plain download, onto the disk
 *
 * Results are words NAME=VALUE on one line; a difference to the original is an error.
 */
#define _GNU_SOURCE
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define CHUNK (128 << 10)
#define BLOCK (1 << 20)

static void die(const char *what)
{
    fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static int64_t below(uint64_t *state, int64_t bound)
{
    return (int64_t)(next_random(state) % (uint64_t)bound);
}

static void *memory(size_t size)
{
    void *block;

    if (posix_memalign(&block, PAGE, size) != 0)
        die("memory");
    return block;
}

static int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);

    if (fd < 0)
        die(path);
    return fd;
}

static int64_t size_of(int fd)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        die("fstat");
    return file.st_size;
}

static void read_all(int fd, void *buffer, size_t length, int64_t offset)
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

static void write_all(int fd, const void *buffer, size_t length)
{
    if (write(fd, buffer, length) != (ssize_t)length)
        die("write");
}

static void compare(int fd, int original, int64_t offset, size_t length)
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

/* ---- data ---- */

static void make_file(const char *path, int64_t bytes, uint64_t seed)
{
    int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    uint64_t *words = memory(BLOCK);

    for (int64_t done = 0; done < bytes; done += BLOCK) {
        int64_t part = bytes - done < BLOCK ? bytes - done : BLOCK;

        for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
            words[i] = next_random(&seed);
        write_all(fd, words, part);
    }
    free(words);
    close(fd);
}

#define PACKAGES 24
#define PACKAGE_FILES 32
#define LIBRARIES 8

static void file_path(char *path, const char *directory, int package, int file)
{
    if (package < 0)
        sprintf(path, "%s/lib%d", directory, file);
    else
        sprintf(path, "%s/package%02d/file%02d", directory, package, file);
}

static void make_tree(const char *directory, uint64_t seed)
{
    char path[4096];

    for (int package = 0; package < PACKAGES; package++) {
        sprintf(path, "%s/package%02d", directory, package);
        if (mkdir(path, 0755) != 0)
            die(path);
        for (int file = 0; file < PACKAGE_FILES; file++) {
            int64_t scale = 512LL << below(&seed, 8);

            file_path(path, directory, package, file);
            make_file(path, scale + below(&seed, scale), next_random(&seed));
        }
    }
    for (int file = 0; file < LIBRARIES; file++) {
        file_path(path, directory, -1, file);
        make_file(path, (2 << 20) + below(&seed, 10 << 20), next_random(&seed));
    }
}

/* ---- random ---- */

struct random_reader {
    pthread_t thread;
    pthread_barrier_t *barrier;
    int fd;
    const uint32_t *pages;
    uint64_t *latencies;
    int64_t count;
};

static void *read_pages(void *argument)
{
    struct random_reader *reader = argument;
    char *page = memory(PAGE);

    pthread_barrier_wait(reader->barrier);
    for (int64_t i = 0; i < reader->count; i++) {
        uint64_t start = now_ns();

        read_all(reader->fd, page, PAGE, (int64_t)reader->pages[i] * PAGE);
        reader->latencies[i] = now_ns() - start;
    }
    free(page);
    return NULL;
}

static int compare_latency(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void read_random(const char *path, const char *original_path, int readers, int64_t first, int64_t count, uint64_t seed)
{
    int fd = open_file(path, O_RDONLY), original = open_file(original_path, O_RDONLY);
    int64_t pages = size_of(original) / PAGE;
    uint32_t *order = memory(pages * sizeof(*order));
    uint64_t *latencies = memory(count * sizeof(*latencies)), start, elapsed;
    struct random_reader *all = calloc(readers, sizeof(*all));
    pthread_barrier_t barrier;

    if (first + count > pages || !all) {
        errno = EINVAL;
        die("too few pages");
    }
    for (int64_t i = 0; i < pages; i++)
        order[i] = i;
    for (int64_t i = pages - 1; i > 0; i--) {
        int64_t j = below(&seed, i + 1);
        uint32_t page = order[i];

        order[i] = order[j];
        order[j] = page;
    }
    /* One read is one READ of one page. */
    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    pthread_barrier_init(&barrier, NULL, readers + 1);
    for (int i = 0; i < readers; i++) {
        int64_t from = count * i / readers, to = count * (i + 1) / readers;

        all[i] = (struct random_reader) {
            .barrier = &barrier, .fd = fd, .pages = order + first + from, .latencies = latencies + from, .count = to - from,
        };
        if (pthread_create(&all[i].thread, NULL, read_pages, &all[i]) != 0)
            die("thread");
    }
    pthread_barrier_wait(&barrier);
    start = now_ns();
    for (int i = 0; i < readers; i++)
        pthread_join(all[i].thread, NULL);
    elapsed = now_ns() - start;
    for (int64_t i = 0; i < count; i++)
        compare(fd, original, (int64_t)order[first + i] * PAGE, PAGE);
    qsort(latencies, count, sizeof(*latencies), compare_latency);
    printf("requests=%lld seconds=%.6f p50_us=%.1f p99_us=%.1f max_us=%.1f\n", (long long)count, elapsed / 1e9,
           latencies[count / 2] / 1e3, latencies[count * 99 / 100] / 1e3, latencies[count - 1] / 1e3);
}

/* ---- sequential ---- */

static void read_sequential(const char *path, const char *original_path, int64_t bytes)
{
    int fd = open_file(path, O_RDONLY), original = open_file(original_path, O_RDONLY);
    char *chunk = memory(CHUNK);
    uint64_t start = now_ns(), elapsed;

    for (int64_t offset = 0; offset < bytes; offset += CHUNK)
        read_all(fd, chunk, bytes - offset < CHUNK ? bytes - offset : CHUNK, offset);
    elapsed = now_ns() - start;
    compare(fd, original, 0, bytes);
    printf("bytes=%lld seconds=%.6f\n", (long long)bytes, elapsed / 1e9);
}

/* ---- trace ---- */

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

static void read_trace(const char *directory, const char *original, uint64_t seed)
{
    char *buffer = memory(CHUNK);
    uint64_t start, elapsed;
    int fd = -1;

    for (int step = 0; step < LIBRARIES; step++) {
        touch_package(&seed);
        if (step % 4 == 3)
            touch_run(&seed, step);
        else
            touch_library(&seed, step);
    }
    start = now_ns();
    for (int i = 0; i < trace_length; i++) {
        if (i == 0 || trace[i].package != trace[i - 1].package || trace[i].file != trace[i - 1].file) {
            if (fd >= 0)
                close(fd);
            fd = open_touched(directory, &trace[i]);
        }
        if (pread(fd, buffer, trace[i].length, trace[i].offset) < 0)
            die("trace");
    }
    elapsed = now_ns() - start;
    printf("reads=%d seconds=%.6f touched=%lld\n", trace_length, elapsed / 1e9,
           (long long)check_trace(directory, original) * PAGE);
}

/* ---- download ---- */

static void download(char *url, const char *name, const char *path, int direct)
{
    struct source source;
    struct connection connection = { .fd = -1 };
    int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0));
    char *block = memory(BLOCK);
    uint64_t start = now_ns(), elapsed;
    int64_t length, done = 0;
    size_t held = 0;

    source_parse(&source, url);
    if (http_get(&source, &connection, name, 0, -1, &length) != 200) {
        errno = EPROTO;
        die(url);
    }
    while (done < length) {
        ssize_t count = http_body(&connection, block + held, BLOCK - held);

        if (count <= 0)
            die("download");
        held += count;
        done += count;
        if (held == BLOCK || done == length) {
            size_t padded = direct ? (held + PAGE - 1) & -(size_t)PAGE : held;

            memset(block + held, 0, padded - held);
            write_all(fd, block, padded);
            held = 0;
        }
    }
    if (fsync(fd) != 0)
        die("fsync");
    elapsed = now_ns() - start;
    printf("bytes=%lld seconds=%.6f\n", (long long)length, elapsed / 1e9);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "make") == 0 && argc == 5)
        make_file(argv[2], atoll(argv[3]), strtoull(argv[4], NULL, 10));
    else if (strcmp(what, "tree") == 0 && argc == 4)
        make_tree(argv[2], strtoull(argv[3], NULL, 10));
    else if (strcmp(what, "random") == 0 && argc == 8)
        read_random(argv[2], argv[3], atoi(argv[4]), atoll(argv[5]), atoll(argv[6]), strtoull(argv[7], NULL, 10));
    else if (strcmp(what, "sequential") == 0 && argc == 5)
        read_sequential(argv[2], argv[3], atoll(argv[4]));
    else if (strcmp(what, "trace") == 0 && argc == 5)
        read_trace(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    else if (strcmp(what, "download") == 0 && argc == 6)
        download(argv[2], argv[3], argv[4], strcmp(argv[5], "direct") == 0);
    else {
        fprintf(stderr, "reader: unknown arguments; see the head of reader.c\n");
        return 2;
    }
    return 0;
}
