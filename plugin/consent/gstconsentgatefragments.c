/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boxes of ISO/IEC 14496-12 as mp4mux pushes them: every box that is not mdat
 * in a buffer of its own, the header of mdat in one, then the samples. What
 * does not look exactly like this is dropped. The index (mfra) and padding are
 * dropped too: they would be wrong or could hold anything. */
#include "gstconsentgatefragments.h"

#include "gstclearancemeta.h"

#include <string.h>

#define BOX_HEADER 8
#define TYPE_SIZE 4
#define MAX_HEADER_BYTES (1 << 20)
#define MAX_FRAGMENT_BYTES (G_GUINT64_CONSTANT (256) << 20)
#define MAX_DEPTH 4

typedef struct
{
  guint32 type;
  guint64 size;
  gsize header;
} Box;

#define TYPE(a, b, c, d)                                                       \
  ((guint32)(a) << 24 | (guint32)(b) << 16 | (guint32)(c) << 8 | (guint32)(d))

static guint32
read_u32 (const guint8 *data)
{
  return (guint32)data[0] << 24 | (guint32)data[1] << 16 | (guint32)data[2] << 8
         | data[3];
}

static gboolean
read_box (const guint8 *data, gsize size, Box *out)
{
  if (size < BOX_HEADER)
    return FALSE;
  out->size = read_u32 (data);
  out->type = read_u32 (data + 4);
  out->header = BOX_HEADER;
  if (out->size == 1)
    {
      if (size < 2 * BOX_HEADER)
        return FALSE;
      out->size = (guint64)read_u32 (data + 8) << 32 | read_u32 (data + 12);
      out->header = 2 * BOX_HEADER;
    }
  return out->size >= out->header;
}

static gboolean
is_container (guint32 type)
{
  return type == TYPE ('m', 'o', 'o', 'v') || type == TYPE ('m', 'v', 'e', 'x')
         || type == TYPE ('m', 'o', 'o', 'f')
         || type == TYPE ('t', 'r', 'a', 'k')
         || type == TYPE ('t', 'r', 'a', 'f');
}

/* Boxes that nobody needs to play the media: tags, thumbnails, whatever a
 * muxer was told. */
static gboolean
is_rider (guint32 type)
{
  return type == TYPE ('u', 'd', 't', 'a') || type == TYPE ('m', 'e', 't', 'a')
         || type == TYPE ('u', 'u', 'i', 'd');
}

typedef struct
{
  gboolean has_mvex;
  guint n_tracks;
  guint32 track;
  gsize rider_at, rider_size; /* the last one; size 0: none */
} Found;

static void
look_at (const guint8 *data, gsize at, const Box *box, Found *found)
{
  data += at;
  if (is_rider (box->type))
    {
      found->rider_at = at;
      found->rider_size = (gsize)box->size;
    }
  if (box->type == TYPE ('m', 'v', 'e', 'x'))
    found->has_mvex = TRUE;
  if (box->type == TYPE ('t', 'f', 'h', 'd') && box->size >= 16)
    {
      found->n_tracks++;
      found->track = read_u32 (data + 12);
    }
}

/* Boxes that fill `size` exactly, containers included. An explicit stack keeps
 * hostile nesting from being deep. */
static gboolean
walk (const guint8 *data, gsize size, Found *found)
{
  gsize ends[MAX_DEPTH] = { size };
  guint depth = 0;
  gsize at = 0;

  while (at < size)
    {
      Box box;

      if (!read_box (data + at, ends[depth] - at, &box)
          || box.size > ends[depth] - at)
        return FALSE;
      look_at (data, at, &box, found);
      if (is_container (box.type))
        {
          if (depth + 1 == MAX_DEPTH)
            return FALSE;
          ends[++depth] = at + (gsize)box.size;
          at += box.header;
        }
      else
        at += (gsize)box.size;
      while (depth > 0 && at == ends[depth])
        depth--;
    }
  return at == size && depth == 0;
}

void
gst_consent_fragments_restart (GstConsentFragments *self)
{
  self->n_started = 0;
}

static void
forget_held (GstConsentFragments *self)
{
  g_clear_pointer (&self->held, gst_buffer_list_unref);
  self->n_headers = 0;
  self->left = 0;
}

void
gst_consent_fragments_clear (GstConsentFragments *self)
{
  forget_held (self);
  memset (self, 0, sizeof *self);
}

static GstConsentPiece
drop (GstConsentFragments *self, GstBuffer *buffer)
{
  forget_held (self);
  gst_buffer_unref (buffer);
  return GST_CONSENT_PIECE_DROP;
}

/* Empties riders one by one; they stay as free space, because sizes and
 * offsets are told elsewhere. */
static void
empty_riders (guint8 *data, gsize size)
{
  Found found = { 0 };

  while (walk (data, size, &found) && found.rider_size > 0)
    {
      guint8 *rider = data + found.rider_at;
      const gboolean is_long = read_u32 (rider) == 1;
      const gsize header = is_long ? 2 * BOX_HEADER : BOX_HEADER;

      GST_WRITE_UINT32_LE (rider + TYPE_SIZE,
                           GST_MAKE_FOURCC ('f', 'r', 'e', 'e'));
      memset (rider + header, 0, found.rider_size - header);
      found = (Found){ 0 };
    }
}

