/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket loop. A connection belongs to the loop except while it is
 * RUNNING, when it belongs to one worker of the pool. */
#define _GNU_SOURCE /* accept4 () and POLLRDHUP */

#include "server-loop.h"

#include "server-pool.h"
#include "timebase.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_NS (15 * DW_SECOND_NS)
#define REQUEST_NS (10 * DW_SECOND_NS)
#define WRITE_NS (10 * DW_SECOND_NS)
#define DRAIN_NS (1 * DW_SECOND_NS)
#define FAREWELL_NS (1 * DW_SECOND_NS)
#define ACCEPT_PAUSE_NS (100 * DW_MILLISECOND_NS)
#define MAX_REQUESTS 100         /* of one connection */
#define MAX_BUFFERED (32u << 20) /* bytes of all requests under way */

typedef enum
{
  READING = 0,
  RUNNING,
  PARKED,
  WRITING,
  DRAINING, /* answered and refused: read the rest, or the answer is lost */
} State;

typedef struct
{
  DwPoolJob job; /* first: the pool knows nothing else */
  int fd;
  State state;
  int64_t deadline_ns;
  DwHttpReader reader;
  bool told_continue;
  bool closes;
  bool drains;
  char *out;
  size_t out_size, out_sent;
  unsigned n_requests;
  unsigned n_parked;
  unsigned wake_serial;
  int64_t first_ns;
  DwHttpAnswer answer;
  char local[80];
} Connection;

struct DwHttpServer
{
  DwHttpHandler handler;
  void *user_data;
  uint16_t port;
  int listen_fd;
  DwPool *pool;
  pthread_t loop;
  bool has_loop;
  atomic_uint wake_serial;
  atomic_bool is_ending;

  /* The loop's own. */
  Connection *connections[DW_HTTP_MAX_CONNECTIONS];
  size_t n_connections;
  size_t n_buffered;
  unsigned seen_serial;
  int64_t accept_after_ns;
};

/* On a worker. */
static void
work (DwPoolJob *job, unsigned worker, void *user_data)
{
  DwHttpServer *server = user_data;
  Connection *connection = (Connection *)job;
  const DwHttpCall call = { .server = server,
                            .head = &connection->reader.head,
                            .body = dw_http_reader_body (&connection->reader),
                            .body_size = connection->reader.body_size,
                            .local = connection->local,
                            .worker = worker,
                            .n_parked = connection->n_parked,
                            .first_ns = connection->first_ns,
                            .is_last = atomic_load (&server->is_ending) };

  /* Read before the handler looks: a wake after this asks it again. */
  connection->wake_serial = atomic_load (&server->wake_serial);
  memset (&connection->answer, 0, sizeof connection->answer);
  server->handler (&call, &connection->answer, server->user_data);
}

/* -- Connections, on the loop's thread ---------------------------------- */

static void
connection_close (DwHttpServer *server, size_t index)
{
  Connection *connection = server->connections[index];

  server->n_buffered -= connection->reader.capacity;
  server->connections[index] = server->connections[--server->n_connections];
  close (connection->fd);
  dw_http_reader_finish (&connection->reader);
  free (connection->out);
  free (connection);
}

static void
run (DwHttpServer *server, Connection *connection)
{
  connection->state = RUNNING;
  dw_pool_submit (server->pool, &connection->job);
}

/* False when the connection must be closed. */
static bool
begin_reply (Connection *connection, const DwHttpReply *reply)
{
  if (dw_http_reply_format (reply, &connection->out, &connection->out_size)
      != DW_OK)
    return false;
  connection->out_sent = 0;
  connection->closes = !reply->keeps_alive;
  connection->state = WRITING;
  connection->deadline_ns = dw_time_boot_ns () + WRITE_NS;
  return true;
}

static bool
refuse (Connection *connection, int status)
{
  const DwHttpReply reply = { .status = status };

  connection->drains = true;
  return begin_reply (connection, &reply);
}

/* Best effort: a client that does not get it sends the body after a while. */
static void
tell_continue (Connection *connection)
{
  static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

  if (connection->told_continue || connection->reader.head_size == 0
      || !connection->reader.head.wants_continue)
    return;
  connection->told_continue = true;
  if (send (connection->fd, text, sizeof text - 1, MSG_NOSIGNAL) < 0)
    connection->closes = true;
}

