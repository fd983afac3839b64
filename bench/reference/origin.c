/*
 * An HTTP/1.1 server of byte ranges, a given time away.
 *
 *   origin DIRECTORY PORT DELAY_MS
 *
 * Each request is answered after the delay, the bytes then come as fast as the connection takes them. A thread for each connection:
 * however many requests are under way, none waits for another. Every answer has Content-Length and an ETag; the files do not change,
 * so an If-Range always holds. "POST /.delay?MS" changes the delay; "GET /.served" says how many requests and bytes were served.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *directory;
static atomic_int delay_ms;
static atomic_llong requests, bytes;

static void wait_delay(void)
{
    int ms = delay_ms;
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
        ;
}

static int send_all(int fd, const char *data, size_t length, int flags)
{
    while (length > 0) {
        ssize_t count = send(fd, data, length, flags | MSG_NOSIGNAL);

        if (count <= 0)
            return -1;
        data += count;
        length -= count;
    }
    return 0;
}

static int send_text(int fd, int status, const char *text)
{
    char answer[256];
    int length = snprintf(answer, sizeof(answer), "HTTP/1.1 %d -\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(text), text);

    return send_all(fd, answer, length, 0);
}

static int send_control(int fd, const char *method, const char *path)
{
    char text[64] = "";

    if (strcmp(method, "POST") == 0 && strncmp(path, ".delay?", 7) == 0)
        delay_ms = atoi(path + 7);
    else
        snprintf(text, sizeof(text), "%lld %lld", (long long)requests, (long long)bytes);
    return send_text(fd, 200, text);
}

/* Bytes first to last of a file; last < 0 where no range was asked for. */
static int send_file(int fd, const char *method, const char *path, int64_t first, int64_t last)
{
    char head[512], name[4096];
    struct stat file;
    int ranged = first >= 0, body = strcmp(method, "GET") == 0, length, failed = 0;
    int source;

    snprintf(name, sizeof(name), "%s/%s", directory, path);
    source = strstr(path, "..") ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    if (source < 0 || fstat(source, &file) != 0 || !S_ISREG(file.st_mode)) {
        if (source >= 0)
            close(source);
        return send_text(fd, 404, "");
    }
    if (!ranged)
        first = 0;
    if (last < 0 || last >= file.st_size)
        last = file.st_size - 1;
    length = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %lld\r\nAccept-Ranges: bytes\r\nETag: \"%llx-%llx\"\r\n",
                      ranged ? "206 Partial Content" : "200 OK", (long long)(last - first + 1),
                      (unsigned long long)file.st_mtim.tv_sec, (unsigned long long)file.st_size);
    if (ranged)
        length += snprintf(head + length, sizeof(head) - length, "Content-Range: bytes %lld-%lld/%lld\r\n",
                           (long long)first, (long long)last, (long long)file.st_size);
    length += snprintf(head + length, sizeof(head) - length, "\r\n");
    failed = send_all(fd, head, length, body ? MSG_MORE : 0);
    for (off_t position = first; body && !failed && position <= last;) {
        ssize_t count = sendfile(fd, source, &position, last + 1 - position);

        failed = count <= 0;
        if (!failed)
            bytes += count;
    }
    close(source);
    return failed;
}

static int serve_request(int fd, char *request)
{
    char method[16], path[1024];
    char *field = strcasestr(request, "\r\nRange: bytes=");
    int64_t first = -1, last = -1;

    if (sscanf(request, "%15s /%1023s HTTP/1.1", method, path) != 2)
        return send_text(fd, 400, "");
    if (path[0] == '.')
        return send_control(fd, method, path);
    if (field) {
        char *dash;

        first = strtoll(field + 15, &dash, 10);
        if (*dash == '-' && dash[1] >= '0' && dash[1] <= '9')
            last = strtoll(dash + 1, NULL, 10);
    }
    requests++;
    wait_delay();
    return send_file(fd, method, path, first, last);
}

static void *serve(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char request[8192];
    size_t held = 0;

    for (;;) {
        char *end;
        ssize_t count = recv(fd, request + held, sizeof(request) - 1 - held, 0);

        if (count <= 0)
            break;
        held += count;
        request[held] = 0;
        end = strstr(request, "\r\n\r\n");
        if (!end)
            continue;
        end[2] = 0;
        if (serve_request(fd, request) != 0)
            break;
        /* Nobody here sends a second request before the first is answered. */
        held = 0;
    }
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    pthread_attr_t attributes;
    int listener, one = 1;

    if (argc != 4) {
        fprintf(stderr, "usage: origin DIRECTORY PORT DELAY_MS\n");
        return 2;
    }
    directory = argv[1];
    address.sin_port = htons(atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    delay_ms = atoi(argv[3]);
    signal(SIGPIPE, SIG_IGN);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 1024) != 0) {
        perror("listen");
        return 1;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    puts("ready");
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        if (pthread_create(&thread, &attributes, serve, (void *)(intptr_t)fd) != 0)
            close(fd);
    }
}
