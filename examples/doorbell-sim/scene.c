/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts the scene together and keeps account of every pixel: what never moves
 * is drawn once, each body on a layer of its own, so that the truth is what
 * was really drawn and not what was meant. */
#include "scene-paint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BIT(part) ((uint8_t)(1u << (part)))

/* Runs of one part, grown as needed and kept from frame to frame. */
typedef struct
{
  DwSceneRun *runs;
  size_t n_runs, room;
} Runs;

struct DwScene
{
  DwSceneSettings settings;
  double scale, shift_x, shift_y;         /* stage to frame */
  cairo_surface_t *place, *hedge, *porch; /* never change */
  cairo_surface_t *still;                 /* place and porch: where nobody is */
  cairo_surface_t *frame, *layer;
  uint8_t *bits; /* the parts of each pixel */
  DwRect dirty;  /* where bits and layer may be other than zero */
  Runs parts[DW_N_PARTS];
};

const char *
dw_scene_part_text (DwScenePart part)
{
  static const char *const names[DW_N_PARTS]
      = { "visitor", "face", "car", "plate", "shade", "window", "tree" };

  return part < DW_N_PARTS ? names[part] : "unknown";
}

static void
to_stage (const DwScene *scene, cairo_t *cr)
{
  cairo_translate (cr, scene->shift_x, scene->shift_y);
  cairo_scale (cr, scene->scale, scene->scale);
}

static DwBrush
brush_on (const DwScene *scene, cairo_surface_t *surface)
{
  DwBrush brush = { cairo_create (surface), scene->settings.is_night };

  to_stage (scene, brush.cr);
  return brush;
}

static DwRect
whole (const DwScene *scene)
{
  DwRect rect = { 0, 0, scene->settings.width, scene->settings.height };

  return rect;
}

/* The pixels that a rectangle of the stage touches. */
static DwRect
to_pixels (const DwScene *scene, double x, double y, double width,
           double height)
{
  double left = floor (x * scene->scale + scene->shift_x);
  double top = floor (y * scene->scale + scene->shift_y);
  double right = ceil ((x + width) * scene->scale + scene->shift_x);
  double bottom = ceil ((y + height) * scene->scale + scene->shift_y);
  DwRect rect
      = { (int)left, (int)top, (int)(right - left), (int)(bottom - top) };

  return dw_rect_intersect (rect, whole (scene));
}

static bool
surface_is_good (cairo_surface_t *surface)
{
  return surface && cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS;
}

static void
paint_fixed (DwScene *scene)
{
  DwBrush brush = brush_on (scene, scene->place);
  cairo_t *cr;

  dw_paint_place (&brush, scene->settings.seed);
  cairo_destroy (brush.cr);
  brush = brush_on (scene, scene->hedge);
  dw_paint_hedge (&brush, scene->settings.seed);
  cairo_destroy (brush.cr);
  brush = brush_on (scene, scene->porch);
  dw_paint_porch (&brush, scene->settings.seed);
  cairo_destroy (brush.cr);
  cr = cairo_create (scene->still);
  cairo_set_source_surface (cr, scene->place, 0, 0);
  cairo_paint (cr);
  cairo_set_source_surface (cr, scene->porch, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
}

DwStatus
dw_scene_new (const DwSceneSettings *settings, DwScene **out, DwError *error)
{
  int w = settings->width, h = settings->height;
  DwStatus status = dw_scene_check (settings, error);
  DwScene *scene;

  *out = NULL;
  if (status != DW_OK)
    return status;
  scene = calloc (1, sizeof *scene);
  if (scene == NULL)
    goto no_memory;
  scene->settings = *settings;
  /* The stage covers the frame; what sticks out is cut on both sides. */
  scene->scale = fmax (w / STAGE_WIDTH, h / STAGE_HEIGHT);
  scene->shift_x = (w - scene->scale * STAGE_WIDTH) / 2;
  scene->shift_y = (h - scene->scale * STAGE_HEIGHT) / 2;
  scene->place = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  scene->still = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  scene->frame = cairo_image_surface_create (CAIRO_FORMAT_RGB24, w, h);
  scene->hedge = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, w, h);
  scene->porch = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, w, h);
  scene->layer = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, w, h);
  scene->bits = calloc ((size_t)w, (size_t)h);
  if (!surface_is_good (scene->place) || !surface_is_good (scene->still)
      || !surface_is_good (scene->frame) || !surface_is_good (scene->hedge)
      || !surface_is_good (scene->porch) || !surface_is_good (scene->layer)
      || scene->bits == NULL)
    goto no_memory;
  paint_fixed (scene);
  *out = scene;
  return DW_OK;