static bool
follow (DwHttpServer *server, Connection *connection, DwHttpProgress progress)
{
  const int64_t now_ns = dw_time_boot_ns ();

  switch (progress)
    {
    case DW_HTTP_READY:
      connection->n_requests++;
      connection->n_parked = 0;
      connection->first_ns = now_ns;
      run (server, connection);
      return true;
    case DW_HTTP_BROKEN:
      return refuse (connection, connection->reader.refusal);
    case DW_HTTP_MORE:
    default:
      connection->state = READING;
      tell_continue (connection);
      return true;
    }
}

static bool
on_readable (DwHttpServer *server, Connection *connection)
{
  char bytes[16384];
  const bool was_idle = connection->reader.size == 0;
  const size_t capacity = connection->reader.capacity;
  const ssize_t n = recv (connection->fd, bytes, sizeof bytes, 0);
  DwHttpProgress progress;

  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (n == 0)
    return false;
  if (connection->state == DRAINING)
    return true;
  if (was_idle)
    connection->deadline_ns = dw_time_boot_ns () + REQUEST_NS;
  progress = dw_http_reader_push (&connection->reader, bytes, (size_t)n);
  server->n_buffered += connection->reader.capacity - capacity;
  if (server->n_buffered > MAX_BUFFERED)
    return refuse (connection, 503);
  return follow (server, connection, progress);
}

static bool
after_reply (DwHttpServer *server, Connection *connection)
{
  const size_t capacity = connection->reader.capacity;
  DwHttpProgress progress;

  free (connection->out);
  connection->out = NULL;
  if (connection->drains)
    {
      shutdown (connection->fd, SHUT_WR);
      connection->state = DRAINING;
      connection->deadline_ns = dw_time_boot_ns () + DRAIN_NS;
      return true;
    }
  if (connection->closes)
    return false;
  progress = dw_http_reader_next (&connection->reader);
  server->n_buffered -= capacity - connection->reader.capacity;
  connection->told_continue = false;
  connection->deadline_ns
      = dw_time_boot_ns () + (connection->reader.size ? REQUEST_NS : IDLE_NS);
  return follow (server, connection, progress);
}

static bool
on_writable (DwHttpServer *server, Connection *connection)
{
  while (connection->out_sent < connection->out_size)
    {
      const ssize_t n
          = send (connection->fd, connection->out + connection->out_sent,
                  connection->out_size - connection->out_sent,
                  MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n < 0)
        return errno == EAGAIN || errno == EINTR;
      connection->out_sent += (size_t)n;
    }
  return after_reply (server, connection);
}

/* A worker has given the connection back. */
static bool
on_answer (DwHttpServer *server, Connection *connection)
{
  DwHttpAnswer *answer = &connection->answer;
  const bool is_ending = atomic_load (&server->is_ending);
  DwHttpReply reply;
  bool goes_on;

  if (answer->park_until_ns != 0)
    {
      connection->n_parked++;
      connection->deadline_ns = answer->park_until_ns;
      free (answer->body);
      if (connection->wake_serial != atomic_load (&server->wake_serial)
          || is_ending)
        run (server, connection);
      else
        connection->state = PARKED;
      return true;
    }
  reply = (DwHttpReply){
    .status = answer->status ? answer->status : 500,
    .content_type = answer->content_type[0] ? answer->content_type : NULL,
    .headers = answer->headers,
    .body = answer->body,
    .body_size = answer->body_size,
    .is_head = strcmp (connection->reader.head.method, "HEAD") == 0,
    .keeps_alive = connection->reader.head.keeps_alive && !is_ending
                   && connection->n_requests < MAX_REQUESTS
  };
  goes_on = begin_reply (connection, &reply);
  free (answer->body);
  answer->body = NULL;
  return goes_on && on_writable (server, connection);
}

static size_t
index_of (const DwHttpServer *server, const Connection *connection)
{
  size_t i = 0;

  while (i < server->n_connections && server->connections[i] != connection)
    i++;
  return i;
}

static void
take_answers (DwHttpServer *server)
{
  DwPoolJob *job;

  while ((job = dw_pool_take_done (server->pool)))
    {
      Connection *connection = (Connection *)job;

      if (!on_answer (server, connection))
        connection_close (server, index_of (server, connection));
    }
}

/* Makes room by closing the request that has been waited for longest. */
static bool
evict (DwHttpServer *server)
{
  size_t victim = server->n_connections;

  for (size_t i = 0; i < server->n_connections; i++)
    {
      const Connection *connection = server->connections[i];

      if (connection->state != READING && connection->state != DRAINING)
        continue;
      if (victim == server->n_connections
          || connection->deadline_ns < server->connections[victim]->deadline_ns)
        victim = i;
    }
  if (victim == server->n_connections)
    return false;
  connection_close (server, victim);
  return true;
}

