/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key units by caps. Payloaders do not agree on DELTA_UNIT (rtpvp8pay never
 * sets it), so RTP is read: RFC 6184 (H.264), RFC 7798 (H.265), RFC 7741
 * (VP8). Packets of other codecs and containers that nobody here can read are
 * refused. */
#include "gstconsentgateunits.h"

#include <string.h>

#define MAX_PARAMETER_BYTES 1024

enum
{
  H264_IDR = 5,
  H264_SPS = 7,
  H264_PPS = 8,
  H264_DELIMITER = 9,
  H264_STAP_A = 24,
  H264_FU_A = 28,
  H265_FIRST_IRAP = 16,
  H265_LAST_IRAP = 21,
  H265_VPS = 32,
  H265_DELIMITER = 35,
  H265_AP = 48,
  H265_FU = 49,
};

typedef struct
{
  const gchar *media; /* "": both */
  const gchar *encoding;
  GstConsentUnits units;
} RtpRow;

static const RtpRow rtp_rows[] = {
  { "video", "H264", GST_CONSENT_UNITS_RTP_H264 },
  { "video", "H265", GST_CONSENT_UNITS_RTP_H265 },
  { "video", "VP8", GST_CONSENT_UNITS_RTP_VP8 },
  { "video", "JPEG", GST_CONSENT_UNITS_EVERY },
  { "video", "RAW", GST_CONSENT_UNITS_EVERY },
  { "audio", "PCMU", GST_CONSENT_UNITS_EVERY },
  { "audio", "PCMA", GST_CONSENT_UNITS_EVERY },
  { "audio", "L16", GST_CONSENT_UNITS_EVERY },
  { "audio", "L24", GST_CONSENT_UNITS_EVERY },
  { "audio", "MPEG4-GENERIC", GST_CONSENT_UNITS_SOUND },
  { "audio", "MP4A-LATM", GST_CONSENT_UNITS_SOUND },
  { "audio", "OPUS", GST_CONSENT_UNITS_SOUND },
  { "audio", "MPA", GST_CONSENT_UNITS_SOUND },
};

typedef struct
{
  const gchar *name;
  GstConsentUnits units;
} NameRow;

static const NameRow name_rows[] = {
  { "video/x-raw", GST_CONSENT_UNITS_EVERY },
  { "audio/x-raw", GST_CONSENT_UNITS_EVERY },
  { "image/jpeg", GST_CONSENT_UNITS_EVERY },
  { "image/png", GST_CONSENT_UNITS_EVERY },
  { "image/webp", GST_CONSENT_UNITS_EVERY },
  { "audio/x-alaw", GST_CONSENT_UNITS_EVERY },
  { "audio/x-mulaw", GST_CONSENT_UNITS_EVERY },
  { "audio/x-opus", GST_CONSENT_UNITS_SOUND },
  { "audio/mpeg", GST_CONSENT_UNITS_SOUND },
  { "audio/x-vorbis", GST_CONSENT_UNITS_SOUND },
  { "audio/x-flac", GST_CONSENT_UNITS_SOUND },
  { "audio/AMR", GST_CONSENT_UNITS_SOUND },
  { "audio/AMR-WB", GST_CONSENT_UNITS_SOUND },
  { "audio/G722", GST_CONSENT_UNITS_SOUND },
  { "video/x-h264", GST_CONSENT_UNITS_FLAGGED },
  { "video/x-h265", GST_CONSENT_UNITS_FLAGGED },
  { "video/x-vp8", GST_CONSENT_UNITS_FLAGGED },
  { "video/x-vp9", GST_CONSENT_UNITS_FLAGGED },
  { "video/x-av1", GST_CONSENT_UNITS_FLAGGED },
  { "video/x-theora", GST_CONSENT_UNITS_FLAGGED },
  { "video/quicktime", GST_CONSENT_UNITS_FRAGMENTS },
  { "audio/x-m4a", GST_CONSENT_UNITS_FRAGMENTS },
  { "application/x-3gp", GST_CONSENT_UNITS_FRAGMENTS },
};

