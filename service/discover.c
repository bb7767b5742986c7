/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward discover: asks the network for doorbells and lists them. */
#include "commands.h"
#include "json.h"

#include "onvif.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MATCHES 256

typedef struct
{
  size_t n_matches;
  DwOnvifMatch matches[MAX_MATCHES];
} Found;

static DwCancel *cancel;

static void
stop (int signal_number)
{
  (void)signal_number;
  /* One write to an eventfd: made for signal handlers. */
  dw_cancel_raise (cancel); /* NOLINT(bugprone-signal-handler) */
}

static void
remember (const DwOnvifMatch *match, void *user_data)
{
  Found *found = user_data;

  if (!match->is_gone && found->n_matches < MAX_MATCHES)
    found->matches[found->n_matches++] = *match;
}

/* A device writes these texts: none of them may reach the terminal as an
 * escape sequence. */
static void
make_printable (char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7f)
      *text = '?';
}

static int
compare_matches (const void *a, const void *b)
{
  const DwOnvifMatch *one = a, *other = b;
  int order = strcmp (one->name, other->name);

  return order ? order : strcmp (one->address, other->address);
}

/* "http://192.0.2.7:8080/onvif/device_service" as doorbellsrc takes it: the
 * usual path goes without saying. */
static void
location_of (const DwOnvifMatch *match, char *out, size_t size)
{
  const char *host = strstr (match->xaddr, "://");
  int length;

  host = host ? host + 3 : match->address;
  length = (int)strcspn (host, "/");
  if (strcmp (host + length, "/onvif/device_service") != 0
      && strcmp (host + length, "/") != 0)
    length = (int)strlen (host);
  snprintf (out, size, "onvif://%.*s", length, host);
}

static void
print_table (const Found *found)
{
  int name_width = 4, address_width = 7, hardware_width = 8;

  for (size_t i = 0; i < found->n_matches; i++)
    {
      const DwOnvifMatch *match = &found->matches[i];
      const int widths[]
          = { (int)strlen (match->name), (int)strlen (match->address),
              (int)strlen (match->hardware) };

      name_width = widths[0] > name_width ? widths[0] : name_width;
      address_width = widths[1] > address_width ? widths[1] : address_width;
      hardware_width = widths[2] > hardware_width ? widths[2] : hardware_width;
    }
  printf ("%-*s  %-*s  %-*s  %s\n", name_width, "NAME", address_width,
          "ADDRESS", hardware_width, "HARDWARE", "LOCATION");
  for (size_t i = 0; i < found->n_matches; i++)
    {
      const DwOnvifMatch *match = &found->matches[i];
      char location[DW_ONVIF_URI + 16];

      location_of (match, location, sizeof location);
      printf ("%-*s  %-*s  %-*s  %s\n", name_width, match->name, address_width,
              match->address, hardware_width, match->hardware, location);
    }
}

static void
print_json (const Found *found)
{
  DwJson json = { .out = stdout };

  dw_json_begin_array (&json, NULL);
  for (size_t i = 0; i < found->n_matches; i++)
    {
      const DwOnvifMatch *match = &found->matches[i];
      char location[DW_ONVIF_URI + 16];

      location_of (match, location, sizeof location);
      dw_json_begin_object (&json, NULL);
      dw_json_text (&json, "name", match->name);
      dw_json_text (&json, "address", match->address);
      dw_json_text (&json, "hardware", match->hardware);
      dw_json_text (&json, "place", match->location);
      dw_json_text (&json, "location", location);
      dw_json_text (&json, "service", match->xaddr);
      dw_json_text (&json, "endpoint", match->endpoint);
      dw_json_end_object (&json);
    }
  dw_json_end_array (&json);
}

static bool
read_wait (const char *text, uint32_t *out_ms)
{
  char *end = NULL;
  const double seconds = strtod (text, &end);

  /* Written so that what is no number is refused as well. */
  if (end == text || *end != '\0' || !(seconds >= 0.1 && seconds <= 60))
    return false;
  *out_ms = (uint32_t)(seconds * 1000);
  return true;
}

static int
probe_and_print (const DwCommand *command, const DwOnvifProbe *probe,
                 bool is_json)
{
  Found *found = calloc (1, sizeof *found);
  DwError error = { 0 };
  DwStatus status;
  int code = DW_EXIT_DONE;

  cancel = dw_cancel_new ();
  if (found == NULL || cancel == NULL)
    {
      free (found);
      return dw_cli_refuse (command, "out of memory");
    }
  signal (SIGINT, stop);
  signal (SIGTERM, stop);
  status = dw_onvif_probe (probe, cancel, remember, found, &error);
  qsort (found->matches, found->n_matches, sizeof *found->matches,
         compare_matches);
  if (is_json)
    print_json (found);
  else
    for (size_t i = 0; i < found->n_matches; i++)
      {
        make_printable (found->matches[i].name);
        make_printable (found->matches[i].hardware);
        make_printable (found->matches[i].xaddr);
        make_printable (found->matches[i].address);
      }
  if (!is_json && found->n_matches > 0)
    print_table (found);
  if (status == DW_ERROR_NOT_FOUND)
    code = dw_cli_refuse (
        command,
        "no doorbell answered. Is it on this network, and ONVIF switched on "
        "in its settings? --host asks one directly");
  else if (status != DW_OK)
    code = dw_cli_refuse (command, "%s", error.text);
  free (found);
  signal (SIGINT, SIG_DFL);
  signal (SIGTERM, SIG_DFL);
  dw_cancel_free (cancel);
  return dw_cli_finish (command, code);
}

int
dw_command_discover (const DwCommand *command, int argc, char **argv)
{
  const char *wait = NULL, *host = NULL, *interfaces = NULL;
  bool is_json = false;
  DwOnvifProbe probe = { 0 };
  const DwOption options[] = {
    { .name = "wait",
      .value = "SECONDS",
      .help = "how long to listen for answers; default 2",
      .text = &wait },
    { .name = "host",
      .value = "HOST",
      .help = "ask this one only, where multicast does not\nreach",
      .text = &host },
    { .name = "interface",
      .value = "NAME,...",
      .help = "ask on these networks only",
      .text = &interfaces },
    { .name = "json", .help = "answer as JSON", .flag = &is_json },
  };
  const DwSyntax syntax = {
    .usage = "[OPTION...]",
    .about = "Finds doorbells and cameras that speak ONVIF (WS-Discovery). "
             "LOCATION is what\nthe configuration and doorbellsrc take.\n",
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  DwArguments arguments;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  if (wait != NULL && !read_wait (wait, &probe.wait_ms))
    return dw_cli_wrong_usage (command, "--wait takes 0.1 to 60 seconds");
  probe.unicast = host;
  probe.interfaces = interfaces;
  return probe_and_print (command, &probe, is_json);
}
