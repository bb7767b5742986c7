/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Merging of rectangles that overlap. */
#include "rects.h"

#include <stdbool.h>
#include <string.h>

static bool
rects_meet (DwRect a, DwRect b)
{
  return dw_rect_intersect (a, b).width > 0;
}

static DwRect
rect_around (DwRect a, DwRect b)
{
  int x1 = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
  int y1 = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
  DwRect both = { a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, 0, 0 };

  both.width = x1 - both.x;
  both.height = y1 - both.y;
  return both;
}

/* A rectangle that has been passed is disjoint from all; only one that grows
 * can meet it again, and that one is compared with all anew. */
size_t
dw_rects_merge (DwRect *rects, size_t n)
{
  size_t i = 0;

  while (i < n)
    {
      size_t other = 0;

      while (other < n && (other == i || !rects_meet (rects[i], rects[other])))
        other++;
      if (other == n)
        {
          i++;
          continue;
        }
      rects[i] = rect_around (rects[i], rects[other]);
      n--;
      /* Moved up in order: what has been passed stays in front. */
      memmove (rects + other, rects + other + 1, (n - other) * sizeof *rects);
      i -= other < i;
    }
  return n;
}
