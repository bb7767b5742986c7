/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clearance mark on a buffer, and the table of this process's shares. */
#include "gstclearancemeta.h"

#include <sys/random.h>

static GMutex shares_lock;
static GHashTable *shares; /* guint64 * -> DwSlot *, under shares_lock */

static gboolean
clearance_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstClearanceMeta *self = (GstClearanceMeta *)meta;

  (void)params;
  (void)buffer;
  self->share = 0;
  self->epoch = 0;
  self->level = DW_LEVEL_NOTHING;
  return TRUE;
}

/* Copied whatever was done to the frame. Adds instead of replacing: a buffer
 * made of several frames must show all their marks. */
static gboolean
clearance_transform (GstBuffer *dest, GstMeta *meta, GstBuffer *source,
                     GQuark type, gpointer data)
{
  const GstClearanceMeta *self = (const GstClearanceMeta *)meta;
  GstClearanceMeta *copy;

  (void)source;
  (void)type;
  (void)data;
  copy = (GstClearanceMeta *)gst_buffer_add_meta (
      dest, gst_clearance_meta_get_info (), NULL);
  if (copy == NULL)
    return FALSE;
  copy->share = self->share;
  copy->epoch = self->epoch;
  copy->level = self->level;
  return TRUE;
}

GType
gst_clearance_meta_api_get_type (void)
{
  static gsize type = 0;
  static const gchar *no_tags[] = { NULL };

  if (g_once_init_enter (&type))
    {
      GType api = gst_meta_api_type_register ("GstClearanceMetaAPI", no_tags);

      g_once_init_leave (&type, api);
    }
  return type;
}

const GstMetaInfo *
gst_clearance_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info))
    {
      const GstMetaInfo *meta_info = gst_meta_register (
          GST_CLEARANCE_META_API_TYPE, "GstClearanceMeta",
          sizeof (GstClearanceMeta), clearance_init, NULL, clearance_transform);

      g_once_init_leave (&info, meta_info);
    }
  return info;
}

static gboolean
remove_clearance (GstBuffer *buffer, GstMeta **meta, gpointer data)
{
  (void)buffer;
  (void)data;
  if ((*meta)->info->api == GST_CLEARANCE_META_API_TYPE)
    *meta = NULL;
  return TRUE;
}

void
gst_buffer_set_clearance (GstBuffer *buffer, guint64 share, guint64 epoch,
                          DwLevel level)
{
  GstClearanceMeta *meta;

  g_return_if_fail (gst_buffer_is_writable (buffer));
  gst_buffer_foreach_meta (buffer, remove_clearance, NULL);
  meta = (GstClearanceMeta *)gst_buffer_add_meta (
      buffer, gst_clearance_meta_get_info (), NULL);
  g_return_if_fail (meta != NULL);
  meta->share = share;
  meta->epoch = epoch;
  meta->level = level;
}

const GstClearanceMeta *
gst_buffer_get_clearance (GstBuffer *buffer)
{
  const GstClearanceMeta *found = NULL;
  gpointer state = NULL;
  GstMeta *meta;

  while ((meta = gst_buffer_iterate_meta_filtered (
              buffer, &state, GST_CLEARANCE_META_API_TYPE)))
    {
      const GstClearanceMeta *mark = (const GstClearanceMeta *)meta;

      if (found
          && (found->share != mark->share || found->epoch != mark->epoch
              || found->level != mark->level))
        return NULL;
      found = mark;
    }
  return found;
}

/* A number that cannot be guessed; 0 when the system gives none. */
static guint64
draw_number (void)
{
  guint64 number = 0;

  if (getrandom (&number, sizeof number, 0) != (gssize)sizeof number)
    return 0;
  return number;
}

static void
unref_slot (gpointer slot)
{
  dw_slot_unref (slot);
}

guint64
gst_consent_share_register (DwSlot *slot)
{
  guint64 share;

  g_return_val_if_fail (slot != NULL, 0);
  g_mutex_lock (&shares_lock);
  if (shares == NULL)
    shares = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                    unref_slot);
  do
    share = draw_number ();
  while (share != 0 && g_hash_table_contains (shares, &share));
  if (share != 0)
    g_hash_table_insert (shares, g_memdup2 (&share, sizeof share),
                         dw_slot_ref (slot));
  g_mutex_unlock (&shares_lock);
  return share;
}

void
gst_consent_share_unregister (guint64 share)
{
  g_mutex_lock (&shares_lock);
  if (shares)
    {
      g_hash_table_remove (shares, &share);
      if (g_hash_table_size (shares) == 0)
        g_clear_pointer (&shares, g_hash_table_unref);
    }
  g_mutex_unlock (&shares_lock);
}

DwSlot *
gst_consent_share_find (guint64 share)
{
  DwSlot *slot = NULL;

  g_mutex_lock (&shares_lock);
  if (shares)
    slot = g_hash_table_lookup (shares, &share);
  if (slot)
    dw_slot_ref (slot);
  g_mutex_unlock (&shares_lock);
  return slot;
}