static GstConsentUnits
rtp_units (const GstStructure *structure)
{
  const gchar *media = gst_structure_get_string (structure, "media");
  const gchar *encoding = gst_structure_get_string (structure, "encoding-name");

  for (gsize i = 0; media && encoding && i < G_N_ELEMENTS (rtp_rows); i++)
    if (g_str_equal (media, rtp_rows[i].media)
        && g_ascii_strcasecmp (encoding, rtp_rows[i].encoding) == 0)
      return rtp_rows[i].units;
  return GST_CONSENT_UNITS_REFUSED;
}

GstConsentUnits
gst_consent_units_from_caps (const GstCaps *caps)
{
  const GstStructure *structure;
  gboolean is_system;

  if (caps == NULL || gst_caps_get_size (caps) != 1)
    return GST_CONSENT_UNITS_REFUSED;
  structure = gst_caps_get_structure (caps, 0);
  if (gst_structure_has_name (structure, "application/x-rtp"))
    return rtp_units (structure);
  if (gst_structure_has_name (structure, "video/mpeg"))
    return gst_structure_get_boolean (structure, "systemstream", &is_system)
                   && !is_system
               ? GST_CONSENT_UNITS_FLAGGED
               : GST_CONSENT_UNITS_REFUSED;
  for (gsize i = 0; i < G_N_ELEMENTS (name_rows); i++)
    if (gst_structure_has_name (structure, name_rows[i].name))
      return name_rows[i].units;
  return GST_CONSENT_UNITS_REFUSED;
}

gboolean
gst_consent_units_is_rtp (GstConsentUnits units)
{
  return units == GST_CONSENT_UNITS_RTP_H264
         || units == GST_CONSENT_UNITS_RTP_H265
         || units == GST_CONSENT_UNITS_RTP_VP8;
}

static guint
read_u16 (const guint8 *data)
{
  return (guint)data[0] << 8 | data[1];
}

/* The payload of an RTP packet (RFC 3550, 5.1), NULL when there is none. */
static const guint8 *
rtp_payload (const GstMapInfo *map, gsize *size)
{
  const guint8 *data = map->data;
  gsize at = 12;

  if (map->size < at || data[0] >> 6 != 2)
    return NULL;
  at += 4 * (gsize)(data[0] & 0x0f);
  if (data[0] & 0x10)
    {
      if (map->size < at + 4)
        return NULL;
      at += 4 + 4 * (gsize)read_u16 (data + at + 2);
    }
  if (map->size <= at)
    return NULL;
  *size = map->size - at;
  return data + at;
}

/* Types of the units in an aggregate, one call of `test` each. */
static gboolean
every_aggregated (const guint8 *data, gsize size, gsize header, gboolean is_any,
                  gboolean (*test) (const guint8 *unit))
{
  gsize at = header;
  gboolean has_one = FALSE;

  while (at + 2 < size)
    {
      gsize length = read_u16 (data + at);
      gboolean is_true;

      at += 2;
      if (length == 0 || length > size - at)
        return FALSE;
      is_true = test (data + at);
      if (is_true && is_any)
        return TRUE;
      if (!is_true && !is_any)
        return FALSE;
      has_one = TRUE;
      at += length;
    }
  return !is_any && has_one && at == size;
}

static gboolean
h264_starts (const guint8 *unit)
{
  return (unit[0] & 0x1f) == H264_IDR;
}

static gboolean
h264_is_parameters (const guint8 *unit)
{
  guint type = unit[0] & 0x1f;

  return type == H264_SPS || type == H264_PPS || type == H264_DELIMITER;
}

static gboolean
h264_is_key (const guint8 *data, gsize size)
{
  guint type = data[0] & 0x1f;

  if (type == H264_FU_A)
    return size >= 2 && (data[1] & 0x80) && (data[1] & 0x1f) == H264_IDR;
  if (type == H264_STAP_A)
    return every_aggregated (data, size, 1, TRUE, h264_starts);
  return h264_starts (data);
}

