/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracks: matched by overlap, confirmed by straight movement, by growth
 * (somebody comes near) or by steady activity; demoted when nothing stirs. */
#include "motion-tracks.h"

#include <math.h>
#include <string.h>

#define MISSING_S 0.6f       /* unconfirmed tracks end after */
#define MISSING_MOVER_S 2.0f /* confirmed ones */
#define CONFIRM_S 0.25f      /* no object is confirmed sooner */
#define MAX_SPEED 4.0f       /* own sizes a second */
#define LEAST_ACTIVITY                                                         \
  0.1f /* share of the cells that differ picture to picture */
#define STEADY_ACTIVITY 0.15f
#define STEADY_S 2.0f /* activity in one place that is an object */
#define GROWTH 1.8f
#define STRAIGHT 0.55f /* distance over path */
#define STILL_S 4.0f   /* an object that nothing stirs in is demoted */
#define MANY_BLINKS 1.5f

static float
overlap (const DwTrack *track, const DwBlob *blob, float dt_s)
{
  float ahead = track->missing_s + dt_s;
  DwRect moved = track->rect;
  DwRect both;
  float smaller;

  moved.x += (int)lrintf (track->speed_x * ahead) - 1;
  moved.y += (int)lrintf (track->speed_y * ahead) - 1;
  moved.width += 2;
  moved.height += 2;
  both = dw_rect_intersect (moved, blob->rect);
  smaller = (float)fminf ((float)moved.width * (float)moved.height,
                          (float)blob->rect.width * (float)blob->rect.height);
  return (float)both.width * (float)both.height / smaller;
}

static void
follow (DwTrack *track, const DwBlob *blob, int index, float dt_s)
{
  float elapsed = track->missing_s + dt_s;
  float dx = blob->x - track->x, dy = blob->y - track->y;
  float rate = 1 - expf (-elapsed / 0.3f);

  track->speed_x += rate * (dx / elapsed - track->speed_x);
  track->speed_y += rate * (dy / elapsed - track->speed_y);
  track->path += sqrtf (dx * dx + dy * dy);
  track->x = blob->x;
  track->y = blob->y;
  track->rect = blob->rect;
  track->area += rate * ((float)blob->area - track->area);
  track->activity += rate * (blob->activity - track->activity);
  track->blink += rate * (blob->blink - track->blink);
  track->peak += rate * (blob->peak - track->peak);
  track->zones = blob->zones;
  track->missing_s = 0;
  track->hits_s += elapsed;
  track->blob = index;
  track->still_s = blob->activity > 0.04f ? 0 : track->still_s + elapsed;
}

/* How far both ends of a stretch went the same way. */
static float
shift (int from, int from_length, int to, int to_length)
{
  float near = (float)(to - from);
  float far = (float)(to + to_length - from - from_length);

  if (near * far <= 0)
    return 0;
  return fminf (fabsf (near), fabsf (far));
}

/* How far it went from where it began, in its own sizes, by its ends. Leaves
 * that take turns move a blob's middle, but not both of its ends. */
static float
progress (const DwTrack *track)
{
  DwRect a = track->start_rect, b = track->rect;
  float dx = shift (a.x, a.width, b.x, b.width);
  float dy = shift (a.y, a.height, b.y, b.height);
  float distance = sqrtf (dx * dx + dy * dy);

  return distance < 2 ? 0 : distance / sqrtf (track->area);
}

/* The same by its middle; 0 while it wanders more than it gets on, or when it
 * jumps as no body of its size does. */
static float
travel (const DwTrack *track)
{
  float dx = track->x - track->start_x, dy = track->y - track->start_y;
  float distance = sqrtf (dx * dx + dy * dy);
  float size = sqrtf (track->area);

  if (distance < 2 || distance < STRAIGHT * track->path
      || distance > MAX_SPEED * size * track->age_s)
    return 0;
  return distance / size;
}

