/* One file from its beginning: through a mount, and for comparison downloaded. */
#define _GNU_SOURCE
#include "reader.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void read_sequential(const char *path, const char *original_path, int64_t bytes)
{
    int fd = open_file(path, O_RDONLY), original = open_file(original_path, O_RDONLY);
    char *chunk = memory(CHUNK);
    struct span span;
    char text[64];

    span_begin(&span);
    for (int64_t offset = 0; offset < bytes; offset += CHUNK)
        read_all(fd, chunk, bytes - offset < CHUNK ? bytes - offset : CHUNK, offset);
    span_end(&span, text);
    compare(fd, original, 0, bytes);
    printf("bytes=%lld %s\n", (long long)bytes, text);
}

void download(char *url, const char *name, const char *path, int direct)
{
    struct source source;
    struct connection connection = { .fd = -1 };
    int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0));
    char *block = memory(BLOCK);
    struct span span;
    char text[64];
    int64_t length, done = 0;
    size_t held = 0;

    span_begin(&span);
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
    span_end(&span, text);
    printf("bytes=%lld %s\n", (long long)length, text);
}
