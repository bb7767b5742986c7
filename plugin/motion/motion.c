/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The motion core's outside: pictures in, reports out. Pools the picture,
 * asks the scene, the blobs and the tracks, and keeps the event. */
#include "motion.h"

#include "cpu.h"
#include "motion-blobs.h"
#include "motion-cells.h"
#include "motion-jpeg.h"
#include "motion-kernels.h"
#include "motion-pool.h"
#include "motion-background.h"
#include "motion-tracks.h"
#include "motion-wide.h"
#include "motion-zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_DIMENSION 16
#define LARGE_LINES 720 /* from here on cells are 8 pixels a side */
#define DEFAULT_INTERVAL_S (1.0f / 15)
#define MIN_INTERVAL_S 0.001f
#define MAX_INTERVAL_S 2.5f /* a longer one is a jump of the clock */
#define MIN_PICTURES 3      /* that a scene is learned from */
#define GLOBAL_CHANGE 0.5f  /* share of the picture */
#define LASTING_S 0.5f      /* a change that is no lightning */
#define LARGE_SHARE 0.25f
#define NEAR_SHARE 0.15f /* an object this large may hide the scene */

struct DwMotion
{
  DwMotionConfig config;
  DwMotionJpeg *jpeg;

  int width, height, cell_size;
  DwBackground background;
  DwBlobs blobs;
  DwTracks tracks;
  DwWide wide;
  void *memory; /* of the arrays below */
  float *gain;
  uint16_t *zones;
  uint8_t *foreground, *moving;
  DwPool pool;

  int64_t last_pts_ns;
  float interval_s;
  bool is_learned;
  float changed_s; /* how long most of the picture has been new */

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
      = fmaxf (2, own->min_area * (float)motion->background.n_cells);
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
  motion->pool.kernels = dw_motion_kernels_choose (cpu_flags);
  apply_config (motion, config);
  *out = motion;
  return DW_OK;
}

static void
drop_size (DwMotion *motion)
{
  dw_background_finish (&motion->background);
  dw_blobs_finish (&motion->blobs);
  dw_wide_finish (&motion->wide);
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
  DwPool *pool = &motion->pool;
  size_t n = columns * rows;
  size_t luma = (size_t)motion->width * (size_t)(motion->cell_size + 1);

  motion->memory = calloc (1, n * (sizeof (float) + sizeof (uint16_t) + 2)
                                  + columns * 2 * sizeof (uint16_t) + luma);
  if (motion->memory == NULL)
    return DW_ERROR_NO_MEMORY;
  motion->gain = motion->memory;
  motion->zones = (void *)(motion->gain + n);
  pool->sums = motion->zones + n;
  pool->gradients = pool->sums + columns;
  motion->foreground = (uint8_t *)(pool->gradients + columns);
  motion->moving = motion->foreground + n;
  pool->luma = motion->moving + n;
  pool->background = &motion->background;
  pool->width = motion->width;
  return DW_OK;
}

