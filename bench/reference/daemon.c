/*
 * The daemons that the library is measured against: what a careful C programmer writes with nothing but the kernel's interface.
 *
 *   daemon CACHE SOURCE [--threads N] [--widen BYTES]
 *
 * Each thread polls the device, reads until nothing is pending, and answers each READ before it reads the next. With --widen a READ brings
 * the aligned block of that size around it, as far as it is not cached yet. SOURCE is a directory or http://HOST:PORT.
 */
#define _GNU_SOURCE
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cachefiles.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PAGE 4096LL
#define MAX_OBJECTS 65536
#define MAX_FILL (2LL << 20)

struct object {
    int fd;      /* the kernel's anonymous fd */
    int file;    /* the source's file, for a directory */
    int64_t length;
    char *name;
};

static struct source source;
static int device;
static int64_t widen;
/* By object id. A READ of an object comes after its OPEN was answered and before its CLOSE: no lock is needed. */
static struct object *objects[MAX_OBJECTS];

struct worker {
    struct connection connection;
    char *buffer;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void command(const char *text)
{
    if (write(device, text, strlen(text)) < 0)
        die(text);
}

static void serve_open(struct worker *worker, const struct cachefiles_msg *msg)
{
    const struct cachefiles_open *open = (const void *)msg->data;
    struct object *object = calloc(1, sizeof(*object));
    char answer[64];
    int64_t length;

    if (!object || msg->object_id >= MAX_OBJECTS)
        die("open");
    object->fd = open->fd;
    object->name = strndup((const char *)open->data + open->volume_key_size, open->cookie_key_size);
    length = source_open(&source, &worker->connection, object->name, &object->file);
    object->length = length;
    objects[msg->object_id] = object;
    snprintf(answer, sizeof(answer), "copen %u,%lld", msg->msg_id, (long long)length);
    if (write(device, answer, strlen(answer)) < 0)
        perror(answer);
    if (length < 0)
        close(object->fd);
}

static void serve_close(const struct cachefiles_msg *msg)
{
    struct object *object = objects[msg->object_id];

    objects[msg->object_id] = NULL;
    close(object->fd);
    if (object->file >= 0)
        close(object->file);
    free(object->name);
    free(object);
}

static int fill(struct worker *worker, const struct object *object, int64_t start, int64_t end)
{
    size_t padded;

    if (end > object->length)
        end = object->length;
    if (end - start > MAX_FILL) {
        errno = EMSGSIZE;
        return -1;
    }
    if (source_read(&source, &worker->connection, object->name, object->file, worker->buffer, end - start, start) != 0)
        return -1;
    padded = (end - start + PAGE - 1) & -PAGE;
    memset(worker->buffer + (end - start), 0, padded - (end - start));
    return pwrite(object->fd, worker->buffer, padded, start) == (ssize_t)padded ? 0 : -1;
}

/* Brings the holes of a block. */
static int fill_block(struct worker *worker, const struct object *object, int64_t start, int64_t end)
{
    while (start < end && start < object->length) {
        int64_t hole = lseek(object->fd, start, SEEK_HOLE);
        int64_t data;

        if (hole < 0 || hole >= end)
            return 0;
        data = lseek(object->fd, hole, SEEK_DATA);
        if (data < 0 || data > end)
            data = end;
        if (data > hole + MAX_FILL)
            data = hole + MAX_FILL;
        if (fill(worker, object, hole, data) != 0)
            return -1;
        start = data;
    }
    return 0;
}

static void serve_read(struct worker *worker, const struct cachefiles_msg *msg)
{
    const struct cachefiles_read *read = (const void *)msg->data;
    const struct object *object = objects[msg->object_id];
    int64_t start = read->off & -PAGE, end = (read->off + read->len + PAGE - 1) & -PAGE;
    int failed;

    if (widen)
        failed = fill_block(worker, object, start & -widen, (end + widen - 1) & -widen);
    else
        failed = fill(worker, object, start, end);
    if (failed)
        perror("READ");
    if (ioctl(object->fd, CACHEFILES_IOC_READ_COMPLETE, (unsigned long)msg->msg_id) != 0)
        perror("READ_COMPLETE");
}

static void *serve(void *unused)
{
    static _Thread_local union {
        struct cachefiles_msg msg;
        char bytes[CACHEFILES_MSG_MAX_SIZE];
    } message;
    struct worker worker = { .connection.fd = -1 };
    struct pollfd wait = { .fd = device, .events = POLLIN };

    if (posix_memalign((void **)&worker.buffer, PAGE, MAX_FILL) != 0)
        die("memory");
    for (;;) {
        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            die("poll");
        for (;;) {
            ssize_t length = read(device, &message, sizeof(message));

            if (length < 0)
                die("read");
            if (length == 0)
                break;
            if (message.msg.opcode == CACHEFILES_OP_OPEN)
                serve_open(&worker, &message.msg);
            else if (message.msg.opcode == CACHEFILES_OP_READ)
                serve_read(&worker, &message.msg);
            else
                serve_close(&message.msg);
        }
    }
    return unused;
}

int main(int argc, char **argv)
{
    int threads = 1;
    char text[4096];

    if (argc < 3) {
        fprintf(stderr, "usage: daemon CACHE SOURCE [--threads N] [--widen BYTES]\n");
        return 2;
    }
    source_parse(&source, argv[2]);
    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--threads") == 0)
            threads = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--widen") == 0)
            widen = atoll(argv[i + 1]);
    }
    device = open("/dev/cachefiles", O_RDWR | O_CLOEXEC);
    if (device < 0)
        die("/dev/cachefiles");
    snprintf(text, sizeof(text), "dir %s", argv[1]);
    command(text);
    command("bind ondemand");
    for (int i = 1; i < threads; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, serve, NULL) != 0)
            die("thread");
    }
    puts("ready");
    fflush(stdout);
    serve(NULL);
    return 0;
}