static void
name_local (Connection *connection)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  char host[INET6_ADDRSTRLEN + 20];
  char port[8];

  memset (&address, 0, sizeof address);
  if (getsockname (connection->fd, (struct sockaddr *)&address, &size) != 0
      || getnameinfo ((struct sockaddr *)&address, size, host, sizeof host,
                      port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)
             != 0)
    return;
  snprintf (connection->local, sizeof connection->local,
            address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void
on_connect (DwHttpServer *server)
{
  const int one = 1;
  Connection *connection;
  int fd;

  if (server->n_connections == DW_HTTP_MAX_CONNECTIONS && !evict (server))
    {
      server->accept_after_ns = dw_time_boot_ns () + ACCEPT_PAUSE_NS;
      return;
    }
  fd = accept4 (server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0)
    {
      /* Out of descriptors: free one, and do not spin meanwhile. */
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
          || errno == ENOMEM)
        {
          evict (server);
          server->accept_after_ns = dw_time_boot_ns () + ACCEPT_PAUSE_NS;
        }
      return;
    }
  connection = calloc (1, sizeof *connection);
  if (connection == NULL)
    {
      close (fd);
      return;
    }
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  connection->fd = fd;
  connection->deadline_ns = dw_time_boot_ns () + IDLE_NS;
  name_local (connection);
  server->connections[server->n_connections++] = connection;
}

/* -- The loop ----------------------------------------------------------- */

static short
events_of (const Connection *connection)
{
  switch (connection->state)
    {
    case READING:
    case DRAINING:
      return POLLIN;
    case PARKED:
      return POLLRDHUP;
    case WRITING:
      return POLLOUT;
    case RUNNING:
    default:
      return 0;
    }
}

/* Fills `fds` in the order of the connections and returns how long to wait. */
static int
prepare (DwHttpServer *server, struct pollfd *fds, int64_t now_ns)
{
  int64_t until_ns = now_ns + 60 * DW_SECOND_NS;
  const bool accepts
      = !atomic_load (&server->is_ending) && now_ns >= server->accept_after_ns;

  fds[0] = (struct pollfd){ .fd = dw_pool_fd (server->pool), .events = POLLIN };
  fds[1] = (struct pollfd){ .fd = accepts ? server->listen_fd : -1,
                            .events = POLLIN };
  if (!accepts)
    until_ns = now_ns + ACCEPT_PAUSE_NS;
  for (size_t i = 0; i < server->n_connections; i++)
    {
      const Connection *connection = server->connections[i];

      /* A running one is the worker's: not even its hang-up is looked at. */
      fds[i + 2] = (struct pollfd){ .fd = connection->state == RUNNING
                                              ? -1
                                              : connection->fd,
                                    .events = events_of (connection) };
      if (connection->state != RUNNING && connection->deadline_ns < until_ns)
        until_ns = connection->deadline_ns;
    }
  if (until_ns <= now_ns)
    return 0;
  return (int)((until_ns - now_ns + DW_MILLISECOND_NS - 1) / DW_MILLISECOND_NS);
}

/* False when the connection must be closed. */
static bool
serve (DwHttpServer *server, Connection *connection, short revents,
       int64_t now_ns, bool is_woken)
{
  switch (connection->state)
    {
    case READING:
      if (revents & POLLIN)
        return on_readable (server, connection);
      if (revents || atomic_load (&server->is_ending))
        return false;
      if (now_ns < connection->deadline_ns)
        return true;
      return connection->reader.size > 0 && refuse (connection, 408);
    case DRAINING:
      if (revents & POLLIN && !on_readable (server, connection))
        return false;
      return now_ns < connection->deadline_ns;
    case WRITING:
      if (revents & POLLOUT)
        return on_writable (server, connection);
      return revents == 0 && now_ns < connection->deadline_ns;
    case PARKED:
      if (revents)
        return false;
      if (is_woken || now_ns >= connection->deadline_ns)
        run (server, connection);
      return true;
    case RUNNING:
    default:
      return true;
    }
}

static void
turn (DwHttpServer *server, struct pollfd *fds)
{
  /* Before anything is looked at, so that a wake meanwhile counts again. */
  const unsigned serial = atomic_load (&server->wake_serial);
  const bool is_woken
      = serial != server->seen_serial || atomic_load (&server->is_ending);
  const int64_t now_ns = dw_time_boot_ns ();

  server->seen_serial = serial;
  if (fds[0].revents)
    dw_pool_calm (server->pool);
  /* From the end: closing one moves the last into its place. */
  for (size_t i = server->n_connections; i-- > 0;)
    if (!serve (server, server->connections[i], fds[i + 2].revents, now_ns,
                is_woken))
      connection_close (server, i);
  take_answers (server);
  if (fds[1].revents & POLLIN)
    on_connect (server);
}

