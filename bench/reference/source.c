/* The two sources of the reference daemons. The HTTP side is as small as our own origin allows: no chunked bodies, no redirects. */
#define _GNU_SOURCE
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void source_parse(struct source *source, char *text)
{
    char *colon;

    memset(source, 0, sizeof(*source));
    if (strncmp(text, "http://", 7) != 0) {
        source->directory = text;
        return;
    }
    source->host = text + 7;
    colon = strchr(source->host, ':');
    if (!colon) {
        fprintf(stderr, "%s has no port\n", text);
        exit(2);
    }
    *colon = 0;
    source->port = colon + 1;
}

static int dial(const struct source *source, struct connection *connection)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *address;
    int one = 1;

    if (getaddrinfo(source->host, source->port, &hints, &address) != 0)
        return -1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connection->start = connection->end = 0;
    if (connection->fd >= 0 && connect(connection->fd, address->ai_addr, address->ai_addrlen) != 0) {
        close(connection->fd);
        connection->fd = -1;
    }
    freeaddrinfo(address);
    if (connection->fd < 0)
        return -1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return 0;
}

static int read_head(struct connection *connection, int64_t *length)
{
    char *end, *field;
    int status;

    connection->start = connection->end = 0;
    do {
        ssize_t count = recv(connection->fd, connection->buffer + connection->end, sizeof(connection->buffer) - 1 - connection->end, 0);
        if (count <= 0)
            return -1;
        connection->end += count;
        connection->buffer[connection->end] = 0;
        end = strstr(connection->buffer, "\r\n\r\n");
    } while (!end);
    *end = 0;
    connection->start = end + 4 - connection->buffer;
    field = strcasestr(connection->buffer, "\r\nContent-Length:");
    if (sscanf(connection->buffer, "HTTP/1.1 %d", &status) != 1 || !field)
        return -1;
    *length = strtoll(field + 17, NULL, 10);
    return status;
}

static int ask(const struct source *source, struct connection *connection, const char *method, const char *name,
               int64_t first, int64_t last, int64_t *length)
{
    char request[1024], range[80] = "";
    int size;

    if (connection->fd < 0 && dial(source, connection) != 0)
        return -1;
    if (last >= 0)
        snprintf(range, sizeof(range), "Range: bytes=%lld-%lld\r\n", (long long)first, (long long)last);
    size = snprintf(request, sizeof(request), "%s /%s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, name, source->host, range);
    if (send(connection->fd, request, size, MSG_NOSIGNAL) != size)
        return -1;
    return read_head(connection, length);
}

int http_get(const struct source *source, struct connection *connection, const char *name, int64_t first, int64_t last,
             int64_t *length)
{
    return ask(source, connection, "GET", name, first, last, length);
}

ssize_t http_body(struct connection *connection, void *buffer, size_t size)
{
    size_t held = connection->end - connection->start;

    if (held == 0)
        return recv(connection->fd, buffer, size, 0);
    if (size > held)
        size = held;
    memcpy(buffer, connection->buffer + connection->start, size);
    connection->start += size;
    return size;
}

int64_t source_open(const struct source *source, struct connection *connection, const char *name, int *fd)
{
    int64_t length;
    int status;

    *fd = -1;
    if (source->directory) {
        char path[4096];
        struct stat file;

        snprintf(path, sizeof(path), "%s/%s", source->directory, name);
        *fd = open(path, O_RDONLY | O_CLOEXEC);
        if (*fd < 0 || fstat(*fd, &file) != 0)
            return -errno;
        return file.st_size;
    }
    status = ask(source, connection, "HEAD", name, 0, -1, &length);
    return status == 200 ? length : status == 404 ? -ENOENT : -EIO;
}

int source_read(const struct source *source, struct connection *connection, const char *name, int fd,
                void *buffer, size_t length, int64_t offset)
{
    int64_t announced;
    size_t done = 0;

    if (!source->directory
        && (http_get(source, connection, name, offset, offset + (int64_t)length - 1, &announced) != 206 || announced != (int64_t)length)) {
        if (connection->fd >= 0)
            close(connection->fd);
        connection->fd = -1;
        return -1;
    }
    while (done < length) {
        ssize_t count = source->directory ? pread(fd, (char *)buffer + done, length - done, offset + done)
                                          : http_body(connection, (char *)buffer + done, length - done);
        if (count <= 0)
            return -1;
        done += count;
    }
    return 0;
}
