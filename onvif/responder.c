/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The discovery responder's socket and thread. One socket takes the group's
 * and the unicast questions of all interfaces; answers go back the way the
 * question came, a little later (so that many devices do not answer at once),
 * from a bounded list. Interfaces are looked at again now and then: a house
 * gets its address after the doorbell has started. */
#include "responder.h"

#include "soap/namespaces.h"
#include "text.h"
#include "timebase.h"
#include "xml.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 3702
#define GROUP "239.255.255.250"
#define MAX_LINKS 32
#define MAX_PENDING 32
#define MAX_DELAY_MS 40
#define LOOK_AGAIN_NS (5 * DW_SECOND_NS)
#define N_HEARD 32

/* An address of an interface that has joined the group. */
typedef struct
{
  int index;
  struct in_addr address;
  bool is_there;
} Link;

typedef struct
{
  int64_t due_ns; /* 0: free */
  struct sockaddr_in to;
  Link link;
  size_t size;
  char data[DW_RESPONDER_DATAGRAM];
} Pending;

struct DwResponder
{
  DwResponderVoice voice;
  char interfaces[DW_ONVIF_TEXT]; /* "": all */
  int fd;
  int wake_fd;
  pthread_t thread;
  bool has_thread;
  atomic_bool is_ending;
  size_t n_links;
  Link links[MAX_LINKS];
  Pending pending[MAX_PENDING];
  char heard[N_HEARD][DW_RESPONDER_MESSAGE_ID];
  unsigned n_heard;
};

/* -- Interfaces --------------------------------------------------------- */

static bool
is_wanted (const DwResponder *responder, const char *name)
{
  const char *c = responder->interfaces;

  if (c[0] == 0)
    return true;
  for (;;)
    {
      const size_t size = strcspn (c, ", ");

      if (strlen (name) == size && memcmp (c, name, size) == 0)
        return true;
      c += size;
      c += strspn (c, ", ");
      if (*c == 0)
        return false;
    }
}

