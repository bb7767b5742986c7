/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a scheme: how a share leaves the house. */
#include "gstsharetarget.h"

#include <string.h>

typedef struct
{
  const gchar *scheme;
  const gchar *muxer; /* gst-launch description of one element */
  const gchar *sink;  /* NULL: whatever handles the URI */
  const gchar *sink_property;
  const gchar *video_pad, *audio_pad;
  gboolean has_second_gate;
  gboolean takes_jpeg;
  gboolean is_muxer_the_sink;
  gboolean flushes; /* a flush harms neither muxer nor sink */
} Scheme;

/* Fragments of one second: a file that is cut anywhere still plays up to
 * there. The muxer holds each of them back, so a second gate follows. MPEG-TS
 * loses the clearance, so there the first gate is the last. */
#define MP4 "mp4mux fragment-duration=1000"
#define TS "mpegtsmux alignment=7"
/* curl's sink trusts any certificate unless told otherwise. */
#define HTTP "curlhttpsink insecure=false"

static const Scheme schemes[] = {
  { "file", MP4, "filesink", "location", "video_%u", "audio_%u", TRUE, FALSE },
  { "http", MP4, HTTP, "location", "video_%u", "audio_%u", TRUE, FALSE },
  { "https", MP4, HTTP, "location", "video_%u", "audio_%u", TRUE, FALSE },
  { "srt", TS, "srtsink wait-for-connection=false", "uri", "sink_%d", "sink_%d",
    FALSE, FALSE, FALSE, TRUE },
  { "rtsp", "rtspclientsink", NULL, "location", "sink_%u", "sink_%u", FALSE,
    TRUE, TRUE, TRUE },
  { "rtsps", "rtspclientsink", NULL, "location", "sink_%u", "sink_%u", FALSE,
    TRUE, TRUE, TRUE },
};

/* MP4 has no place for JPEG, its parent QuickTime has. */
static const Scheme mov_scheme = { "file",     "qtmux fragment-duration=1000",
                                   "filesink", "location",
                                   "video_%u", "audio_%u",
                                   TRUE,       TRUE };

/* For a scheme without a row: whatever sink of this GStreamer handles it. */
static const Scheme other_scheme
    = { NULL, TS, NULL, NULL, "sink_%d", "sink_%d", FALSE, FALSE, FALSE, TRUE };

static const Scheme *
find_scheme (const gchar *name, const gchar *location)
{
  if (g_str_equal (name, "file") && g_str_has_suffix (location, ".mov"))
    return &mov_scheme;
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strcasecmp (schemes[i].scheme, name) == 0)
      return &schemes[i];
  return &other_scheme;
}

static GstElement *
make_one (const gchar *description, GError **error)
{
  g_autofree gchar *factory
      = g_strndup (description, strcspn (description, " "));

  if (!gst_registry_check_feature_version (gst_registry_get (), factory, 0, 0,
                                           0))
    {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                   "The element \"%s\" is not installed; it comes with "
                   "GStreamer's plugin packages (packages.txt names them).",
                   factory);
      return NULL;
    }
  return gst_parse_launch_full (description, NULL,
                                GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS, error);
}

/* A bare path is a file. */
static gchar *
path_of (const gchar *location, GError **error)
{
  gchar *path = gst_uri_is_valid (location)
                    ? g_filename_from_uri (location, NULL, error)
                    : g_strdup (location);

  if (path && !g_str_has_suffix (path, ".mp4")
      && !g_str_has_suffix (path, ".mov"))
    {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                   "A share to a file is an MP4: let the name \"%s\" end in "
                   ".mp4, or in .mov for motion JPEG.",
                   path);
      g_clear_pointer (&path, g_free);
    }
  return path;
}

/* NULL and `error` when it is not installed or does not take the location. */
static GstElement *
make_sink (const Scheme *scheme, const gchar *location, GError **error)
{
  GstElement *sink;

  if (scheme->sink == NULL)
    return gst_element_make_from_uri (GST_URI_SINK, location, NULL, error);
  sink = make_one (scheme->sink, error);
  if (sink)
    g_object_set (sink, scheme->sink_property, location, NULL);
  return sink;
}

/* No index is written at the end: it would name fragments that the second gate
 * withheld. Deprecated in 1.20 and perhaps gone one day, so asked for first. */
static void
stream_only (GstElement *muxer)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (muxer), "streamable"))
    g_object_set (muxer, "streamable", TRUE, NULL);
}

gboolean
gst_share_target_make (const gchar *location, GstShareTarget *out,
                       GError **error)
{
  g_autofree gchar *name = NULL;
  g_autofree gchar *target = NULL;
  const Scheme *scheme;

  memset (out, 0, sizeof *out);
  if (location == NULL || *location == '\0')
    {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
                   "No location: set location=FILE.mp4 or a URI such as "
                   "rtsp://HOST/PATH.");
      return FALSE;
    }
  name = gst_uri_is_valid (location) ? gst_uri_get_protocol (location)
                                     : g_strdup ("file");
  scheme = find_scheme (name, location);
  target = g_str_equal (name, "file") ? path_of (location, error)
                                      : g_strdup (location);
  if (target == NULL)
    return FALSE;
  out->muxer = make_one (scheme->muxer, error);
  if (out->muxer == NULL)
    return FALSE;
  stream_only (out->muxer);
  if (scheme->is_muxer_the_sink)
    g_object_set (out->muxer, scheme->sink_property, target, NULL);
  else if ((out->sink = make_sink (scheme, target, error)) == NULL)
    {
      gst_object_unref (gst_object_ref_sink (out->muxer));
      out->muxer = NULL;
      return FALSE;
    }
  out->video_pad = scheme->video_pad;
  out->audio_pad = scheme->audio_pad;
  out->has_second_gate = scheme->has_second_gate;
  out->takes_jpeg = scheme->takes_jpeg;
  out->flushes = scheme->flushes;
  return TRUE;
}

GstElement *
gst_share_make_first (const gchar *const *factories, GError **error)
{
  g_autofree gchar *all = g_strjoinv (" or ", (gchar **)factories);

  for (; *factories; factories++)
    {
      GstElement *element = gst_element_factory_make (*factories, NULL);

      if (element)
        return element;
    }
  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
               "No encoder: install the plugin of %s.", all);
  return NULL;
}
