/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zones: from text, and into the grid. */
#include "motion-zones.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Sensitivity 0.5 changes nothing, 1 halves the threshold, near 0 doubles
 * it, and 0 hears nothing. */
static float
gain_of (float sensitivity)
{
  return sensitivity <= 0 ? 0 : exp2f (2 * sensitivity - 1);
}

void
dw_zones_draw (const DwMotionConfig *config, int width, int height,
               int cell_size, uint16_t *bits, float *gain)
{
  int columns = (width + cell_size - 1) / cell_size;
  int rows = (height + cell_size - 1) / cell_size;
  float whole = gain_of (config->sensitivity);

  for (int i = 0; i < columns * rows; i++)
    {
      int column = i % columns, row = i / columns;
      float x = ((float)column + 0.5f) * (float)cell_size;
      float y = ((float)row + 0.5f) * (float)cell_size;

      x = fminf (x / (float)width, 1);
      y = fminf (y / (float)height, 1);
      bits[i] = config->n_zones == 0;
      gain[i] = config->n_zones == 0 ? whole : 0;
      for (size_t z = 0; z < config->n_zones; z++)
        {
          const DwMotionZone *zone = &config->zones[z];

          if (!dw_polygon_contains (&zone->polygon, x, y))
            continue;
          bits[i] |= (uint16_t)(1U << z);
          gain[i] = fmaxf (gain[i], whole * gain_of (zone->sensitivity));
        }
    }
}

static void
skip_blanks (const char **text)
{
  while (**text == ' ' || **text == '\t' || **text == '\n')
    (*text)++;
}

static bool
is_separator (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '\0';
}

/* A decimal between 0 and 1 such as "0.25", whatever the locale. */
static bool
read_number (const char **text, float *out)
{
  const char *p = *text;
  double value = 0, place = 1;
  int digits = 0;

  for (; *p >= '0' && *p <= '9'; p++, digits++)
    value = value * 10 + (*p - '0');
  if (*p == '.')
    for (p++; *p >= '0' && *p <= '9'; p++, digits++)
      value += (*p - '0') * (place /= 10);
  *out = (float)value;
  *text = p;
  return digits > 0 && digits < 16 && value <= 1;
}

static bool
read_name (const char **text, char name[DW_NAME_LENGTH])
{
  size_t length = strcspn (*text, ":;");

  if ((*text)[length] != ':' || length == 0 || length >= DW_NAME_LENGTH)
    return false;
  memcpy (name, *text, length);
  name[length] = '\0';
  *text += length + 1;
  return true;
}

static bool
read_zone (const char **text, DwMotionZone *zone)
{
  DwPolygon *polygon = &zone->polygon;

  memset (zone, 0, sizeof *zone);
  zone->sensitivity = 0.5f;
  if (!read_name (text, zone->name))
    return false;
  for (skip_blanks (text); **text != '\0' && **text != ';'; skip_blanks (text))
    {
      DwPoint *point = &polygon->points[polygon->n_points];

      if (polygon->n_points == DW_MAX_POLYGON_POINTS
          || !read_number (text, &point->x) || *(*text)++ != ','
          || !read_number (text, &point->y) || !is_separator (**text))
        return false;
      polygon->n_points++;
    }
  return dw_polygon_is_valid (polygon);
}

static bool
is_known (const DwMotionConfig *config, const char *name)
{
  for (size_t z = 0; z < config->n_zones; z++)
    if (strcmp (config->zones[z].name, name) == 0)
      return true;
  return false;
}

DwStatus
dw_motion_config_parse_zones (DwMotionConfig *config, const char *text)
{
  DwMotionConfig parsed = *config;

  parsed.n_zones = 0;
  for (skip_blanks (&text); *text != '\0'; skip_blanks (&text))
    {
      DwMotionZone *zone = &parsed.zones[parsed.n_zones];

      if (parsed.n_zones == DW_MOTION_MAX_ZONES)
        return DW_ERROR_LIMIT;
      if (!read_zone (&text, zone) || is_known (&parsed, zone->name))
        return DW_ERROR_INVALID;
      parsed.n_zones++;
      if (*text == ';')
        text++;
    }
  *config = parsed;
  return DW_OK;
}
