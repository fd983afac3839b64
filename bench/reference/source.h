/* Where a reference daemon's bytes come from: the files of a directory, or an HTTP origin. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdint.h>
#include <sys/types.h>

struct source {
    const char *directory;  /* or NULL: then the origin */
    const char *host;
    const char *port;
};

/* One connection of one thread, made when it is first needed. */
struct connection {
    int fd;
    char buffer[16384];
    size_t start, end;
};

/* "DIR" or "http://HOST:PORT". */
void source_parse(struct source *source, char *text);

/* The length of an object, or a negative errno. For a directory *fd becomes its open file. */
int64_t source_open(const struct source *source, struct connection *connection, const char *name, int *fd);

/* Brings exactly length bytes, or returns -1. */
int source_read(const struct source *source, struct connection *connection, const char *name, int fd,
                void *buffer, size_t length, int64_t offset);

/* A request's head has been sent and its answer's head is read: the status, and the length of the body that follows. */
int http_get(const struct source *source, struct connection *connection, const char *name, int64_t first, int64_t last,
             int64_t *length);

/* Up to size bytes of the body. */
ssize_t http_body(struct connection *connection, void *buffer, size_t size);

#endif
