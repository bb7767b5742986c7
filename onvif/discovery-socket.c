/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets of discovery: one for every interface and address family, so
 * that each card is asked, and not only the one of the default route. */
#include "discovery-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "discovery-message.h"

bool
dw_discovery_wants (const char *interfaces, const char *name)
{
  size_t length = strlen (name);

  if (interfaces == NULL || interfaces[0] == '\0')
    return true;
  while (*interfaces)
    {
      size_t n;

      interfaces += strspn (interfaces, ", ");
      n = strcspn (interfaces, ", ");
      if (n == length && memcmp (interfaces, name, n) == 0)
        return true;
      interfaces += n;
    }
  return false;
}

static void
set_group (int family, unsigned index, struct sockaddr_storage *out,
           socklen_t *size)
{
  struct sockaddr_in *four = (struct sockaddr_in *)out;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

  memset (out, 0, sizeof *out);
  if (family == AF_INET)
    {
      four->sin_family = AF_INET;
      four->sin_port = htons (DW_DISCOVERY_PORT);
      inet_pton (AF_INET, DW_DISCOVERY_GROUP_IPV4, &four->sin_addr);
      *size = sizeof *four;
      return;
    }
  six->sin6_family = AF_INET6;
  six->sin6_port = htons (DW_DISCOVERY_PORT);
  six->sin6_scope_id = index;
  inet_pton (AF_INET6, DW_DISCOVERY_GROUP_IPV6, &six->sin6_addr);
  *size = sizeof *six;
}

/* From the interface's own address: else the answer to a question on loopback
 * would go to another card's. */
static bool
aim (int fd, const struct sockaddr *address, unsigned index)
{
  struct ip_mreqn request = { .imr_ifindex = (int)index };
  int on = 1, number = (int)index;

  if (address->sa_family == AF_INET)
    request.imr_address = ((const struct sockaddr_in *)address)->sin_addr;
  if (address->sa_family == AF_INET)
    return setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &request,
                       sizeof request)
               == 0
           && setsockopt (fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on)
                  == 0;
  return setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0
         && setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &number,
                        sizeof number)
                == 0;
}

static bool
join (int fd, int family, unsigned index)
{
  struct ip_mreqn four = { .imr_ifindex = (int)index };
  struct ipv6_mreq six = { .ipv6mr_interface = index };

  if (family == AF_INET)
    {
      inet_pton (AF_INET, DW_DISCOVERY_GROUP_IPV4, &four.imr_multiaddr);
      return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof four)
             == 0;
    }
  inet_pton (AF_INET6, DW_DISCOVERY_GROUP_IPV6, &six.ipv6mr_multiaddr);
  return setsockopt (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six) == 0;
}

static bool
listen_here (int fd, int family, unsigned index)
{
  struct sockaddr_storage any;
  socklen_t size;
  int on = 1;

  set_group (family, index, &any, &size);
  /* Bound to the group itself: no datagram meant for a device on this
   * machine ends here. */
  return setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
         && (family == AF_INET
             || setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0)
         && bind (fd, (struct sockaddr *)&any, size) == 0;
}

static void
add_socket (DwDiscoverySockets *sockets, const struct sockaddr *address,
            unsigned index, bool is_listener)
{
  int family = address->sa_family;
  size_t n = sockets->n_sockets;
  int fd;

  if (n == DW_DISCOVERY_MAX_SOCKETS)
    return;
  fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  set_group (family, index, &sockets->groups[n], &sockets->group_sizes[n]);
  if (is_listener ? listen_here (fd, family, index) && join (fd, family, index)
                  : aim (fd, address, index))
    sockets->sockets[sockets->n_sockets++] = fd;
  else
    close (fd);
  /* What only listens is not sent from. */
  if (is_listener)
    sockets->group_sizes[n] = 0;
}

/* True for the first address of its family on an interface. */
static bool
is_first (const struct ifaddrs *list, const struct ifaddrs *entry)
{
  for (; list != entry; list = list->ifa_next)
    if (list->ifa_addr && strcmp (list->ifa_name, entry->ifa_name) == 0
        && list->ifa_addr->sa_family == entry->ifa_addr->sa_family)
      return false;
  return true;
}

