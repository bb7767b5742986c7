/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The motion core's outside: pictures in, reports out. Pools the picture,
 * asks the scene, the blobs and the tracks, and keeps the event. */
#include "motion.h"

#include "cpu.h"
#include "motion-blobs.h"
#include "motion-jpeg.h"
#include "motion-kernels.h"
#include "motion-scene.h"
#include "motion-tracks.h"
#include "motion-zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_DIMENSION 16
#define LARGE_LINES 720 /* from here on cells are 8 pixels a side */
#define DEFAULT_INTERVAL_S (1.0f / 15)
#define MIN_INTERVAL_S 0.001f
#define MAX_INTERVAL_S 10.0f /* a longer one is a jump of the clock */
#define MIN_PICTURES 3       /* that a scene is learned from */
#define GLOBAL_CHANGE 0.5f   /* share of the picture */
#define NEAR_SHARE 0.15f     /* an object this large may hide the scene */

struct DwMotion
{
  DwMotionConfig config;
  const DwMotionKernels *kernels;
  DwMotionJpeg *jpeg;

  int width, height, cell_size;
  DwScene scene;
  DwBlobs blobs;
  DwTracks tracks;
  void *memory; /* of the arrays below */
  float *gain;
  float *scratch;
  uint16_t *zones;
  uint16_t *sums, *gradients; /* one row of cells */
  uint8_t *foreground, *moving;
  uint8_t *luma; /* one band of a packed picture and the row below it */

  int64_t last_pts_ns;
  float interval_s;
  bool is_learned;

  bool is_running; /* an event */
  uint32_t event_id;
  float quiet_s;
  float dwell_s[DW_MOTION_MAX_ZONES];
};

static DwStatus
check_config (const DwMotionConfig *config)
{
  if (!(config->sensitivity >= 0 && config->sensitivity <= 1)
      || !(config->min_area >= 0 && config->min_area <= 1)
      || config->n_zones > DW_MOTION_MAX_ZONES)
    return DW_ERROR_INVALID;
  for (size_t z = 0; z < config->n_zones; z++)
    {
      const DwMotionZone *zone = &config->zones[z];

      if (!dw_polygon_is_valid (&zone->polygon)
          || !(zone->sensitivity >= 0 && zone->sensitivity <= 1)
          || !(zone->min_area >= 0 && zone->min_area <= 1))
        return DW_ERROR_INVALID;
    }
  return DW_OK;
}

static void
apply_config (DwMotion *motion, const DwMotionConfig *config)
{
  DwMotionConfig *own = &motion->config;

  *own = *config;
  if (own->sensitivity <= 0)
    own->sensitivity = 0.5f;
  if (own->min_area <= 0)
    own->min_area = 0.002f;
  if (own->hold_ms == 0)
    own->hold_ms = 800;
  if (own->learn_ms == 0)
    own->learn_ms = 1000;
  memset (motion->dwell_s, 0, sizeof motion->dwell_s);
  if (motion->memory == NULL)
    return;
  dw_zones_draw (own, motion->width, motion->height, motion->cell_size,
                 motion->zones, motion->gain);
  motion->tracks.min_cells
      = fmaxf (2, own->min_area * (float)motion->scene.n_cells);
}

DwStatus
dw_motion_new (const DwMotionConfig *config, unsigned cpu_flags, DwMotion **out)
{
  DwMotion *motion;
  DwStatus status = check_config (config);

  *out = NULL;
  if (status != DW_OK)
    return status;
  motion = calloc (1, sizeof *motion);
  if (motion == NULL)
    return DW_ERROR_NO_MEMORY;
  motion->jpeg = dw_motion_jpeg_new ();
  if (motion->jpeg == NULL)
    {
      free (motion);
      return DW_ERROR_NO_MEMORY;
    }
  motion->kernels = dw_motion_kernels_choose (cpu_flags);
  apply_config (motion, config);
  *out = motion;
  return DW_OK;
}

static void
drop_size (DwMotion *motion)
{
  dw_scene_finish (&motion->scene);
  dw_blobs_finish (&motion->blobs);
  free (motion->memory);
  motion->memory = NULL;
  motion->width = motion->height = 0;
}

