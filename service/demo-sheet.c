/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contact sheet: one row a share, the owner's recording above. */
#include "demo.h"

#define LABEL 300
#define GAP 8
#define HEAD 64

static void
text_at (cairo_t *cr, gdouble x, gdouble y, gdouble size, const gchar *text)
{
  cairo_set_font_size (cr, size);
  cairo_move_to (cr, x, y);
  cairo_show_text (cr, text);
}

static const gchar *
verdict_line (const DemoShare *share)
{
  if (share->failure)
    return share->failure;
  if (share->granted == DW_LEVEL_NOTHING)
    return "no grant: a card";
  if (share->is_revoked)
    return "revoked half-way";
  return share->granted == DW_LEVEL_MASKED ? "grant: masked" : "grant: clear";
}

static void
draw_row (cairo_t *cr, gdouble y, const gchar *title, const gchar *lines[2],
          cairo_surface_t *const *thumbnails)
{
  cairo_set_source_rgb (cr, 0.93, 0.93, 0.95);
  text_at (cr, GAP * 2, y + 34, 19, title);
  cairo_set_source_rgb (cr, 0.66, 0.68, 0.74);
  for (guint i = 0; i < 2; i++)
    if (lines[i])
      text_at (cr, GAP * 2, y + 60 + 22 * i, 15, lines[i]);
  for (guint i = 0; i < DEMO_THUMBNAILS; i++)
    {
      if (thumbnails[i] == NULL)
        continue;
      cairo_set_source_surface (cr, thumbnails[i],
                                LABEL + i * (DEMO_THUMBNAIL_WIDTH + GAP), y);
      cairo_paint (cr);
    }
}

/* All rows are as high as the recording's pictures. */
static gint
row_height (const Demo *demo)
{
  for (guint i = 0; i < DEMO_THUMBNAILS; i++)
    if (demo->thumbnails[i])
      return cairo_image_surface_get_height (demo->thumbnails[i]);
  return DEMO_THUMBNAIL_WIDTH * 9 / 16;
}

gboolean
demo_sheet_write (const Demo *demo, const gchar *path, GError **error)
{
  const gint height = row_height (demo) + GAP;
  const gint width = LABEL + DEMO_THUMBNAILS * (DEMO_THUMBNAIL_WIDTH + GAP);
  cairo_surface_t *sheet = cairo_image_surface_create (
      CAIRO_FORMAT_RGB24, width, HEAD + (DEMO_SHARES + 1) * height);
  cairo_t *cr = cairo_create (sheet);
  const gchar *private_lines[2] = { "the owner's own copy", NULL };
  cairo_status_t status;

  cairo_set_source_rgb (cr, 0.09, 0.10, 0.13);
  cairo_paint (cr);
  cairo_select_font_face (cr, "sans", CAIRO_FONT_SLANT_NORMAL,
                          CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_source_rgb (cr, 0.93, 0.93, 0.95);
  text_at (cr, GAP * 2, 40, 24,
           "Doorward: one visit, and what each of them may see of it");
  draw_row (cr, HEAD, "private", private_lines, demo->thumbnails);
  for (guint i = 0; i < DEMO_SHARES; i++)
    {
      const DemoShare *share = &demo->shares[i];
      g_autofree gchar *counts
          = g_strdup_printf ("%u shown, %u masked, %u withheld", share->shown,
                             share->masked, share->withheld);
      const gchar *lines[2] = { verdict_line (share), counts };

      draw_row (cr, HEAD + (gdouble)(i + 1) * height, share->name, lines,
                share->thumbnails);
    }
  cairo_destroy (cr);
  status = cairo_surface_write_to_png (sheet, path);
  cairo_surface_destroy (sheet);
  if (status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                 "%s was not written: %s", path,
                 cairo_status_to_string (status));
  return status == CAIRO_STATUS_SUCCESS;
}