static GstBuffer *
without_riders (GstBuffer *buffer)
{
  GstBuffer *plain = gst_buffer_copy_deep (buffer);
  GstMapInfo map;

  gst_buffer_unref (buffer);
  /* Left as it is, the box is refused later on. */
  if (gst_buffer_map (plain, &map, GST_MAP_READWRITE))
    {
      empty_riders (map.data, map.size);
      gst_buffer_unmap (plain, &map);
    }
  return plain;
}

GstBuffer *
gst_consent_fragments_clean (const GstConsentFragments *self, GstBuffer *buffer)
{
  Found found = { 0 };
  GstMapInfo map;

  if (self->left > 0 || gst_buffer_get_size (buffer) > MAX_HEADER_BYTES
      || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return buffer;
  if (!walk (map.data, map.size, &found))
    found.rider_size = 0;
  gst_buffer_unmap (buffer, &map);
  return found.rider_size > 0 ? without_riders (buffer) : buffer;
}

static GstConsentPiece
start_fragment (GstConsentFragments *self, GstBuffer *buffer,
                const Found *found)
{
  if (!self->is_fragmented || found->n_tracks == 0)
    return drop (self, buffer);
  forget_held (self);
  /* Several tracks in one fragment count as one that always has to start. */
  self->track = found->n_tracks == 1 ? found->track : 0;
  self->held = gst_buffer_list_new ();
  gst_buffer_list_add (self->held, buffer);
  self->n_headers = 1;
  return GST_CONSENT_PIECE_HELD;
}

static GstConsentPiece
start_samples (GstConsentFragments *self, GstBuffer *buffer, const Box *box)
{
  if (self->held == NULL || self->n_headers != 1
      || gst_buffer_get_size (buffer) != box->header
      || box->size > MAX_FRAGMENT_BYTES || box->size == box->header)
    return drop (self, buffer);
  gst_buffer_list_add (self->held, buffer);
  self->n_headers = 2;
  self->left = box->size - box->header;
  return GST_CONSENT_PIECE_HELD;
}

static GstConsentPiece
add_box (GstConsentFragments *self, GstBuffer *buffer, const guint8 *data,
         gsize size)
{
  Found found = { 0 };
  Box box;

  if (size > MAX_HEADER_BYTES || !read_box (data, size, &box)
      || gst_buffer_get_clearance (buffer))
    return drop (self, buffer);
  if (box.type == TYPE ('m', 'd', 'a', 't'))
    return start_samples (self, buffer, &box);
  if (box.size != size || !walk (data, size, &found) || found.rider_size > 0)
    return drop (self, buffer);
  switch (box.type)
    {
    case TYPE ('m', 'o', 'o', 'f'):
      return start_fragment (self, buffer, &found);
    case TYPE ('m', 'o', 'o', 'v'):
      self->is_fragmented = found.has_mvex;
      if (!found.has_mvex)
        return drop (self, buffer);
      return GST_CONSENT_PIECE_HEADER;
    case TYPE ('f', 't', 'y', 'p'):
    case TYPE ('s', 't', 'y', 'p'):
    case TYPE ('s', 'i', 'd', 'x'):
      return GST_CONSENT_PIECE_HEADER;
    default:
      return drop (self, buffer);
    }
}

static GstConsentPiece
add_sample (GstConsentFragments *self, GstBuffer *buffer)
{
  gsize size = gst_buffer_get_size (buffer);

  if (size > self->left)
    return drop (self, buffer);
  gst_buffer_list_add (self->held, buffer);
  self->left -= size;
  return self->left == 0 ? GST_CONSENT_PIECE_WHOLE : GST_CONSENT_PIECE_HELD;
}

GstConsentPiece
gst_consent_fragments_add (GstConsentFragments *self, GstBuffer *buffer)
{
  GstConsentPiece piece;
  GstMapInfo map;

  if (self->left > 0)
    return add_sample (self, buffer);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return drop (self, buffer);
  /* The buffer may go with the piece: keep it mapped on a ref of our own. */
  gst_buffer_ref (buffer);
  piece = add_box (self, buffer, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return piece;
}

guint
gst_consent_fragments_first_sample (const GstConsentFragments *self)
{
  return self->n_headers;
}

static gboolean
has_started (const GstConsentFragments *self)
{
  for (guint i = 0; i < self->n_started; i++)
    if (self->track != 0 && self->started[i] == self->track)
      return TRUE;
  return FALSE;
}

gboolean
gst_consent_fragments_can_start (const GstConsentFragments *self)
{
  guint n = gst_buffer_list_length (self->held);
  GstBuffer *first;

  if (has_started (self))
    return TRUE;
  if (n <= self->n_headers)
    return FALSE;
  first = gst_buffer_list_get (self->held, self->n_headers);
  if (GST_BUFFER_FLAG_IS_SET (first, GST_BUFFER_FLAG_DELTA_UNIT))
    return FALSE;
  for (guint i = self->n_headers + 1; i < n; i++)
    {
      GstBuffer *sample = gst_buffer_list_get (self->held, i);

      if (GST_BUFFER_PTS_IS_VALID (sample) && GST_BUFFER_PTS_IS_VALID (first)
          && GST_BUFFER_PTS (sample) < GST_BUFFER_PTS (first))
        return FALSE;
    }
  return TRUE;
}

GstBufferList *
gst_consent_fragments_take (GstConsentFragments *self, gboolean is_passed)
{
  GstBufferList *held = g_steal_pointer (&self->held);

  if (is_passed && self->track != 0 && !has_started (self)
      && self->n_started < GST_CONSENT_MAX_TRACKS)
    self->started[self->n_started++] = self->track;
  forget_held (self);
  return held;
}
