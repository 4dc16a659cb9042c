/*
 * The limit: one thread, epoll, and one send() for each message and subscriber, over WebSocket or Server-Sent Events.
 * It promises nothing that Polywire promises; what it costs is what the kernel costs. Steered like every server here:
 * it prints "ready PORT" and answers each line of its standard input with one line.
 *
 *   limit              one send() each
 *   limit join         what is due in one turn of the loop goes to each subscriber in one send(), with one channel
 *   limit FAULT        skip, repeat or swap is done to every 1000th message of one subscriber
 *
 * GET /ws?channel=N upgrades, GET /sse?channel=N streams. What a client sends on a WebSocket is published to its channel.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "websocket.h"

enum { IN_SIZE = 4096, MAX_BACKLOG = 4 << 20, MAX_FD = 1 << 20, MAX_CHANNELS = 1 << 17 };

typedef struct connection {
  int fd, channel, index; /* index: in its channel, -1 until it subscribes */
  int sse, first;         /* first: whether a fault is done to it */
  size_t have;
  char *backlog; /* what the kernel did not take */
  size_t backlog_from, backlog_size, backlog_room;
  char *held; /* swap: the message that waits for the next */
  size_t held_size;
  char in[IN_SIZE];
} connection;

typedef struct {
  connection **all;
  int count, room;
} channel;

static connection *by_fd[MAX_FD];
static channel channels[MAX_CHANNELS];
static int loop, listener;
static const char *fault = "";
static int join;
static char joined[256 << 10];
static size_t joined_size;

static long numbered;

static int running, fan;
static double interval;
static int size;
static int64_t begun;
static long published;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void drop(connection *c) {
  if (c->index >= 0) {
    channel *in = &channels[c->channel];
    in->all[c->index] = in->all[--in->count];
    in->all[c->index]->index = c->index;
  }
  by_fd[c->fd] = NULL;
  close(c->fd);
  free(c->backlog);
  free(c->held);
  free(c);
}

static void want(connection *c, uint32_t events) {
  struct epoll_event e = {.events = events, .data.fd = c->fd};
  epoll_ctl(loop, EPOLL_CTL_MOD, c->fd, &e);
}

/* Returns 0 when the connection is gone. */
static int put(connection *c, const char *bytes, size_t length) {
  ssize_t sent = 0;
  if (c->backlog_size == 0) {
    sent = send(c->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == (ssize_t)length) return 1;
    if (sent < 0) {
      if (errno != EAGAIN) return drop(c), 0;
      sent = 0;
    }
    want(c, EPOLLIN | EPOLLOUT);
  }
  size_t rest = length - (size_t)sent;
  if (c->backlog_size + rest > MAX_BACKLOG) return drop(c), 0;
  if (c->backlog_from + c->backlog_size + rest > c->backlog_room) {
    size_t room = 2 * (c->backlog_size + rest) + 4096;
    char *larger = malloc(room);
    if (!larger) die("malloc");
    memcpy(larger, c->backlog + c->backlog_from, c->backlog_size);
    free(c->backlog);
    c->backlog = larger, c->backlog_from = 0, c->backlog_room = room;
  }
  memcpy(c->backlog + c->backlog_from + c->backlog_size, bytes + sent, rest);
  c->backlog_size += rest;
  return 1;
}

static void writable(connection *c) {
  ssize_t sent = send(c->fd, c->backlog + c->backlog_from, c->backlog_size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) drop(c);
    return;
  }
  c->backlog_from += (size_t)sent;
  c->backlog_size -= (size_t)sent;
  if (c->backlog_size == 0) {
    c->backlog_from = 0;
    want(c, EPOLLIN);
  }
}