static guint
h265_type (const guint8 *unit)
{
  return unit[0] >> 1 & 0x3f;
}

static gboolean
h265_is_parameters (const guint8 *unit)
{
  return h265_type (unit) >= H265_VPS && h265_type (unit) <= H265_DELIMITER;
}

static gboolean
h265_starts (const guint8 *unit)
{
  return h265_type (unit) >= H265_FIRST_IRAP
         && h265_type (unit) <= H265_LAST_IRAP;
}

static gboolean
h265_is_key (const guint8 *data, gsize size)
{
  guint type = h265_type (data);

  if (size < 3)
    return FALSE;
  if (type == H265_FU)
    return (data[2] & 0x80) && (data[2] & 0x3f) >= H265_FIRST_IRAP
           && (data[2] & 0x3f) <= H265_LAST_IRAP;
  if (type == H265_AP)
    return every_aggregated (data, size, 2, TRUE, h265_starts);
  return h265_starts (data);
}

/* The descriptor before a VP8 frame; the first byte of the frame says in its
 * lowest bit whether it depends on others. */
static gboolean
vp8_is_key (const guint8 *data, gsize size)
{
  gsize at = 1;

  if (!(data[0] & 0x10) || (data[0] & 0x07))
    return FALSE;
  if (data[0] & 0x80)
    {
      guint8 extension;

      if (size < 2)
        return FALSE;
      extension = data[1];
      at = 2;
      if ((extension & 0x80) && at < size)
        at += data[at] & 0x80 ? 2 : 1;
      if (extension & 0x40)
        at++;
      if (extension & 0x30)
        at++;
    }
  return at < size && (data[at] & 0x01) == 0;
}

static gboolean
packet_is_key (GstConsentUnits units, const guint8 *data, gsize size)
{
  if (units == GST_CONSENT_UNITS_RTP_H264)
    return h264_is_key (data, size);
  if (units == GST_CONSENT_UNITS_RTP_H265)
    return h265_is_key (data, size);
  return vp8_is_key (data, size);
}

static gboolean
packet_is_parameters (GstConsentUnits units, const guint8 *data, gsize size)
{
  if (size > MAX_PARAMETER_BYTES)
    return FALSE;
  if (units == GST_CONSENT_UNITS_RTP_H264)
    return (data[0] & 0x1f) == H264_STAP_A
               ? every_aggregated (data, size, 1, FALSE, h264_is_parameters)
               : h264_is_parameters (data);
  if (units == GST_CONSENT_UNITS_RTP_H265)
    return h265_type (data) == H265_AP
               ? every_aggregated (data, size, 2, FALSE, h265_is_parameters)
               : h265_is_parameters (data);
  return FALSE;
}

static gboolean
test_packet (GstConsentUnits units, GstBuffer *buffer,
             gboolean (*test) (GstConsentUnits, const guint8 *, gsize))
{
  const guint8 *data;
  gboolean result;
  GstMapInfo map;
  gsize size;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  data = rtp_payload (&map, &size);
  result = data && test (units, data, size);
  gst_buffer_unmap (buffer, &map);
  return result;
}

gboolean
gst_consent_unit_is_key (GstConsentUnits units, GstBuffer *buffer)
{
  switch (units)
    {
    case GST_CONSENT_UNITS_EVERY:
    case GST_CONSENT_UNITS_SOUND:
      return TRUE;
    case GST_CONSENT_UNITS_FLAGGED:
    case GST_CONSENT_UNITS_FRAGMENTS:
      return !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    case GST_CONSENT_UNITS_RTP_H264:
    case GST_CONSENT_UNITS_RTP_H265:
    case GST_CONSENT_UNITS_RTP_VP8:
      return test_packet (units, buffer, packet_is_key);
    default:
      return FALSE;
    }
}

gboolean
gst_consent_unit_is_parameters (GstConsentUnits units, GstBuffer *buffer)
{
  return gst_consent_units_is_rtp (units)
         && test_packet (units, buffer, packet_is_parameters);
}
