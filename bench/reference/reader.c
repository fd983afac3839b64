/*
 * The load: it makes the data, reads it through a cold mount, and says how long that took. What was read is compared with the original
 * afterwards, from the page cache, so that the comparison costs no measured time.
 *
 *   reader make FILE BYTES SEED                          a file of pseudo-random words
 *   reader tree DIRECTORY SEED                           files like those of a container's image
 *   reader random FILE ORIGINAL READERS FIRST COUNT SEED pages FIRST..FIRST+COUNT of a shuffle of the file's pages, each once
 *   reader sequential FILE ORIGINAL BYTES                the first bytes, 128 KiB a time
 *   reader trace MOUNTPOINT ORIGINAL STEPS SEED OPTIONS  mounts an image, then the reads of a container's start in its directory "tree"
 *   reader download URL NAME FILE direct|cached          plain download, onto the disk
 *
 * Results are words NAME=VALUE on one line; a difference to the original is an error.
 */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    else if (strcmp(what, "trace") == 0 && argc == 7)
        read_trace(argv[2], argv[3], atoi(argv[4]), strtoull(argv[5], NULL, 10), argv[6]);
    else if (strcmp(what, "download") == 0 && argc == 6)
        download(argv[2], argv[3], argv[4], strcmp(argv[5], "direct") == 0);
    else {
        fprintf(stderr, "reader: unknown arguments; see the head of reader.c\n");
        return 2;
    }
    return 0;
}
