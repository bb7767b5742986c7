/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pipeline that hands out grey frames one at a time. */
#include "clip.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include <stdio.h>
#include <string.h>

gboolean
clip_open (Clip *clip, const gchar *path)
{
  GError *error = NULL;
  GstElement *source;

  memset (clip, 0, sizeof *clip);
  clip->pipeline = gst_parse_launch (
      "filesrc name=source ! matroskademux ! avdec_ffv1 ! "
      "video/x-raw,format=GRAY8 ! appsink name=sink sync=false max-buffers=4",
      &error);
  if (clip->pipeline == NULL)
    {
      printf ("SKIP: %s\n", error->message);
      g_clear_error (&error);
      return FALSE;
    }
  g_clear_error (&error);
  source = gst_bin_get_by_name (GST_BIN (clip->pipeline), "source");
  g_object_set (source, "location", path, NULL);
  gst_object_unref (source);
  clip->sink = gst_bin_get_by_name (GST_BIN (clip->pipeline), "sink");
  gst_element_set_state (clip->pipeline, GST_STATE_PLAYING);
  return TRUE;
}

static void
drop_frame (Clip *clip)
{
  if (clip->sample == NULL)
    return;
  gst_buffer_unmap (clip->buffer, &clip->map);
  gst_sample_unref (clip->sample);
  clip->sample = NULL;
  clip->data = NULL;
}

gboolean
clip_next (Clip *clip)
{
  GstVideoInfo info;

  drop_frame (clip);
  clip->sample = gst_app_sink_pull_sample (GST_APP_SINK (clip->sink));
  if (clip->sample == NULL)
    return FALSE;
  clip->buffer = gst_sample_get_buffer (clip->sample);
  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (clip->sample))
      || !gst_buffer_map (clip->buffer, &clip->map, GST_MAP_READ))
    {
      gst_sample_unref (clip->sample);
      clip->sample = NULL;
      return FALSE;
    }
  clip->width = GST_VIDEO_INFO_WIDTH (&info);
  clip->height = GST_VIDEO_INFO_HEIGHT (&info);
  clip->stride = GST_VIDEO_INFO_PLANE_STRIDE (&info, 0);
  if (gst_buffer_get_video_meta (clip->buffer))
    clip->stride = gst_buffer_get_video_meta (clip->buffer)->stride[0];
  clip->data = clip->map.data;
  return TRUE;
}

void
clip_close (Clip *clip)
{
  drop_frame (clip);
  if (clip->pipeline)
    gst_element_set_state (clip->pipeline, GST_STATE_NULL);
  gst_clear_object (&clip->sink);
  gst_clear_object (&clip->pipeline);
}