static void
confirm (DwTrack *track, float min_cells)
{
  float moved;

  if (track->is_confirmed)
    {
      track->is_confirmed = track->still_s < STILL_S;
      return;
    }
  if (track->area < min_cells || track->age_s < CONFIRM_S
      || track->hits_s < 0.6f * track->age_s || track->still_s > 0.3f)
    return;
  moved = track->activity > LEAST_ACTIVITY ? travel (track) : 0;
  track->is_confirmed
      = (moved > 0.35f && progress (track) > 0.2f && track->blink < MANY_BLINKS)
        || moved > 0.9f + 0.2f * track->blink
        || (track->area > GROWTH * track->start_area
            && track->area > 2 * min_cells && track->activity > LEAST_ACTIVITY
            && track->blink < MANY_BLINKS / 2)
        || (track->hits_s > STEADY_S && track->activity > STEADY_ACTIVITY
            && track->blink < MANY_BLINKS / 4);
  track->gets_on = moved > 0.5f;
  track->was_confirmed = track->was_confirmed || track->is_confirmed;
}

static int
best_blob (const DwTrack *track, const DwBlobs *blobs, const bool *is_taken,
           float dt_s)
{
  float best = 0.15f;
  int found = -1;

  for (int b = 0; b < blobs->n_blobs; b++)
    {
      float score;

      if (is_taken[b])
        continue;
      score = overlap (track, &blobs->blobs[b], dt_s);
      score
          *= fminf (1, (float)blobs->blobs[b].area / (track->area + 1) + 0.3f);
      if (score > best)
        {
          best = score;
          found = b;
        }
    }
  return found;
}

static void
start (DwTracks *tracks, const DwBlob *blob, int index, float dt_s)
{
  DwTrack *track;

  if (tracks->n_tracks == DW_MAX_TRACKS)
    return;
  track = &tracks->tracks[tracks->n_tracks++];
  memset (track, 0, sizeof *track);
  track->id = ++tracks->last_id;
  track->x = track->start_x = blob->x;
  track->y = track->start_y = blob->y;
  track->start_rect = blob->rect;
  track->area = track->start_area = (float)blob->area;
  track->activity = blob->activity;
  track->blink = blob->blink;
  track->peak = blob->peak;
  follow (track, blob, index, dt_s);
  track->age_s = dt_s;
}

static void
match (DwTracks *tracks, const DwBlobs *blobs, bool *is_taken, float dt_s,
       bool is_for_confirmed)
{
  for (int t = 0; t < tracks->n_tracks; t++)
    {
      DwTrack *track = &tracks->tracks[t];
      int b;

      if (track->was_confirmed != is_for_confirmed)
        continue;
      track->age_s += dt_s;
      track->blob = -1;
      b = best_blob (track, blobs, is_taken, dt_s);
      if (b >= 0)
        {
          is_taken[b] = true;
          follow (track, &blobs->blobs[b], b, dt_s);
        }
      else
        {
          track->missing_s += dt_s;
        }
      confirm (track, tracks->min_cells);
    }
}

void
dw_tracks_update (DwTracks *tracks, const DwBlobs *blobs, float dt_s)
{
  bool is_taken[DW_MAX_BLOBS] = { false };
  int kept = 0;

  match (tracks, blobs, is_taken, dt_s, true);
  match (tracks, blobs, is_taken, dt_s, false);
  for (int t = 0; t < tracks->n_tracks; t++)
    {
      const DwTrack *track = &tracks->tracks[t];
      float limit = track->was_confirmed ? MISSING_MOVER_S : MISSING_S;

      if (track->missing_s <= limit)
        tracks->tracks[kept++] = *track;
    }
  tracks->n_tracks = kept;
  for (int b = 0; b < blobs->n_blobs; b++)
    if (!is_taken[b] && (float)blobs->blobs[b].area >= tracks->min_cells / 2)
      start (tracks, &blobs->blobs[b], b, dt_s);
}

void
dw_tracks_clear (DwTracks *tracks)
{
  tracks->n_tracks = 0;
}