static void
send_by (const DwResponder *responder, const Link *link,
         const struct sockaddr_in *to, const char *data, size_t size)
{
  union
  {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (struct in_pktinfo))];
  } control;
  struct sockaddr_in address = *to;
  struct iovec part = { .iov_base = (char *)data, .iov_len = size };
  struct msghdr message = { .msg_name = &address,
                            .msg_namelen = sizeof address,
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };
  struct cmsghdr *header;
  /* The loopback has no source address of its own for a group. */
  struct in_pktinfo info
      = { .ipi_ifindex = link->index, .ipi_spec_dst = link->address };

  memset (&control, 0, sizeof control);
  header = CMSG_FIRSTHDR (&message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN (sizeof info);
  memcpy (CMSG_DATA (header), &info, sizeof info);
  /* Datagrams may be lost, here as well as on the way. */
  while (sendmsg (responder->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
         && errno == EINTR)
    ;
}

static void
announce (DwResponder *responder, const Link *link, bool is_bye)
{
  struct sockaddr_in group
      = { .sin_family = AF_INET, .sin_port = htons (PORT) };
  char address[INET_ADDRSTRLEN];
  char data[DW_RESPONDER_DATAGRAM];
  size_t size;

  inet_pton (AF_INET, GROUP, &group.sin_addr);
  inet_ntop (AF_INET, &link->address, address, sizeof address);
  size = dw_responder_announce (&responder->voice, is_bye, address, data);
  if (size > 0)
    send_by (responder, link, &group, data, size);
}

static bool
join (const DwResponder *responder, int index)
{
  struct ip_mreqn request = { .imr_ifindex = index };

  inet_pton (AF_INET, GROUP, &request.imr_multiaddr);
  return setsockopt (responder->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                     sizeof request)
             == 0
         || errno == EADDRINUSE;
}

/* The link of this interface; only its first address is told. */
static Link *
find_link (DwResponder *responder, int index)
{
  for (size_t i = 0; i < responder->n_links; i++)
    if (responder->links[i].index == index)
      return &responder->links[i];
  return NULL;
}

static void
meet (DwResponder *responder, int index, struct in_addr address)
{
  Link *link = find_link (responder, index);
  bool is_new = link == NULL;

  if (link && link->is_there)
    return;
  if (is_new && responder->n_links == MAX_LINKS)
    return;
  if (!join (responder, index))
    return;
  if (is_new)
    link = &responder->links[responder->n_links++];
  is_new = is_new || link->address.s_addr != address.s_addr;
  *link = (Link){ .index = index, .address = address, .is_there = true };
  if (is_new)
    announce (responder, link, false);
}

/* Joins what is new and says Hello there; forgets what is gone. */
static void
look_at_links (DwResponder *responder)
{
  struct ifaddrs *all = NULL;
  size_t n_kept = 0;

  if (getifaddrs (&all) != 0)
    return;
  for (size_t i = 0; i < responder->n_links; i++)
    responder->links[i].is_there = false;
  for (const struct ifaddrs *one = all; one; one = one->ifa_next)
    {
      const bool is_loopback = one->ifa_flags & IFF_LOOPBACK;
      struct sockaddr_in address;

      if (one->ifa_addr == NULL || one->ifa_addr->sa_family != AF_INET
          || !(one->ifa_flags & IFF_UP)
          || !(is_loopback || one->ifa_flags & IFF_MULTICAST)
          || !is_wanted (responder, one->ifa_name))
        continue;
      memcpy (&address, one->ifa_addr, sizeof address);
      meet (responder, (int)if_nametoindex (one->ifa_name), address.sin_addr);
    }
  freeifaddrs (all);
  for (size_t i = 0; i < responder->n_links; i++)
    if (responder->links[i].is_there)
      responder->links[n_kept++] = responder->links[i];
  responder->n_links = n_kept;
}

/* -- Questions ---------------------------------------------------------- */

/* The same question comes twice by design (SOAP over UDP repeats). */
static bool
was_heard (DwResponder *responder, const char *id)
{
  for (size_t i = 0; i < N_HEARD; i++)
    if (strcmp (responder->heard[i], id) == 0)
      return true;
  dw_text_keep (responder->heard[responder->n_heard++ % N_HEARD],
                sizeof responder->heard[0], id);
  return false;
}

static int64_t
random_delay_ns (void)
{
  unsigned char byte = 0;

  if (RAND_bytes (&byte, 1) != 1)
    return 0;
  return byte * MAX_DELAY_MS * DW_MILLISECOND_NS / 255;
}

/* No room means that somebody floods: then nobody is answered. */
static Pending *
free_pending (DwResponder *responder)
{
  for (size_t i = 0; i < MAX_PENDING; i++)
    if (responder->pending[i].due_ns == 0)
      return &responder->pending[i];
  return NULL;
}

/* The own address that the asker reaches. */
static void
name_address (const struct sockaddr_in *asker, const Link *link,
              char out[INET_ADDRSTRLEN])
{
  struct sockaddr_in own = { .sin_addr = link->address };
  socklen_t size = sizeof own;
  const int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  /* Connecting a datagram socket only looks up the route. */
  if (fd >= 0
      && (connect (fd, (const struct sockaddr *)asker, sizeof *asker) != 0
          || getsockname (fd, (struct sockaddr *)&own, &size) != 0))
    own.sin_addr = link->address;
  if (fd >= 0)
    close (fd);
  inet_ntop (AF_INET, &own.sin_addr, out, INET_ADDRSTRLEN);
}

static int
arrival_link (struct msghdr *message)
{
  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header;
       header = CMSG_NXTHDR (message, header))
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO)
      {
        struct in_pktinfo info;

        memcpy (&info, CMSG_DATA (header), sizeof info);
        return info.ipi_ifindex;
      }
  return 0;
}

static void
on_question (DwResponder *responder)
{
  static const size_t largest = 8192;
  char data[8192];
  char control[256];
  struct sockaddr_in from;
  struct iovec part = { .iov_base = data, .iov_len = largest };
  struct msghdr message = { .msg_name = &from,
                            .msg_namelen = sizeof from,
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control };
  char id[DW_RESPONDER_MESSAGE_ID];
  char address[INET_ADDRSTRLEN];
  const ssize_t n = recvmsg (responder->fd, &message, MSG_DONTWAIT);
  const Link *link;
  Pending *pending;

  if (n <= 0 || (message.msg_flags & MSG_TRUNC)
      || message.msg_namelen != sizeof from || from.sin_port == 0)
    return;
  link = find_link (responder, arrival_link (&message));
  pending = free_pending (responder);
  if (link == NULL || pending == NULL)
    return;
  name_address (&from, link, address);
  pending->size = dw_responder_answer (&responder->voice, address, data,
                                       (size_t)n, id, pending->data);
  if (pending->size == 0 || was_heard (responder, id))
    return;
  pending->to = from;
  pending->link = *link;
  pending->due_ns = dw_time_boot_ns () + 1 + random_delay_ns ();
}