/* Skips, repeats or swaps every 1000th message of the chosen subscriber. Returns whether the message was dealt with. */
static int faulty(connection *c, const char *bytes, size_t length) {
  if (c->held) {
    char *held = c->held;
    c->held = NULL;
    if (put(c, bytes, length)) put(c, held, c->held_size);
    free(held);
    return 1;
  }
  if (numbered % 1000 != 0) return 0;
  if (!strcmp(fault, "skip")) return 1;
  if (!strcmp(fault, "repeat")) {
    if (put(c, bytes, length)) put(c, bytes, length);
    return 1;
  }
  c->held = malloc(length);
  if (!c->held) die("malloc");
  memcpy(c->held, bytes, length);
  c->held_size = length;
  return 1;
}

static void send_joined(int to) {
  channel *in = &channels[to];
  if (joined_size == 0) return;
  for (int i = in->count - 1; i >= 0; i--) put(in->all[i], joined, joined_size);
  joined_size = 0;
}

static void broadcast(int to, const char *text, size_t length) {
  static char frame[1 << 17], event[1 << 17];
  size_t head, streamed;
  channel *in = &channels[to];
  head = websocket_head(length, frame);
  memcpy(frame + head, text, length);
  streamed = (size_t)sprintf(event, "%zx\r\ndata: ", length + 8);
  memcpy(event + streamed, text, length);
  memcpy(event + streamed + length, "\n\n\r\n", 4);
  streamed += length + 4;
  if (join) { /* over WebSocket only */
    if (joined_size + head + length > sizeof joined) send_joined(to);
    memcpy(joined + joined_size, frame, head + length);
    joined_size += head + length;
    return;
  }
  /* From the end: a connection that is dropped is replaced by the last one. */
  for (int i = in->count - 1; i >= 0; i--) {
    connection *c = in->all[i];
    const char *bytes = c->sse ? event : frame;
    size_t total = c->sse ? streamed : head + length;
    if (*fault && c->first && faulty(c, bytes, total)) continue;
    put(c, bytes, total);
  }
}

static void number(char *out, int digits, int64_t value) {
  while (digits--) out[digits] = (char)('0' + value % 10), value /= 10;
}

static int64_t due(void) { return begun + (int64_t)((double)published * interval); }

/* Returns the milliseconds to wait. */
static int pace(void) {
  static char text[1 << 16];
  if (!running) return -1;
  int64_t time = now(), next = due();
  int burst = (int)(0.02e9 / interval) + 1;
  for (int i = 0; i < burst && next <= time; i++) {
    memset(text, '.', (size_t)size);
    text[0] = text[size - 1] = '"', text[1] = '#', text[12] = '@';
    numbered = published / fan + 1;
    number(text + 2, 10, numbered);
    number(text + 13, 19, next);
    broadcast((int)(published % fan), text, (size_t)size);
    published++;
    next = due();
  }
  if (join) send_joined(0);
  int64_t wait = next - now();
  return wait <= 0 ? 1 : (int)((wait + 999999) / 1000000);
}

static void open_channel(connection *c, const char *request) {
  const char *query = strstr(request, "channel=");
  c->channel = query ? atoi(query + 8) % MAX_CHANNELS : 0;
  channel *in = &channels[c->channel];
  if (in->count == in->room) {
    in->room = in->room ? 2 * in->room : 4;
    in->all = realloc(in->all, sizeof(connection *) * (size_t)in->room);
    if (!in->all) die("realloc");
  }
  c->index = in->count;
  in->all[in->count++] = c;
}

static int request(connection *c, const char *text) {
  char reply[256];
  if (!strncmp(text, "GET /sse", 8)) {
    c->sse = 1;
    open_channel(c, text);
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    return put(c, ok, sizeof ok - 1);
  }
  const char *given = strcasestr(text, "Sec-WebSocket-Key: ");
  if (!given) return drop(c), 0;
  size_t length = websocket_reply(given + 19, strcspn(given + 19, "\r\n"), reply);
  if (!length) return drop(c), 0;
  open_channel(c, text);
  return put(c, reply, length);
}

