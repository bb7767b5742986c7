/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws to files: the same frames that the streams would carry. */
#include "offline.h"
#include "truth.h"

#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <string.h>

typedef struct
{
  const DwSimOptions *options;
  DwScene *scene;
  cairo_surface_t *surface;
  DwPlane plane;
  FILE *truth, *output;
  guint8 *i420;
  DwFrame frame;
} Job;

static DwStatus
open_file (const gchar *path, FILE **out, DwError *error)
{
  if (path == NULL)
    return DW_OK;
  *out = fopen (path, "wb");
  if (*out == NULL)
    return dw_error_set (error, DW_ERROR_IO, "cannot write %s: %s", path,
                         g_strerror (errno));
  return DW_OK;
}

static DwStatus
draw (Job *job, gint64 index, DwError *error)
{
  const DwSimOptions *o = job->options;
  gint64 pts = (gint64)llround (o->at_s * 1e9)
               + index * G_GINT64_CONSTANT (1000000000) * o->fps_d / o->fps_n;
  DwTruthFrame frame = { index, pts, 0, job->plane.width, job->plane.height };
  DwSceneMoment moment = dw_scene_moment (&o->scene, pts);
  DwSceneTruth truth[DW_N_PARTS];
  DwStatus status;

  cairo_surface_flush (job->surface);
  status = dw_scene_draw (job->scene, pts, &job->plane, truth);
  cairo_surface_mark_dirty (job->surface);
  if (status != DW_OK)
    return dw_error_set (error, status, "drawing failed: %s",
                         dw_status_text (status));
  if (job->truth && !dw_truth_write (job->truth, &frame, &moment, truth))
    return dw_error_set (error, DW_ERROR_IO, "cannot write %s: %s", o->truth,
                         g_strerror (errno));
  return DW_OK;
}

static DwStatus
write_png (Job *job, DwError *error)
{
  cairo_status_t status
      = cairo_surface_write_to_png (job->surface, job->options->render);

  if (status != CAIRO_STATUS_SUCCESS)
    return dw_error_set (error, DW_ERROR_IO, "cannot write %s: %s",
                         job->options->render, cairo_status_to_string (status));
  return DW_OK;
}

static void
lay_out_i420 (Job *job)
{
  gint w = job->plane.width, h = job->plane.height;
  guint8 *next;

  job->frame = (DwFrame){ .format = DW_FORMAT_I420, .width = w, .height = h };
  for (gint i = 0; i < 3; i++)
    {
      job->frame.stride[i] = dw_format_row_bytes (DW_FORMAT_I420, i, w);
      job->frame.size[i]
          = (gsize)job->frame.stride[i] * dw_format_rows (DW_FORMAT_I420, i, h);
    }
  next = job->i420
      = g_malloc (job->frame.size[0] + job->frame.size[1] + job->frame.size[2]);
  for (gint i = 0; i < 3; i++)
    {
      job->frame.data[i] = next;
      next += job->frame.size[i];
    }
}

static DwStatus
write_y4m (Job *job, DwError *error)
{
  const DwSimOptions *o = job->options;
  gsize size = job->frame.size[0] + job->frame.size[1] + job->frame.size[2];

  fprintf (job->output, "YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg\n",
           o->scene.width, o->scene.height, o->fps_n, o->fps_d);
  for (gint index = 0; index < o->frames; index++)
    {
      DwStatus status = draw (job, index, error);

      if (status != DW_OK)
        return status;
      dw_scene_to_i420 (&job->plane, &job->frame);
      if (fputs ("FRAME\n", job->output) < 0
          || fwrite (job->i420, 1, size, job->output) != size)
        return dw_error_set (error, DW_ERROR_IO, "cannot write %s: %s",
                             o->output, g_strerror (errno));
    }
  return DW_OK;
}

static DwStatus
prepare (Job *job, DwError *error)
{
  const DwSimOptions *o = job->options;
  DwStatus status = dw_scene_new (&o->scene, &job->scene, error);

  if (status == DW_OK)
    status = open_file (o->truth, &job->truth, error);
  if (status == DW_OK)
    status = open_file (o->output, &job->output, error);
  if (status != DW_OK)
    return status;
  job->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, o->scene.width,
                                             o->scene.height);
  if (cairo_surface_status (job->surface) != CAIRO_STATUS_SUCCESS)
    return dw_error_set (error, DW_ERROR_NO_MEMORY, "no memory for a frame");
  job->plane = (DwPlane){ cairo_image_surface_get_data (job->surface),
                          cairo_image_surface_get_stride (job->surface),
                          o->scene.width, o->scene.height };
  lay_out_i420 (job);
  return DW_OK;
}

static DwStatus
close_file (FILE *file, const gchar *path, DwStatus status, DwError *error)
{
  if (file && fclose (file) != 0 && status == DW_OK)
    return dw_error_set (error, DW_ERROR_IO, "cannot write %s: %s", path,
                         g_strerror (errno));
  return status;
}

DwStatus
dw_sim_offline (const DwSimOptions *options, DwError *error)
{
  Job job = { .options = options };
  DwStatus status = prepare (&job, error);

  if (status == DW_OK && options->output)
    status = write_y4m (&job, error);
  else if (status == DW_OK)
    {
      status = draw (&job, 0, error);
      if (status == DW_OK)
        status = write_png (&job, error);
    }
  status = close_file (job.truth, options->truth, status, error);
  status = close_file (job.output, options->output, status, error);
  if (job.surface)
    cairo_surface_destroy (job.surface);
  dw_scene_free (job.scene);
  g_free (job.i420);
  return status;
}