/* Sends what is due; returns when to come back. */
static int64_t
send_due (DwResponder *responder, int64_t now_ns, int64_t until_ns)
{
  for (size_t i = 0; i < MAX_PENDING; i++)
    {
      Pending *pending = &responder->pending[i];

      if (pending->due_ns == 0)
        continue;
      if (pending->due_ns > now_ns)
        {
          until_ns = pending->due_ns < until_ns ? pending->due_ns : until_ns;
          continue;
        }
      send_by (responder, &pending->link, &pending->to, pending->data,
               pending->size);
      pending->due_ns = 0;
    }
  return until_ns;
}

static void *
responder_main (void *data)
{
  DwResponder *responder = data;
  int64_t look_ns = 0;

  while (!atomic_load (&responder->is_ending))
    {
      struct pollfd fds[] = { { .fd = responder->wake_fd, .events = POLLIN },
                              { .fd = responder->fd, .events = POLLIN } };
      const int64_t now_ns = dw_time_boot_ns ();
      int64_t until_ns;

      if (now_ns >= look_ns)
        {
          look_at_links (responder);
          look_ns = now_ns + LOOK_AGAIN_NS;
        }
      until_ns = send_due (responder, now_ns, look_ns);
      if (poll (fds, 2,
                (int)((until_ns - now_ns + DW_MILLISECOND_NS - 1)
                      / DW_MILLISECOND_NS))
              > 0
          && fds[1].revents)
        on_question (responder);
    }
  for (size_t i = 0; i < responder->n_links; i++)
    announce (responder, &responder->links[i], true);
  return NULL;
}

/* -- Life --------------------------------------------------------------- */

static DwStatus
open_socket (DwResponder *responder, DwError *error)
{
  const int one = 1;
  const int none = 0;
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons (PORT) };

  responder->fd
      = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (responder->fd < 0)
    return dw_error_set (error, DW_ERROR_IO, "out of descriptors");
  setsockopt (responder->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt (responder->fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  setsockopt (responder->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  /* Only the groups that this socket joined itself. */
  setsockopt (responder->fd, IPPROTO_IP, IP_MULTICAST_ALL, &none, sizeof none);
  setsockopt (responder->fd, IPPROTO_IP, IP_MULTICAST_TTL, &one, sizeof one);
  if (bind (responder->fd, (struct sockaddr *)&any, sizeof any) != 0)
    return dw_error_set (error, DW_ERROR_IO,
                         "cannot listen for discovery on UDP port %d: %s", PORT,
                         strerror (errno));
  return DW_OK;
}

DwStatus
dw_responder_new (const DwServerFacts *facts, const char *interfaces,
                  DwResponder **out, DwError *error)
{
  DwResponder *responder = calloc (1, sizeof *responder);
  DwStatus status;

  *out = NULL;
  if (responder == NULL)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  responder->fd = -1;
  responder->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  responder->voice.facts = facts;
  responder->voice.soap = dw_xml_new (dw_soap_discovery_namespaces);
  responder->voice.instance = (unsigned)(dw_time_utc_ns () / DW_SECOND_NS);
  if (interfaces && strlen (interfaces) >= sizeof responder->interfaces)
    status = dw_error_set (error, DW_ERROR_INVALID,
                           "the list of interfaces is too long");
  else if (responder->wake_fd < 0 || responder->voice.soap == NULL)
    status = dw_error_set (error, DW_ERROR_NO_MEMORY, "out of memory");
  else
    status = open_socket (responder, error);
  if (status == DW_OK)
    {
      snprintf (responder->interfaces, sizeof responder->interfaces, "%s",
                interfaces ? interfaces : "");
      responder->has_thread
          = pthread_create (&responder->thread, NULL, responder_main, responder)
            == 0;
      if (!responder->has_thread)
        status = dw_error_set (error, DW_ERROR_NO_MEMORY,
                               "cannot start a thread for discovery");
    }
  if (status != DW_OK)
    {
      dw_responder_free (responder);
      return status;
    }
  *out = responder;
  return DW_OK;
}

void
dw_responder_free (DwResponder *responder)
{
  const uint64_t one = 1;

  if (responder == NULL)
    return;
  atomic_store (&responder->is_ending, true);
  if (responder->has_thread
      && write (responder->wake_fd, &one, sizeof one) == sizeof one)
    pthread_join (responder->thread, NULL);
  if (responder->fd >= 0)
    close (responder->fd);
  if (responder->wake_fd >= 0)
    close (responder->wake_fd);
  dw_xml_free (responder->voice.soap);
  free (responder);
}