static DwStatus
open_on_interfaces (const char *interfaces, bool is_listener,
                    DwDiscoverySockets *out, DwError *error)
{
  size_t before = out->n_sockets;
  struct ifaddrs *list;

  if (getifaddrs (&list) != 0)
    return dw_error_set (error, DW_ERROR_IO,
                         "the network interfaces cannot be read");
  for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next)
    {
      int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;

      if ((family != AF_INET && family != AF_INET6)
          || !(entry->ifa_flags & IFF_UP)
          || !(entry->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK))
          || !dw_discovery_wants (interfaces, entry->ifa_name)
          || !is_first (list, entry))
        continue;
      add_socket (out, entry->ifa_addr, if_nametoindex (entry->ifa_name),
                  is_listener);
    }
  freeifaddrs (list);
  if (out->n_sockets > before)
    return DW_OK;
  return dw_error_set (error, DW_ERROR_UNREACHABLE,
                       "no network interface is up that could find a doorbell");
}

DwStatus
dw_discovery_open_senders (const char *interfaces, DwDiscoverySockets *out,
                           DwError *error)
{
  out->n_sockets = 0;
  return open_on_interfaces (interfaces, false, out, error);
}

DwStatus
dw_discovery_open_listeners (const char *interfaces, DwDiscoverySockets *out,
                             DwError *error)
{
  return open_on_interfaces (interfaces, true, out, error);
}

DwStatus
dw_discovery_open_unicast (const char *host, const DwWait *wait,
                           DwDiscoverySockets *out, DwError *error)
{
  DwNetAddresses found;
  DwStatus status = dw_net_resolve (host, DW_DISCOVERY_PORT, wait, &found);

  out->n_sockets = 0;
  if (status != DW_OK)
    return dw_error_set (error, status, "%s is not known as a host", host);
  for (size_t i = 0; i < found.n_addresses; i++)
    {
      int fd = socket (found.addresses[i].address.ss_family,
                       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

      if (fd < 0)
        continue;
      out->groups[out->n_sockets] = found.addresses[i].address;
      out->group_sizes[out->n_sockets] = found.addresses[i].length;
      out->sockets[out->n_sockets++] = fd;
    }
  if (out->n_sockets > 0)
    return DW_OK;
  return dw_error_set (error, DW_ERROR_IO, "no socket to ask %s with", host);
}

void
dw_discovery_close (DwDiscoverySockets *sockets)
{
  for (size_t i = 0; i < sockets->n_sockets; i++)
    close (sockets->sockets[i]);
  sockets->n_sockets = 0;
}

size_t
dw_discovery_send (const DwDiscoverySockets *sockets, const char *data,
                   size_t size)
{
  size_t n_sent = 0;

  for (size_t i = 0; i < sockets->n_sockets; i++)
    if (sockets->group_sizes[i] > 0
        && sendto (sockets->sockets[i], data, size, MSG_NOSIGNAL,
                   (const struct sockaddr *)&sockets->groups[i],
                   sockets->group_sizes[i])
               == (ssize_t)size)
      n_sent++;
  return n_sent;
}

/* False when nothing could be read after all. */
static bool
read_one (int fd, char *data, size_t size, size_t *got, char sender[64])
{
  struct sockaddr_storage from;
  socklen_t length = sizeof from;
  ssize_t n = recvfrom (fd, data, size, 0, (struct sockaddr *)&from, &length);

  if (n < 0)
    return false;
  *got = (size_t)n;
  if (getnameinfo ((struct sockaddr *)&from, length, sender, 64, NULL, 0,
                   NI_NUMERICHOST)
      != 0)
    sender[0] = '\0';
  return true;
}

DwStatus
dw_discovery_receive (const DwDiscoverySockets *sockets, const DwWait *wait,
                      char *data, size_t size, size_t *got, char sender[64])
{
  struct pollfd polled[DW_DISCOVERY_MAX_SOCKETS + 1];
  size_t n = sockets->n_sockets;

  *got = 0;
  for (size_t i = 0; i < n; i++)
    polled[i] = (struct pollfd){ .fd = sockets->sockets[i], .events = POLLIN };
  polled[n]
      = (struct pollfd){ .fd = dw_cancel_fd (wait->cancel), .events = POLLIN };
  for (;;)
    {
      int left = dw_wait_left_ms (wait);
      int ready = poll (polled, (nfds_t)n + 1, left);

      if (dw_cancel_is_raised (wait->cancel))
        return DW_ERROR_CANCELLED;
      if (ready < 0 && errno != EINTR)
        return DW_ERROR_IO;
      for (size_t i = 0; ready > 0 && i < n; i++)
        if (polled[i].revents
            && read_one (polled[i].fd, data, size, got, sender))
          return DW_OK;
      if (left == 0)
        return DW_ERROR_TIMEOUT;
    }
}
