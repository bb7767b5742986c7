/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows blobs over time and says which of them are objects that move. */
#pragma once

#include "motion-blobs.h"

#include <stdbool.h>

#define DW_MAX_TRACKS 64

typedef struct
{
  uint32_t id;
  DwRect rect;            /* cells */
  float x, y;             /* middle now */
  float speed_x, speed_y; /* cells a second */
  DwRect start_rect;
  float start_x, start_y, start_area;
  float path; /* cells travelled, back and forth */
  float area;
  float activity; /* smoothed */
  float blink;
  float peak;
  float age_s;
  float hits_s;    /* of that, how long it was seen */
  float missing_s; /* since it was last seen */
  float still_s;   /* since it was last active */
  uint32_t zones;
  int blob;     /* -1: not seen in this picture */
  bool gets_on; /* goes somewhere, confirmed or not */
  bool is_confirmed;
  bool was_confirmed; /* its cells stay held */
} DwTrack;

typedef struct
{
  DwTrack tracks[DW_MAX_TRACKS];
  int n_tracks;
  uint32_t last_id;
  float min_cells; /* least area of an object */
} DwTracks;

/* Matches the blobs of a new picture to the tracks, confirms and drops. */
void dw_tracks_update (DwTracks *tracks, const DwBlobs *blobs, float dt_s);

void dw_tracks_clear (DwTracks *tracks);
