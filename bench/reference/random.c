/* Pages in random order, each once, by a number of readers at once. */
#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

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

void read_random(const char *path, const char *original_path, int readers, int64_t first, int64_t count, uint64_t seed)
{
    int fd = open_file(path, O_RDONLY), original = open_file(original_path, O_RDONLY);
    int64_t pages = size_of(original) / PAGE;
    uint32_t *order = memory(pages * sizeof(*order));
    uint64_t *latencies = memory(count * sizeof(*latencies));
    struct random_reader *all = calloc(readers, sizeof(*all));
    pthread_barrier_t barrier;
    struct span span;
    char text[64];

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
    span_begin(&span);
    for (int i = 0; i < readers; i++)
        pthread_join(all[i].thread, NULL);
    span_end(&span, text);
    for (int64_t i = 0; i < count; i++)
        compare(fd, original, (int64_t)order[first + i] * PAGE, PAGE);
    qsort(latencies, count, sizeof(*latencies), compare_latency);
    printf("requests=%lld %s p50_us=%.1f p99_us=%.1f max_us=%.1f\n", (long long)count, text,
           latencies[count / 2] / 1e3, latencies[count * 99 / 100] / 1e3, latencies[count - 1] / 1e3);
}