/* Publishes the text frames of a client. Returns 0 when the connection is gone. */
static int frames(connection *c) {
  size_t at = 0, length;
  websocket_frame frame;
  while ((length = websocket_read(c->in + at, c->have - at, &frame))) {
    if (length > IN_SIZE) return drop(c), 0;
    if (length > c->have - at) break;
    if (frame.opcode == WEBSOCKET_CLOSE) return drop(c), 0;
    if (frame.opcode == WEBSOCKET_TEXT) {
      int fd = c->fd;
      broadcast(c->channel, frame.bytes, frame.length);
      if (!by_fd[fd]) return 0;
    }
    at += length;
  }
  memmove(c->in, c->in + at, c->have - at);
  c->have -= at;
  return 1;
}

static void readable(connection *c) {
  ssize_t got = recv(c->fd, c->in + c->have, IN_SIZE - 1 - c->have, MSG_DONTWAIT);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) drop(c);
    return;
  }
  c->have += (size_t)got;
  if (c->index >= 0) {
    if (c->sse) c->have = 0;
    else frames(c);
    return;
  }
  c->in[c->have] = 0;
  char *end = strstr(c->in, "\r\n\r\n");
  if (!end) {
    if (c->have == IN_SIZE - 1) drop(c);
    return;
  }
  if (!request(c, c->in)) return;
  size_t used = (size_t)(end + 4 - c->in);
  memmove(c->in, c->in + used, c->have - used);
  c->have -= used;
}

static void accept_all(void) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= MAX_FD) {
      close(fd);
      continue;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection *c = calloc(1, sizeof *c);
    if (!c) die("calloc");
    c->fd = fd, c->index = -1;
    by_fd[fd] = c;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e);
  }
}

static void command(const char *line) {
  double rate;
  if (sscanf(line, "start %lf %d %d", &rate, &fan, &size) == 3) {
    if (size < 33) size = 33;
    if (size > 65000) size = 65000;
    interval = 1e9 / rate, published = 0, begun = now(), running = 1;
    if (channels[0].count) channels[0].all[0]->first = 1;
    puts("started");
  } else if (!strncmp(line, "stop", 4)) {
    running = 0;
    printf("stopped %ld\n", published);
  } else if (!strncmp(line, "published", 9)) {
    printf("published %ld\n", published);
  } else if (!strncmp(line, "quit", 4)) {
    exit(0);
  } else {
    printf("%.*s -1\n", (int)strcspn(line, " "), line); /* it has no heap to speak of */
  }
  fflush(stdout);
}

static void commands(void) {
  static char text[1024];
  static size_t have;
  ssize_t got = read(0, text + have, sizeof text - 1 - have);
  if (got <= 0) exit(0);
  have += (size_t)got;
  text[have] = 0;
  char *line = text, *end;
  while ((end = strchr(line, '\n'))) {
    *end = 0;
    command(line);
    line = end + 1;
  }
  have = strlen(line);
  memmove(text, line, have);
}

int main(int count, char **words) {
  if (count > 1) fault = words[1];
  if (!strcmp(fault, "join")) join = 1, fault = "";
  if (*fault && strcmp(fault, "skip") && strcmp(fault, "repeat") && strcmp(fault, "swap")) {
    fprintf(stderr, "limit: join, skip, repeat or swap, not %s.\n", fault);
    return 2;
  }
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) die("listen");
  getsockname(listener, (struct sockaddr *)&at, &length);
  loop = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e);
  e.data.fd = 0;
  epoll_ctl(loop, EPOLL_CTL_ADD, 0, &e);
  printf("ready %d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event ready[256];
    int n = epoll_wait(loop, ready, 256, pace());
    for (int i = 0; i < n; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) accept_all();
      else if (fd == 0) commands();
      else {
        if (by_fd[fd] && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(by_fd[fd]);
        if (by_fd[fd] && ready[i].events & EPOLLOUT && by_fd[fd]->backlog_size) writable(by_fd[fd]);
      }
    }
  }
}