static bool
has_work (const DwHttpServer *server, bool only_running)
{
  for (size_t i = 0; i < server->n_connections; i++)
    {
      const State state = server->connections[i]->state;

      if (state == RUNNING || (!only_running && state != DRAINING))
        return true;
    }
  return false;
}

static void *
loop_main (void *data)
{
  DwHttpServer *server = data;
  struct pollfd fds[DW_HTTP_MAX_CONNECTIONS + 2];
  int64_t farewell_ns = 0;

  for (;;)
    {
      const int64_t now_ns = dw_time_boot_ns ();
      const int wait_ms = prepare (server, fds, now_ns);

      if (poll (fds, 2 + server->n_connections, wait_ms) < 0)
        for (size_t i = 0; i < 2 + server->n_connections; i++)
          fds[i].revents = 0;
      turn (server, fds);
      if (!atomic_load (&server->is_ending))
        continue;
      if (farewell_ns == 0)
        farewell_ns = now_ns + FAREWELL_NS;
      if (!has_work (server, now_ns >= farewell_ns))
        break;
    }
  while (server->n_connections > 0)
    connection_close (server, 0);
  return NULL;
}

/* -- Life --------------------------------------------------------------- */

static DwStatus
listen_on (DwHttpServer *server, const char *address, uint16_t port,
           DwError *error)
{
  const struct addrinfo hints
      = { .ai_family = address ? AF_UNSPEC : AF_INET,
          .ai_socktype = SOCK_STREAM,
          .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
  struct addrinfo *found = NULL;
  union
  {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } bound = { .v6 = { 0 } };
  socklen_t size = sizeof bound;
  const int one = 1;
  char text[8];
  int problem;

  snprintf (text, sizeof text, "%u", (unsigned)port);
  if (getaddrinfo (address, text, &hints, &found) != 0)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "'%s' is not a numeric address to listen on",
                         address ? address : "");
  server->listen_fd = socket (found->ai_family,
                              SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (server->listen_fd >= 0)
    setsockopt (server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (server->listen_fd < 0
      || bind (server->listen_fd, found->ai_addr, found->ai_addrlen) != 0
      || listen (server->listen_fd, 128) != 0
      || getsockname (server->listen_fd, &bound.any, &size) != 0)
    {
      problem = errno;
      freeaddrinfo (found);
      return dw_error_set (error, DW_ERROR_IO,
                           "cannot listen on %s port %u: %s",
                           address ? address : "any address", (unsigned)port,
                           strerror (problem));
    }
  freeaddrinfo (found);
  server->port = ntohs (bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port
                                                        : bound.v4.sin_port);
  return DW_OK;
}

DwStatus
dw_http_server_new (const char *address, uint16_t port, DwHttpHandler handler,
                    void *user_data, DwHttpServer **out, DwError *error)
{
  DwHttpServer *server = calloc (1, sizeof *server);
  DwStatus status;

  *out = NULL;
  if (server == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  server->handler = handler;
  server->user_data = user_data;
  server->listen_fd = -1;
  status = listen_on (server, address, port, error);
  if (status == DW_OK)
    {
      server->pool = dw_pool_new (work, server);
      server->has_loop
          = server->pool
            && pthread_create (&server->loop, NULL, loop_main, server) == 0;
      if (!server->has_loop)
        status = dw_error_set (error, DW_ERROR_NO_MEMORY,
                               "cannot start the threads of the ONVIF server");
    }
  if (status != DW_OK)
    {
      dw_http_server_free (server);
      return status;
    }
  *out = server;
  return DW_OK;
}

void
dw_http_server_free (DwHttpServer *server)
{
  if (server == NULL)
    return;
  atomic_store (&server->is_ending, true);
  if (server->has_loop)
    {
      dw_pool_poke (server->pool);
      pthread_join (server->loop, NULL);
    }
  dw_pool_free (server->pool);
  if (server->listen_fd >= 0)
    close (server->listen_fd);
  free (server);
}

uint16_t
dw_http_server_port (const DwHttpServer *server)
{
  return server->port;
}

void
dw_http_server_wake (DwHttpServer *server)
{
  atomic_fetch_add (&server->wake_serial, 1);
  dw_pool_poke (server->pool);
}
