/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The motion core: takes luma planes (or JPEG bytes) and says which cells are
 * not the learned, empty scene, and when a movement begins, goes on and ends.
 *
 * The picture is pooled to cells of cell_size pixels a side (8, or 4 for
 * pictures under 720 lines). Two answers come out: the foreground, immediate
 * and wide, for masking; the event, confirmed and narrow, for waking people.
 * Until the scene has been learned every cell is foreground. */
#pragma once

#include "picture.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DW_MOTION_MAX_BOXES 32
#define DW_MOTION_MAX_ZONES 16
#define DW_NAME_LENGTH 64

/* Where movement counts. */
typedef struct
{
  char name[DW_NAME_LENGTH];
  DwPolygon polygon;
  float sensitivity; /* 0 (deaf) .. 1 (everything); 0.5 is the default */
  float min_area;    /* share of the picture an object must cover, 0..1 */
  uint32_t dwell_ms; /* how long it must stay before it counts */
} DwMotionZone;

/* The zero value of a number means its default. */
typedef struct
{
  float sensitivity; /* 0..1, default 0.5 */
  float min_area;    /* share of the picture, default 0.002 */
  uint32_t hold_ms;  /* an event ends this long after the last movement; 800 */
  uint32_t learn_ms; /* the scene counts as learned after this; 1000 */
  size_t n_zones;    /* 0: the whole picture is one zone */
  DwMotionZone zones[DW_MOTION_MAX_ZONES];
} DwMotionConfig;

typedef enum
{
  DW_MOTION_IDLE = 0, /* no event */
  DW_MOTION_BEGIN,
  DW_MOTION_UPDATE,
  DW_MOTION_END,
} DwMotionState;

typedef struct
{
  DwRect rect;       /* pixels of the pushed picture */
  float score;       /* 0..1 */
  uint32_t id;       /* stays the same while the object is followed */
  uint32_t zones;    /* bit i: zones[i] is touched */
  bool is_confirmed; /* took part in an event */
} DwMotionBox;

/* What one push found. Pointers are borrowed from the DwMotion and hold until
 * its next call. */
typedef struct
{
  DwMotionState state;
  uint32_t event_id; /* grows with every event */
  float score;       /* highest of the boxes */
  uint32_t zones;    /* bits of all confirmed boxes */
  bool is_learned;   /* false: the foreground is the whole picture; also
                        when noise or darkness would hide a person */
  size_t n_boxes;
  DwMotionBox boxes[DW_MOTION_MAX_BOXES];
  int columns, rows; /* of the cell grid */
  int cell_size;     /* pixels a side; the last column or row may be cut */
  const uint8_t *foreground; /* rows * columns bytes: 0 background, 1 not */
  const uint8_t *moving;     /* likewise, narrow: i + 1 is a cell of boxes[i],
                                0 none; only confirmed boxes have cells */
} DwMotionReport;

typedef struct DwMotion DwMotion;

/* Replaces the zones of `config` by those of "name:x,y x,y x,y;name:...", each
 * polygon of 3 to DW_MAX_POLYGON_POINTS points within 0..1, of sensitivity 0.5
 * and without least area and dwell. "" leaves none. Anything else than that,
 * a name used twice included, is refused whole (DW_ERROR_INVALID, or
 * DW_ERROR_LIMIT for too many): `config` stays as it was. */
DwStatus dw_motion_config_parse_zones (DwMotionConfig *config,
                                       const char *text);

/* `cpu_flags` from dw_cpu_detect (), limited by the caller; 0 forces plain C.
 * All kernels give the same bytes. */
DwStatus dw_motion_new (const DwMotionConfig *config, unsigned cpu_flags,
                        DwMotion **out);
void dw_motion_free (DwMotion *motion);

/* Forgets the scene; the next push learns anew. Allocates what a picture of
 * this size needs; 16..DW_MAX_DIMENSION a side, else DW_ERROR_UNSUPPORTED. */
DwStatus dw_motion_set_size (DwMotion *motion, int width, int height);

/* New zones and thresholds; the learned scene stays. */
DwStatus dw_motion_set_config (DwMotion *motion, const DwMotionConfig *config);

/* One picture. `pts_ns` may repeat, jump or be negative ("not known": the last
 * interval is assumed); time constants are in seconds whatever the rate.
 * Always writes `report`; on error it is the closed one: not learned, no
 * foreground pointer. One thread at a time. Allocates nothing. */
DwStatus dw_motion_push (DwMotion *motion, const DwPlane *luma, int64_t pts_ns,
                         DwMotionReport *report);

/* The same for the luma of a raw frame, packed formats included. */
DwStatus dw_motion_push_frame (DwMotion *motion, const DwFrame *frame,
                               int64_t pts_ns, DwMotionReport *report);

/* The same for a JPEG picture whose coefficients are read, never its pixels.
 * Its size must be the one set. Progressive or damaged: DW_ERROR_INVALID or
 * DW_ERROR_UNSUPPORTED. libjpeg-turbo allocates while it reads. */
DwStatus dw_motion_push_jpeg (DwMotion *motion, const uint8_t *data,
                              size_t size, int64_t pts_ns,
                              DwMotionReport *report);