no_memory:
  dw_scene_free (scene);
  return dw_error_set (error, DW_ERROR_NO_MEMORY,
                       "no memory for a scene of %d x %d", w, h);
}

void
dw_scene_free (DwScene *scene)
{
  if (scene == NULL)
    return;
  for (int part = 0; part < DW_N_PARTS; part++)
    free (scene->parts[part].runs);
  cairo_surface_destroy (scene->place);
  cairo_surface_destroy (scene->still);
  cairo_surface_destroy (scene->hedge);
  cairo_surface_destroy (scene->porch);
  cairo_surface_destroy (scene->frame);
  cairo_surface_destroy (scene->layer);
  free (scene->bits);
  free (scene);
}

static void
clear_layer (DwScene *scene, DwRect area)
{
  cairo_t *cr = cairo_create (scene->layer);

  cairo_rectangle (cr, area.x, area.y, area.width, area.height);
  cairo_set_operator (cr, CAIRO_OPERATOR_CLEAR);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
grow (DwRect *rect, DwRect by)
{
  int right = rect->x + rect->width, bottom = rect->y + rect->height;

  if (by.width <= 0 || by.height <= 0)
    return;
  if (rect->width <= 0 || rect->height <= 0)
    {
      *rect = by;
      return;
    }
  right = right > by.x + by.width ? right : by.x + by.width;
  bottom = bottom > by.y + by.height ? bottom : by.y + by.height;
  rect->x = rect->x < by.x ? rect->x : by.x;
  rect->y = rect->y < by.y ? rect->y : by.y;
  rect->width = right - rect->x;
  rect->height = bottom - rect->y;
}

/* Where `layer` has ink the pixel gets `set`; where it hides what is behind
 * it loses `cover`. With `within` not 0 only pixels that have it count. */
static void
mark (DwScene *scene, cairo_surface_t *layer, DwRect area, uint8_t set,
      uint8_t cover, uint8_t within)
{
  int stride = cairo_image_surface_get_stride (layer);
  const uint8_t *pixels = cairo_image_surface_get_data (layer);

  cairo_surface_flush (layer);
  for (int y = area.y; y < area.y + area.height; y++)
    {
      const uint32_t *row = (const uint32_t *)(pixels + (size_t)y * stride);
      uint8_t *bits = scene->bits + (size_t)y * scene->settings.width;

      for (int x = area.x; x < area.x + area.width; x++)
        {
          uint32_t alpha = row[x] >> 24;

          if (alpha == 0 || (within && !(bits[x] & within)))
            continue;
          if (alpha == 255)
            bits[x] &= (uint8_t)~cover;
          bits[x] |= set;
        }
    }
}

static void
put_layer (DwScene *scene, cairo_surface_t *layer, DwRect area)
{
  cairo_t *cr = cairo_create (scene->frame);

  cairo_rectangle (cr, area.x, area.y, area.width, area.height);
  cairo_set_source_surface (cr, layer, 0, 0);
  cairo_fill (cr);
  cairo_destroy (cr);
}

static void
hide_behind_hedge (DwScene *scene, DwRect area)
{
  cairo_t *cr = cairo_create (scene->layer);

  cairo_rectangle (cr, area.x, area.y, area.width, area.height);
  cairo_set_operator (cr, CAIRO_OPERATOR_DEST_OUT);
  cairo_set_source_surface (cr, scene->hedge, 0, 0);
  cairo_fill (cr);
  cairo_destroy (cr);
}

/* A brush on the empty layer that cannot leave `area`. */
static DwBrush
brush_on_layer (DwScene *scene, DwRect area)
{
  DwBrush brush = { NULL, scene->settings.is_night };

  clear_layer (scene, area);
  brush.cr = cairo_create (scene->layer);
  cairo_rectangle (brush.cr, area.x, area.y, area.width, area.height);
  cairo_clip (brush.cr);
  to_stage (scene, brush.cr);
  return brush;
}

static uint32_t
visit_seed (const DwScene *scene, uint32_t visit)
{
  return scene->settings.seed * 2654435761u + visit * 40503u;
}

/* All that the car can touch, its shadow and its light included. */
static DwRect
car_area (const DwScene *scene, double d)
{
  DwSpot left = dw_project (1.4, 2.2, d), right = dw_project (4.2, -0.6, d);
  double inner = fmin (left.x, dw_project (1.4, 0, d + 5).x);

  return to_pixels (scene, inner, left.y, right.x - inner, right.y - left.y);
}

static DwRect
visitor_area (const DwScene *scene, const DwPose *pose)
{
  DwSpot top = dw_project (pose->x - 0.75, 1.95, pose->d);
  DwSpot end = dw_project (pose->x + 0.85, -0.2, pose->d);

  return to_pixels (scene, top.x, top.y, end.x - top.x, end.y - top.y);
}

static void
draw_car (DwScene *scene, const DwSceneMoment *moment)
{
  double d = dw_car_distance (scene->settings.ring_s, moment->second);
  DwRect area = car_area (scene, d);
  DwBrush brush;

  brush = brush_on_layer (scene, area);
  dw_paint_car_shade (&brush, d);
  cairo_destroy (brush.cr);
  mark (scene, scene->layer, area, BIT (DW_PART_SHADE), 0, 0);
  put_layer (scene, scene->layer, area);

  brush = brush_on_layer (scene, area);
  dw_paint_car (&brush, visit_seed (scene, moment->visit), d);
  cairo_destroy (brush.cr);
  mark (scene, scene->layer, area, BIT (DW_PART_CAR), BIT (DW_PART_SHADE), 0);
  put_layer (scene, scene->layer, area);

  brush = brush_on_layer (scene, area);
  dw_car_plate (&brush, d);
  cairo_fill (brush.cr);
  cairo_destroy (brush.cr);
  mark (scene, scene->layer, area, BIT (DW_PART_PLATE), 0, BIT (DW_PART_CAR));
}

static void
draw_visitor (DwScene *scene, const DwSceneMoment *moment)
{
  DwPose pose = dw_visitor_pose (scene->settings.ring_s, moment->second);
  DwRect area = visitor_area (scene, &pose);
  bool is_behind = pose.d > HEDGE_D;
  uint8_t behind
      = BIT (DW_PART_CAR) | BIT (DW_PART_PLATE) | BIT (DW_PART_SHADE);
  DwBrush brush;

  brush = brush_on_layer (scene, area);
  dw_paint_visitor_shade (&brush, &pose);
  cairo_destroy (brush.cr);
  if (is_behind)
    hide_behind_hedge (scene, area);
  mark (scene, scene->layer, area, BIT (DW_PART_SHADE), 0, 0);
  put_layer (scene, scene->layer, area);

  brush = brush_on_layer (scene, area);
  dw_paint_visitor (&brush, visit_seed (scene, moment->visit), &pose);
  cairo_destroy (brush.cr);
  if (is_behind)
    hide_behind_hedge (scene, area);
  mark (scene, scene->layer, area, BIT (DW_PART_VISITOR), behind, 0);
  put_layer (scene, scene->layer, area);

  brush = brush_on_layer (scene, area);
  if (dw_visitor_face (&brush, &pose))
    cairo_fill (brush.cr);
  cairo_destroy (brush.cr);
  mark (scene, scene->layer, area, BIT (DW_PART_FACE), 0,
        BIT (DW_PART_VISITOR));
}

static bool
add_run (Runs *runs, int y, int x, int length)
{
  if (runs->n_runs == runs->room)
    {
      size_t room = runs->room ? 2 * runs->room : 256;
      DwSceneRun *more = realloc (runs->runs, room * sizeof *more);

      if (more == NULL)
        return false;
      runs->runs = more;
      runs->room = room;
    }
  runs->runs[runs->n_runs++] = (DwSceneRun){ y, x, length };
  return true;
}

static bool
collect (const DwScene *scene, DwScenePart part, Runs *runs,
         DwSceneTruth *truth)
{
  DwRect area = scene->dirty;

  runs->n_runs = 0;
  for (int y = area.y; y < area.y + area.height; y++)
    {
      const uint8_t *bits = scene->bits + (size_t)y * scene->settings.width;
      int end = area.x + area.width, start;

      for (int x = area.x; x < end; x++)
        {
          DwRect run = { x, y, 0, 1 };

          if (!(bits[x] & BIT (part)))
            continue;
          for (start = x; x < end && (bits[x] & BIT (part)); x++)
            ;
          run.width = x - start;
          grow (&truth->box, run);
          if (!add_run (runs, y, start, x - start))
            return false;
        }
    }
  truth->runs = runs->runs;
  truth->n_runs = runs->n_runs;
  return true;
}

static void
forget_bits (DwScene *scene)
{
  DwRect area = scene->dirty;

  for (int y = area.y; y < area.y + area.height; y++)
    memset (scene->bits + (size_t)y * scene->settings.width + area.x, 0,
            (size_t)area.width);
  scene->dirty = (DwRect){ 0, 0, 0, 0 };
}

/* Confines `cr` to where something may move; that is where the porch has to
 * be put on again. */
static void
clip_to_moving (DwScene *scene, cairo_t *cr, const DwSceneMoment *moment)
{
  double ring = scene->settings.ring_s;
  DwRect areas[3]
      = { to_pixels (scene, TREE_X, TREE_Y, TREE_WIDTH, TREE_HEIGHT) };
  int n_areas = 1;

  if (moment->has_car)
    areas[n_areas++] = car_area (scene, dw_car_distance (ring, moment->second));
  if (moment->has_visitor)
    {
      DwPose pose = dw_visitor_pose (ring, moment->second);

      areas[n_areas++] = visitor_area (scene, &pose);
    }
  for (int i = 0; i < n_areas; i++)
    {
      cairo_rectangle (cr, areas[i].x, areas[i].y, areas[i].width,
                       areas[i].height);
      if (i > 0)
        grow (&scene->dirty, areas[i]);
    }
  cairo_clip (cr);
}

static void
draw_frame (DwScene *scene, const DwSceneMoment *moment)
{
  cairo_t *cr = cairo_create (scene->frame);
  DwBrush brush;

  cairo_set_source_surface (cr, scene->still, 0, 0);
  cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
  cairo_paint (cr);
  forget_bits (scene);
  clip_to_moving (scene, cr, moment);
  cairo_set_source_surface (cr, scene->place, 0, 0);
  cairo_paint (cr);
  brush = brush_on (scene, scene->frame);
  dw_paint_tree (&brush, scene->settings.seed,
                 moment->second + moment->visit * scene->settings.every_s);
  cairo_destroy (brush.cr);
  if (moment->has_car)
    draw_car (scene, moment);
  if (moment->has_visitor)
    draw_visitor (scene, moment);
  cairo_set_operator (cr, CAIRO_OPERATOR_OVER);
  cairo_set_source_surface (cr, scene->porch, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  mark (scene, scene->porch, scene->dirty, 0, 0xff, 0);
  cairo_surface_flush (scene->frame);
}

DwStatus
dw_scene_draw (DwScene *scene, int64_t time_ns, const DwPlane *plane,
               DwSceneTruth truth[DW_N_PARTS])
{
  DwSceneMoment moment = dw_scene_moment (&scene->settings, time_ns);
  int stride = cairo_image_surface_get_stride (scene->frame);
  const uint8_t *pixels;

  if (truth)
    memset (truth, 0, DW_N_PARTS * sizeof *truth);
  if (plane->width != scene->settings.width
      || plane->height != scene->settings.height
      || plane->stride < 4 * plane->width)
    return DW_ERROR_INVALID;
  draw_frame (scene, &moment);
  pixels = cairo_image_surface_get_data (scene->frame);
  for (int y = 0; y < plane->height; y++)
    memcpy (plane->data + (size_t)y * plane->stride,
            pixels + (size_t)y * stride, (size_t)plane->width * 4);
  if (truth == NULL)
    return DW_OK;
  for (int part = 0; part < DW_PART_WINDOW; part++)
    if (!collect (scene, (DwScenePart)part, &scene->parts[part], &truth[part]))
      return DW_ERROR_NO_MEMORY;
  truth[DW_PART_WINDOW].box
      = to_pixels (scene, WINDOW_X, WINDOW_Y, WINDOW_WIDTH, WINDOW_HEIGHT);
  truth[DW_PART_TREE].box
      = to_pixels (scene, TREE_X, TREE_Y, TREE_WIDTH, TREE_HEIGHT);
  return DW_OK;
}
