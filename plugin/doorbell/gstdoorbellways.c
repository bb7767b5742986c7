/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table by which the guard knows elements. It is a list of what is
 * allowed: a sink that is not in it counts as a way out. */
#include "gstdoorbellways.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const gchar *
factory_name (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory ? GST_OBJECT_NAME (factory) : "";
}

static gboolean
is_one_of (const gchar *name, const gchar *const *names)
{
  return name[0] != '\0' && g_strv_contains (names, name);
}

/* One word of "Sink/Network"; the class of an element that has no factory is
 * what its type says. */
static gboolean
has_class (GstElement *element, const gchar *word)
{
  const gchar *klass
      = gst_element_get_metadata (element, GST_ELEMENT_METADATA_KLASS);
  gchar **words = g_strsplit (klass ? klass : "", "/", -1);
  gboolean is_there = FALSE;

  for (gchar **w = words; *w && !is_there; w++)
    is_there = g_ascii_strcasecmp (*w, word) == 0;
  g_strfreev (words);
  return is_there;
}

static gboolean
is_gated (GstElement *element)
{
  static const gchar *const names[] = { "consentgate", "sharesink", NULL };

  return is_one_of (factory_name (element), names);
}

/* Mixes what comes in at one pad into the buffer of another and keeps that
 * one's clearance: a gate behind it cannot tell. */
static gboolean
lends_clearance (GstElement *element)
{
  static const gchar *const names[] = { "adder", NULL };

  return is_one_of (factory_name (element), names);
}

static gboolean
leaves_by_class (GstElement *element)
{
  return has_class (element, "Network") || has_class (element, "Payloader");
}

static gboolean
has_src_template (GstElement *element)
{
  const GList *templates = gst_element_class_get_pad_template_list (
      GST_ELEMENT_GET_CLASS (element));

  for (; templates; templates = templates->next)
    if (GST_PAD_TEMPLATE_DIRECTION (templates->data) == GST_PAD_SRC)
      return TRUE;
  return FALSE;
}

static gboolean
is_sink (GstElement *element)
{
  gboolean has_src;

  GST_OBJECT_LOCK (element);
  has_src = element->srcpads != NULL;
  GST_OBJECT_UNLOCK (element);
  return GST_OBJECT_FLAG_IS_SET (element, GST_ELEMENT_FLAG_SINK)
         || has_class (element, "Sink")
         || (!has_src && !has_src_template (element));
}

/* A pipe, a socket or a terminal that is named as a file hands its bytes to
 * whoever is at the other end. */
static gboolean
writes_regular_file (GstElement *element)
{
  gchar *location = NULL;
  GStatBuf file;
  gboolean is_regular = TRUE;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), "location"))
    g_object_get (element, "location", &location, NULL);
  if (location && g_stat (location, &file) == 0)
    is_regular = S_ISREG (file.st_mode) || strcmp (location, "/dev/null") == 0;
  g_free (location);
  return is_regular;
}

/* Names a remote machine by a property, or by PulseAudio's own variable. */
static gboolean
plays_elsewhere (GstElement *element)
{
  gchar *server = NULL;
  gboolean is_remote;

  if (strcmp (factory_name (element), "pulsesink") != 0)
    return FALSE;
  g_object_get (element, "server", &server, NULL);
  if (server == NULL)
    server = g_strdup (g_getenv ("PULSE_SERVER"));
  is_remote = server && server[0] != '\0' && server[0] != '/'
              && !g_str_has_prefix (server, "unix:");
  g_free (server);
  return is_remote;
}

static GstDoorbellWay
way_of_sink (GstElement *element)
{
  static const gchar *const local[]
      = { "fakesink", "fakevideosink", "fakeaudiosink", NULL };
  static const gchar *const files[] = { "filesink", "multifilesink", NULL };
  /* Of class Sink/Video or Sink/Audio, yet they hand frames to others. */
  static const gchar *const others[] = { "intervideosink", "interaudiosink",
                                         "v4l2sink",       "gdkpixbufsink",
                                         "jackaudiosink",  "avdtpsink",
                                         "a2dpsink",       "pipewiresink",
                                         "ndisink",        NULL };
  const gchar *name = factory_name (element);

  if (is_one_of (name, local))
    return GST_DOORBELL_WAY_LOCAL;
  if (is_one_of (name, files))
    return writes_regular_file (element) ? GST_DOORBELL_WAY_FILE
                                         : GST_DOORBELL_WAY_OUT;
  if (name[0] == '\0' || is_one_of (name, others) || plays_elsewhere (element))
    return GST_DOORBELL_WAY_OUT;
  if (has_class (element, "Sink")
      && (has_class (element, "Video") || has_class (element, "Audio")))
    return GST_DOORBELL_WAY_LOCAL;
  return GST_DOORBELL_WAY_OUT;
}

GstDoorbellWay
gst_doorbell_way_of_element (GstElement *element)
{
  if (is_gated (element))
    return GST_DOORBELL_WAY_GATED;
  if (GST_IS_BIN (element) || leaves_by_class (element)
      || lends_clearance (element))
    return GST_DOORBELL_WAY_OUT;
  return is_sink (element) ? way_of_sink (element) : GST_DOORBELL_WAY_ON;
}

/* What a sink that is a bin does with its bytes may only be seen when it runs:
 * its class decides, then its children do. */
GstDoorbellWay
gst_doorbell_way_of_bin (GstElement *bin)
{
  static const gchar *const players[] = { "playsink", NULL };

  if (is_gated (bin))
    return GST_DOORBELL_WAY_GATED;
  if (leaves_by_class (bin))
    return GST_DOORBELL_WAY_OUT;
  if (has_class (bin, "Sink") && !is_one_of (factory_name (bin), players)
      && way_of_sink (bin) != GST_DOORBELL_WAY_LOCAL)
    return GST_DOORBELL_WAY_OUT;
  return GST_DOORBELL_WAY_ON;
}

gboolean
gst_doorbell_way_is_paired (GstElement *element)
{
  static const gchar *const names[]
      = { "multiqueue", "streamsynchronizer", NULL };

  return is_one_of (factory_name (element), names);
}
