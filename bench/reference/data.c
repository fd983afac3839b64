/* The files that are read: the same on every machine. */
#define _GNU_SOURCE
#include "reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void make_file(const char *path, int64_t bytes, uint64_t seed)
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

void file_path(char *path, const char *directory, int package, int file)
{
    if (package < 0)
        sprintf(path, "%s/lib%d", directory, file);
    else
        sprintf(path, "%s/package%02d/file%02d", directory, package, file);
}

void make_tree(const char *directory, uint64_t seed)
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
