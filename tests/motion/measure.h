/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Precision, recall and F1 of the motion core on a labelled scene. */
#pragma once

#include "motion.h"

#include <glib.h>

typedef struct
{
  guint frames, labelled;
  guint64 hits, false_hits, misses; /* pixels of the narrow answer */
  guint64 exposed, moving;          /* moving pixels outside the mask; all */
  guint64 masked, empty;            /* masked pixels of empty scene; all */
  guint events;
  gint first_event; /* frame; -1: none */
} Scores;

/* Plays `folder`/frames.mkv through a motion core of default configuration.
 * FALSE when it cannot be read. */
gboolean measure_scene (const gchar *folder, gint frame_rate, Scores *out);

/* Adds a labelled picture: 255 moves, 85 to 170 have no say, the rest is
 * empty scene. Mask and empty scene are only counted when `counts_empty`. */
void scores_count (Scores *scores, const DwMotionReport *report,
                   const guint8 *truth, gint width, gint height,
                   gboolean counts_empty);

gdouble scores_precision (const Scores *scores);
gdouble scores_recall (const Scores *scores);
gdouble scores_f1 (const Scores *scores);

/* Share of moving pixels outside the foreground, and of empty scene in it. */
gdouble scores_exposed (const Scores *scores);
gdouble scores_masked (const Scores *scores);
