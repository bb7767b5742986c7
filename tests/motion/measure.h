/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Precision, recall and F1 of the motion core on a labelled scene. */
#pragma once

#include <glib.h>

typedef struct
{
  guint frames, labelled;
  guint64 hits, false_hits, misses; /* pixels of the narrow answer */
  guint64 exposed, moving;          /* moving pixels outside the mask; all */
  guint64 masked, empty;            /* masked pixels of empty scene; all */
  guint events;
} Scores;

/* Plays `folder`/frames.mkv through a motion core of default configuration.
 * FALSE when it cannot be read. */
gboolean measure_scene (const gchar *folder, gint frame_rate, Scores *out);

gdouble scores_precision (const Scores *scores);
gdouble scores_recall (const Scores *scores);
gdouble scores_f1 (const Scores *scores);