void
dw_motion_free (DwMotion *motion)
{
  if (motion == NULL)
    return;
  drop_size (motion);
  dw_motion_jpeg_free (motion->jpeg);
  free (motion);
}

static DwStatus
allocate_arrays (DwMotion *motion, size_t columns, size_t rows)
{
  size_t n = columns * rows;
  size_t luma = (size_t)motion->width * (size_t)(motion->cell_size + 1);

  motion->memory = calloc (1, n * (2 * sizeof (float) + sizeof (uint16_t) + 2)
                                  + columns * 2 * sizeof (uint16_t) + luma);
  if (motion->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  motion->gain = motion->memory;
  motion->scratch = motion->gain + n;
  motion->zones = (uint16_t *)(motion->scratch + n);
  motion->sums = motion->zones + n;
  motion->gradients = motion->sums + columns;
  motion->foreground = (uint8_t *)(motion->gradients + columns);
  motion->moving = motion->foreground + n;
  motion->luma = motion->moving + n;
  return DW_OK;
}

static void
forget (DwMotion *motion)
{
  dw_scene_forget (&motion->scene);
  dw_tracks_clear (&motion->tracks);
  motion->is_learned = false;
}

DwStatus
dw_motion_set_size (DwMotion *motion, int width, int height)
{
  DwStatus status;
  int columns, rows;

  drop_size (motion);
  if (width < MIN_DIMENSION || width > DW_MAX_DIMENSION
      || height < MIN_DIMENSION || height > DW_MAX_DIMENSION)
    return DW_ERROR_UNSUPPORTED;
  motion->width = width;
  motion->height = height;
  motion->cell_size = height >= LARGE_LINES ? 8 : 4;
  columns = (width + motion->cell_size - 1) / motion->cell_size;
  rows = (height + motion->cell_size - 1) / motion->cell_size;
  status = dw_scene_init (&motion->scene, columns, rows);
  motion->scene.cell_size = motion->cell_size;
  if (status == DW_OK)
    status = dw_blobs_init (&motion->blobs, columns, rows);
  if (status == DW_OK)
    status = allocate_arrays (motion, (size_t)columns, (size_t)rows);
  if (status != DW_OK)
    {
      drop_size (motion);
      return status;
    }
  forget (motion);
  motion->last_pts_ns = -1;
  motion->interval_s = DEFAULT_INTERVAL_S;
  motion->is_running = false;
  motion->quiet_s = 0;
  apply_config (motion, &motion->config);
  return DW_OK;
}

DwStatus
dw_motion_set_config (DwMotion *motion, const DwMotionConfig *config)
{
  DwStatus status = check_config (config);

  if (status == DW_OK)
    apply_config (motion, config);
  return status;
}

static float
take_interval (DwMotion *motion, int64_t pts_ns)
{
  float interval = motion->interval_s;

  if (pts_ns >= 0 && motion->last_pts_ns >= 0 && pts_ns > motion->last_pts_ns)
    {
      double s = (double)(pts_ns - motion->last_pts_ns) / 1e9;

      if (s >= (double)MIN_INTERVAL_S && s <= (double)MAX_INTERVAL_S)
        interval = (float)s;
    }
  motion->last_pts_ns = pts_ns;
  motion->interval_s = interval;
  return interval;
}

static void
store_row (DwMotion *motion, int row, int n_rows)
{
  DwScene *scene = &motion->scene;
  int last = scene->columns - 1;
  int cut = motion->width - last * motion->cell_size;
  float *restrict mean = scene->mean + (ptrdiff_t)row * scene->columns;
  float *restrict gradient = scene->gradient + (ptrdiff_t)row * scene->columns;
  float share = 1.0f / (float)(motion->cell_size * n_rows);

  for (int x = 0; x < last; x++)
    {
      mean[x] = (float)motion->sums[x] * share;
      gradient[x] = (float)motion->gradients[x] * share;
    }
  share = 1.0f / (float)(cut * n_rows);
  mean[last] = (float)motion->sums[last] * share;
  gradient[last] = (float)motion->gradients[last] * share;
}

static void
pool_band (DwMotion *motion, const DwBand *band, int row)
{
  if (motion->cell_size == 8)
    motion->kernels->pool8 (band, motion->sums, motion->gradients);
  else
    motion->kernels->pool4 (band, motion->sums, motion->gradients);
  store_row (motion, row, band->n_rows);
}

static void
pool_plane (DwMotion *motion, const DwPlane *luma)
{
  for (int row = 0; row < motion->scene.rows; row++)
    {
      int top = row * motion->cell_size;
      int left = luma->height - top;
      bool has_below = left > motion->cell_size;
      DwBand band
          = { luma->data + (ptrdiff_t)top * luma->stride, luma->stride,
              luma->width, has_below ? motion->cell_size : left, has_below };

      pool_band (motion, &band, row);
    }
}

/* Packed formats: a band at a time into a buffer that stays in the cache. */
static void
pool_packed (DwMotion *motion, const DwFrame *frame)
{
  DwUnpackFunction unpack = frame->format == DW_FORMAT_YUY2
                                ? motion->kernels->unpack_yuyv
                                : motion->kernels->unpack_uyvy;

  for (int row = 0; row < motion->scene.rows; row++)
    {
      int top = row * motion->cell_size;
      int left = frame->height - top;
      bool has_below = left > motion->cell_size;
      int n = has_below ? motion->cell_size : left;
      DwBand band
          = { motion->luma, motion->width, motion->width, n, has_below };

      for (int y = 0; y < n + has_below; y++)
        unpack (frame->data[0] + (ptrdiff_t)(top + y) * frame->stride[0],
                motion->luma + (ptrdiff_t)y * motion->width, motion->width);
      pool_band (motion, &band, row);
    }
}

/* A confirmed object that fills much of the view is no change of light. */
static bool
is_somebody_near (const DwMotion *motion)
{
  for (int t = 0; t < motion->tracks.n_tracks; t++)
    {
      const DwTrack *track = &motion->tracks.tracks[t];

      if (track->was_confirmed
          && track->area > NEAR_SHARE * (float)motion->scene.n_cells)
        return true;
    }
  return false;
}

static void
hold_rect (DwMotion *motion, DwRect rect, uint16_t label, DwHeld held)
{
  const DwScene *scene = &motion->scene;
  DwRect grid = { 0, 0, scene->columns, scene->rows };

  rect = dw_rect_intersect (rect, grid);
  for (int y = rect.y; y < rect.y + rect.height; y++)
    for (int x = rect.x; x < rect.x + rect.width; x++)
      {
        int cell = y * scene->columns + x;

        if (motion->blobs.labels[cell] == label
            && scene->held[cell] < (uint8_t)held)
          scene->held[cell] = (uint8_t)held;
      }
}

/* Which cells the scene must not learn from. */
static void
hold_tracks (DwMotion *motion)
{
  memset (motion->scene.held, DW_HELD_NOT, (size_t)motion->scene.n_cells);
  for (int t = 0; t < motion->tracks.n_tracks; t++)
    {
      const DwTrack *track = &motion->tracks.tracks[t];

      if (track->blob < 0 || track->area < motion->tracks.min_cells)
        continue;
      hold_rect (motion, track->rect, (uint16_t)(track->blob + 1),
                 track->was_confirmed ? DW_HELD_MOVER : DW_HELD_BLOB);
    }
}

/* A cell counts when it is far off, or when two of its neighbours are off as
 * well; then everything grows by a cell. */
static void
draw_foreground (DwMotion *motion)
{
  const DwScene *scene = &motion->scene;
  int columns = scene->columns, rows = scene->rows;
  uint8_t *seen = motion->moving; /* drawn anew afterwards */

  memset (motion->foreground, 0, (size_t)scene->n_cells);
  for (int i = 0; i < scene->n_cells; i++)
    seen[i] = scene->wide[i] >= 1;
  for (int i = 0; i < scene->n_cells; i++)
    {
      int x = i % columns, y = i / columns, near = 0;
      int left = x > 0 ? x - 1 : 0, right = x + 1 < columns ? x + 1 : x;
      int top = y > 0 ? y - 1 : 0, bottom = y + 1 < rows ? y + 1 : y;

      if (!seen[i])
        continue;
      for (int ny = top; ny <= bottom; ny++)
        for (int nx = left; nx <= right; nx++)
          near += seen[ny * columns + nx];
      if (near < 3 && scene->wide[i] < 3)
        continue;
      for (int ny = top; ny <= bottom; ny++)
        memset (motion->foreground + (ptrdiff_t)ny * columns + left, 1,
                (size_t)(right - left + 1));
    }
}

/* Cells inside a tracked object, between its outermost ones, are its own. */
static void
fill_rows (DwMotion *motion, const DwTrack *track)
{
  for (int y = track->rect.y; y < track->rect.y + track->rect.height; y++)
    {
      uint8_t *row = motion->foreground + (ptrdiff_t)y * motion->scene.columns;
      int left = track->rect.x, right = track->rect.x + track->rect.width - 1;

      while (left < right && !row[left])
        left++;
      while (right > left && !row[right])
        right--;
      if (row[left])
        memset (row + left, 1, (size_t)(right - left + 1));
    }
}

static DwRect
to_pixels (const DwMotion *motion, DwRect cells)
{
  int size = motion->cell_size;
  DwRect rect = { cells.x * size, cells.y * size, cells.width * size,
                  cells.height * size };
  DwRect picture = { 0, 0, motion->width, motion->height };

  return dw_rect_intersect (rect, picture);
}

static void
mark_moving (DwMotion *motion, const DwTrack *track, uint8_t value)
{
  uint16_t label = (uint16_t)(track->blob + 1);

  for (int y = track->rect.y; y < track->rect.y + track->rect.height; y++)
    for (int x = track->rect.x; x < track->rect.x + track->rect.width; x++)
      {
        int cell = y * motion->scene.columns + x;

        if (motion->blobs.labels[cell] == label)
          motion->moving[cell] = value;
      }
}

static void
report_track (DwMotion *motion, const DwTrack *track, DwMotionReport *report)
{
  DwMotionBox *box;

  if (track->blob < 0 || track->area < motion->tracks.min_cells
      || report->n_boxes == DW_MOTION_MAX_BOXES)
    return;
  box = &report->boxes[report->n_boxes++];
  box->rect = to_pixels (motion, track->rect);
  box->score = 1 - expf (-track->peak / 3);
  box->id = track->id;
  box->zones = track->zones;
  box->is_confirmed = track->is_confirmed;
  fill_rows (motion, track);
  if (!track->is_confirmed)
    return;
  mark_moving (motion, track, (uint8_t)report->n_boxes);
  report->score = fmaxf (report->score, box->score);
}

/* Zones whose least area and dwell are met by the confirmed boxes. */
static uint32_t
wake_zones (DwMotion *motion, const DwMotionReport *report, float dt_s)
{
  size_t n = motion->config.n_zones;
  uint32_t awake = 0;

  for (size_t z = 0; z < (n > 0 ? n : 1); z++)
    {
      const DwMotionZone *zone = &motion->config.zones[z];
      float least = n > 0 ? zone->min_area : 0;
      float dwell_s = n > 0 ? (float)zone->dwell_ms / 1000 : 0;
      bool is_touched = false;

      for (size_t b = 0; b < report->n_boxes; b++)
        {
          const DwMotionBox *box = &report->boxes[b];
          float area = (float)box->rect.width * (float)box->rect.height
                       / ((float)motion->width * (float)motion->height);

          is_touched = is_touched
                       || (box->is_confirmed && (box->zones >> z & 1)
                           && area >= least);
        }
      motion->dwell_s[z] = is_touched ? motion->dwell_s[z] + dt_s : 0;
      if (is_touched && motion->dwell_s[z] >= dwell_s)
        awake |= 1U << z;
    }
  return awake;
}

static void
keep_event (DwMotion *motion, float dt_s, DwMotionReport *report)
{
  uint32_t awake = wake_zones (motion, report, dt_s);

  report->zones = motion->config.n_zones > 0 ? awake : 0;
  motion->quiet_s = awake ? 0 : motion->quiet_s + dt_s;
  if (!motion->is_running && awake)
    {
      motion->is_running = true;
      motion->event_id++;
      report->state = DW_MOTION_BEGIN;
    }
  else if (motion->is_running
           && motion->quiet_s * 1000 >= (float)motion->config.hold_ms)
    {
      motion->is_running = false;
      report->state = DW_MOTION_END;
    }
  else if (motion->is_running)
    {
      report->state = DW_MOTION_UPDATE;
    }
  report->event_id = motion->event_id;
}

static void
judge (DwMotion *motion, float dt_s)
{
  DwScene *scene = &motion->scene;

  dw_scene_judge (scene, dt_s, !motion->is_learned);
  if (motion->is_learned && scene->changed > GLOBAL_CHANGE
      && !is_somebody_near (motion))
    {
      forget (motion);
      dw_scene_judge (scene, dt_s, true);
    }
}

static void
find_objects (DwMotion *motion, float dt_s, DwMotionReport *report)
{
  DwTracks *tracks = &motion->tracks;

  dw_blobs_find (&motion->blobs, &motion->scene, motion->gain, motion->zones);
  dw_tracks_update (tracks, &motion->blobs, dt_s);
  hold_tracks (motion);
  draw_foreground (motion);
  memset (motion->moving, 0, (size_t)motion->scene.n_cells);
  for (int t = 0; t < tracks->n_tracks; t++)
    if (tracks->tracks[t].is_confirmed)
      report_track (motion, &tracks->tracks[t], report);
  for (int t = 0; t < tracks->n_tracks; t++)
    if (!tracks->tracks[t].is_confirmed)
      report_track (motion, &tracks->tracks[t], report);
}

/* The picture lies in scene->mean and scene->gradient. */
static void
treat_picture (DwMotion *motion, int64_t pts_ns, DwMotionReport *report)
{
  DwScene *scene = &motion->scene;
  float dt_s = take_interval (motion, pts_ns);

  judge (motion, dt_s);
  if (motion->is_learned)
    {
      find_objects (motion, dt_s, report);
    }
  else
    {
      memset (motion->foreground, 1, (size_t)scene->n_cells);
      memset (motion->moving, 0, (size_t)scene->n_cells);
    }
  report->is_learned = motion->is_learned;
  keep_event (motion, dt_s, report);
  dw_scene_learn (scene, dt_s, !motion->is_learned);
  if (scene->n_pictures >= MIN_PICTURES
      && scene->now_s * 1000 >= (float)motion->config.learn_ms)
    motion->is_learned = true;
  report->columns = scene->columns;
  report->rows = scene->rows;
  report->cell_size = motion->cell_size;
  report->foreground = motion->foreground;
  report->moving = motion->moving;
}

DwStatus
dw_motion_push (DwMotion *motion, const DwPlane *luma, int64_t pts_ns,
                DwMotionReport *report)
{
  memset (report, 0, sizeof *report);
  if (motion->memory == NULL || luma->data == NULL
      || luma->width != motion->width || luma->height != motion->height
      || luma->stride < luma->width)
    return DW_ERROR_INVALID;
  pool_plane (motion, luma);
  treat_picture (motion, pts_ns, report);
  return DW_OK;
}

DwStatus
dw_motion_push_frame (DwMotion *motion, const DwFrame *frame, int64_t pts_ns,
                      DwMotionReport *report)
{
  memset (report, 0, sizeof *report);
  if (motion->memory == NULL || !dw_frame_is_valid (frame)
      || frame->width != motion->width || frame->height != motion->height)
    return DW_ERROR_INVALID;
  if (frame->format == DW_FORMAT_YUY2 || frame->format == DW_FORMAT_UYVY)
    {
      pool_packed (motion, frame);
    }
  else
    {
      DwPlane luma
          = { frame->data[0], frame->stride[0], frame->width, frame->height };

      pool_plane (motion, &luma);
    }
  treat_picture (motion, pts_ns, report);
  return DW_OK;
}

DwStatus
dw_motion_push_jpeg (DwMotion *motion, const uint8_t *data, size_t size,
                     int64_t pts_ns, DwMotionReport *report)
{
  DwMotionJpegInput input
      = { data, size, motion->width, motion->height, motion->cell_size };
  DwStatus status;

  memset (report, 0, sizeof *report);
  if (motion->memory == NULL || data == NULL || size == 0)
    return DW_ERROR_INVALID;
  status = dw_motion_jpeg_read (motion->jpeg, &input, &motion->scene);
  if (status != DW_OK)
    return status;
  treat_picture (motion, pts_ns, report);
  return DW_OK;
}
