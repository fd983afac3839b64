/* What the parts of the load share. Whatever goes wrong ends the program: a measurement that met an error is none. */
#ifndef READER_H
#define READER_H

#include <stddef.h>
#include <stdint.h>

#define PAGE 4096
#define CHUNK (128 << 10)
#define BLOCK (1 << 20)

/* The tree is like that of a container's image: packages of small files, and libraries. */
#define PACKAGES 24
#define PACKAGE_FILES 32
#define LIBRARIES 8

void die(const char *what);
uint64_t now_ns(void);

/* A time that is measured, and what the processors did meanwhile. */
struct span {
    uint64_t start;
    int64_t idle, all;
};

void span_begin(struct span *span);

/* Says "seconds=S busy=PERCENT": 100 is that no processor was idle. */
void span_end(const struct span *span, char text[64]);

uint64_t next_random(uint64_t *state);
int64_t below(uint64_t *state, int64_t bound);
void *memory(size_t size);
int open_file(const char *path, int flags);
int64_t size_of(int fd);
void read_all(int fd, void *buffer, size_t length, int64_t offset);
void write_all(int fd, const void *buffer, size_t length);

/* Ends the program where a range of a file differs from the original. */
void compare(int fd, int original, int64_t offset, size_t length);

/* The name of a file of the tree; the package is -1 for a library. */
void file_path(char *path, const char *directory, int package, int file);

void make_file(const char *path, int64_t bytes, uint64_t seed);
void make_tree(const char *directory, uint64_t seed);
void read_random(const char *path, const char *original, int readers, int64_t first, int64_t count, uint64_t seed);
void read_sequential(const char *path, const char *original, int64_t bytes);
void read_trace(const char *mount_point, const char *original, int steps, uint64_t seed, const char *options);
void download(char *url, const char *name, const char *path, int direct);

#endif