static void
forget (DwMotion *motion)
{
  dw_background_forget (&motion->background);
  dw_tracks_clear (&motion->tracks);
  dw_wide_forget (&motion->wide);
  motion->is_learned = false;
  motion->changed_s = 0;
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
  status = dw_background_init (&motion->background, columns, rows);
  motion->background.cell_size = motion->cell_size;
  if (status == DW_OK)
    status = dw_blobs_init (&motion->blobs, columns, rows);
  if (status == DW_OK)
    status = dw_wide_init (&motion->wide, columns, rows);
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

/* A confirmed object that fills much of the view is no change of light. */
static bool
is_somebody_near (const DwMotion *motion)
{
  for (int t = 0; t < motion->tracks.n_tracks; t++)
    {
      const DwTrack *track = &motion->tracks.tracks[t];

      if (track->was_confirmed
          && track->area > NEAR_SHARE * (float)motion->background.n_cells)
        return true;
    }
  return false;
}

static void
hold_rect (DwMotion *motion, DwRect rect, uint16_t label, DwHeld held)
{
  const DwBackground *background = &motion->background;
  DwRect grid = { 0, 0, background->columns, background->rows };
  bool is_large = (float)rect.width * (float)rect.height
                  > LARGE_SHARE * (float)background->n_cells;
  DwHeld between
      = held == DW_HELD_MOVER && !is_large ? DW_HELD_MOVER : DW_HELD_NOT;

  /* Between a mover's cells nothing is learned either; but in a large one, a
   * cloud perhaps, the light must be measured. */
  if (held == DW_HELD_MOVER && is_large)
    between = DW_HELD_BLOB;
  rect = dw_rect_intersect (rect, grid);
  for (int y = rect.y; y < rect.y + rect.height; y++)
    for (int x = rect.x; x < rect.x + rect.width; x++)
      {
        int cell = y * background->columns + x;
        bool is_own = motion->blobs.labels[cell] == label;
        uint8_t level = (uint8_t)held;

        if (!is_own)
          level = (uint8_t)between;
        if (background->held[cell] < level)
          background->held[cell] = level;
      }
}

/* Which cells the scene must not learn from. */
static void
hold_tracks (DwMotion *motion)
{
  memset (motion->background.held, DW_HELD_NOT,
          (size_t)motion->background.n_cells);
  for (int t = 0; t < motion->tracks.n_tracks; t++)
    {
      const DwTrack *track = &motion->tracks.tracks[t];
      bool is_mover = track->was_confirmed || track->gets_on;

      if (track->area < motion->tracks.min_cells
          || (track->blob < 0 && !is_mover))
        continue;
      hold_rect (motion, track->rect, (uint16_t)(track->blob + 1),
                 is_mover ? DW_HELD_MOVER : DW_HELD_BLOB);
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
  dw_cells_fill_track (track, motion->background.columns, motion->foreground);
  if (!track->is_confirmed)
    return;
  dw_cells_mark_moving (&motion->background, &motion->blobs, track,
                        (uint8_t)report->n_boxes, motion->moving);
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
  DwBackground *background = &motion->background;

  dw_background_judge (background, dt_s, !motion->is_learned);
  if (background->n_pictures == 0)
    {
      dw_tracks_clear (&motion->tracks);
      motion->is_learned = false;
    }
  if (!motion->is_learned || background->changed <= GLOBAL_CHANGE
      || is_somebody_near (motion))
    {
      motion->changed_s = 0;
      return;
    }
  motion->changed_s += dt_s;
  if (motion->changed_s >= LASTING_S)
    {
      forget (motion);
      dw_background_restart (background);
    }
}

static void
find_objects (DwMotion *motion, float dt_s, DwMotionReport *report)
{
  DwTracks *tracks = &motion->tracks;

  dw_blobs_find (&motion->blobs, &motion->background, motion->gain,
                 motion->zones);
  dw_tracks_update (tracks, &motion->blobs, dt_s);
  hold_tracks (motion);
  dw_cells_draw_foreground (&motion->background, motion->wide.pooled,
                            motion->moving, motion->foreground);
  memset (motion->moving, 0, (size_t)motion->background.n_cells);
  for (int t = 0; t < tracks->n_tracks; t++)
    if (tracks->tracks[t].is_confirmed)
      report_track (motion, &tracks->tracks[t], report);
  for (int t = 0; t < tracks->n_tracks; t++)
    if (!tracks->tracks[t].is_confirmed)
      report_track (motion, &tracks->tracks[t], report);
  dw_wide_cover (&motion->wide, &motion->background, dt_s, motion->foreground);
}

/* The picture lies in background->mean and background->gradient. */
static void
treat_picture (DwMotion *motion, int64_t pts_ns, DwMotionReport *report)
{
  DwBackground *background = &motion->background;
  float dt_s = take_interval (motion, pts_ns);
  bool is_sure;

  judge (motion, dt_s);
  dw_wide_judge (&motion->wide, background, dt_s);
  is_sure = motion->is_learned && motion->changed_s <= 0;
  if (is_sure)
    {
      find_objects (motion, dt_s, report);
    }
  else
    {
      memset (motion->foreground, 1, (size_t)background->n_cells);
      memset (motion->moving, 0, (size_t)background->n_cells);
    }
  if (motion->wide.is_blind)
    memset (motion->foreground, 1, (size_t)background->n_cells);
  report->is_learned = is_sure && !motion->wide.is_blind;
  keep_event (motion, dt_s, report);
  if (is_sure || !motion->is_learned)
    dw_background_learn (background, dt_s, !motion->is_learned);
  else
    dw_background_skip (background);
  if (background->n_pictures >= MIN_PICTURES
      && background->now_s * 1000 >= (float)motion->config.learn_ms)
    motion->is_learned = true;
  report->columns = background->columns;
  report->rows = background->rows;
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
  dw_pool_plane (&motion->pool, luma);
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
      dw_pool_packed (&motion->pool, frame);
    }
  else
    {
      DwPlane luma
          = { frame->data[0], frame->stride[0], frame->width, frame->height };

      dw_pool_plane (&motion->pool, &luma);
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
  status = dw_motion_jpeg_read (motion->jpeg, &input, &motion->background);
  if (status != DW_OK)
    return status;
  treat_picture (motion, pts_ns, report);
  return DW_OK;
}
