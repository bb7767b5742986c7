/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a gate reads what it cannot take on trust: RTP packets and fragments of
 * ISO media. */
#include "gstconsentgatefragments.h"
#include "gstconsentgateunits.h"
#include "plugin.h"
#include "sharetest.h"

typedef struct
{
  const gchar *caps;
  GstConsentUnits units;
} CapsRow;

GST_START_TEST (caps_decide_how_units_are_found)
{
  const CapsRow rows[] = {
    { "video/x-raw", GST_CONSENT_UNITS_EVERY },
    { "image/jpeg", GST_CONSENT_UNITS_EVERY },
    { "audio/x-raw", GST_CONSENT_UNITS_EVERY },
    { "audio/mpeg,mpegversion=4", GST_CONSENT_UNITS_SOUND },
    { "video/x-h264", GST_CONSENT_UNITS_FLAGGED },
    { "video/mpeg,systemstream=false", GST_CONSENT_UNITS_FLAGGED },
    { "video/mpeg,systemstream=true", GST_CONSENT_UNITS_REFUSED },
    { "video/mpeg", GST_CONSENT_UNITS_REFUSED },
    { "video/mpegts", GST_CONSENT_UNITS_REFUSED },
    { "video/x-matroska", GST_CONSENT_UNITS_REFUSED },
    { "multipart/x-mixed-replace", GST_CONSENT_UNITS_REFUSED },
    { "video/quicktime,variant=iso", GST_CONSENT_UNITS_FRAGMENTS },
    { "application/x-rtp,media=video,encoding-name=H264",
      GST_CONSENT_UNITS_RTP_H264 },
    { "application/x-rtp,media=video,encoding-name=JPEG",
      GST_CONSENT_UNITS_EVERY },
    { "application/x-rtp,media=audio,encoding-name=OPUS",
      GST_CONSENT_UNITS_SOUND },
    { "application/x-rtp,media=video,encoding-name=VP9",
      GST_CONSENT_UNITS_REFUSED },
    { "application/x-rtp,media=audio,encoding-name=H264",
      GST_CONSENT_UNITS_REFUSED },
    { "application/x-rtp", GST_CONSENT_UNITS_REFUSED },
    { "ANY", GST_CONSENT_UNITS_REFUSED },
    { "video/x-h264; video/x-raw", GST_CONSENT_UNITS_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GstCaps *caps = gst_caps_from_string (rows[i].caps);

      fail_unless (gst_consent_units_from_caps (caps) == rows[i].units, "%s",
                   rows[i].caps);
      gst_caps_unref (caps);
    }
  fail_unless_equals_int (gst_consent_units_from_caps (NULL),
                          GST_CONSENT_UNITS_REFUSED);
}
GST_END_TEST

typedef struct
{
  GstConsentUnits units;
  const gchar *payload; /* hex */
  gboolean is_key, is_parameters;
} PacketRow;

#define H264 GST_CONSENT_UNITS_RTP_H264
#define H265 GST_CONSENT_UNITS_RTP_H265
#define VP8 GST_CONSENT_UNITS_RTP_VP8

static const PacketRow packets[] = {
  { H264, "6588", TRUE, FALSE },               /* IDR */
  { H264, "4188", FALSE, FALSE },              /* slice */
  { H264, "0688", FALSE, FALSE },              /* SEI */
  { H264, "0910", FALSE, TRUE },               /* delimiter */
  { H264, "6742", FALSE, TRUE },               /* SPS */
  { H264, "68ce", FALSE, TRUE },               /* PPS */
  { H264, "7c8588", TRUE, FALSE },             /* FU-A, start of IDR */
  { H264, "7c0588", FALSE, FALSE },            /* FU-A, middle of IDR */
  { H264, "7c8188", FALSE, FALSE },            /* FU-A, start of slice */
  { H264, "7c", FALSE, FALSE },                /* FU-A, cut */
  { H264, "780002674200026881", FALSE, TRUE }, /* STAP-A: SPS, PPS */
  { H264, "78000209100002674200026881", FALSE, TRUE },
  { H264, "7800024188", FALSE, FALSE },         /* STAP-A: slice */
  { H264, "7800ff6742", FALSE, FALSE },         /* STAP-A: length lies */
  { H264, "780002674200024188", FALSE, FALSE }, /* SPS and a slice */
  { H264, "780002674200026588", TRUE, FALSE },  /* SPS and IDR */
  { H265, "26010088", TRUE, FALSE },            /* IDR_W_RADL */
  { H265, "02010088", FALSE, FALSE },           /* TRAIL_R */
  { H265, "40010c01", FALSE, TRUE },            /* VPS */
  { H265, "62019388", TRUE, FALSE },            /* FU, start of IDR */
  { H265, "62011388", FALSE, FALSE },           /* FU, middle of IDR */
  { H265, "4e010088", FALSE, FALSE },           /* SEI */
  { H265, "26", FALSE, FALSE },                 /* cut */
  { VP8, "1010", TRUE, FALSE },                 /* start, key frame */
  { VP8, "1011", FALSE, FALSE },                /* start, depends on others */
  { VP8, "0010", FALSE, FALSE },                /* not the start */
  { VP8, "9080850110", TRUE, FALSE }, /* with a picture id of two bytes */
  { VP8, "9080850111", FALSE, FALSE },
  { VP8, "90e005010010", TRUE, FALSE }, /* picture id, TL0PICIDX */
  { VP8, "90", FALSE, FALSE },          /* cut */
};

static GstBuffer *
packet_of (const gchar *payload, gboolean has_extension)
{
  static const guint8 plain[12] = { 0x80, 96 };
  static const guint8 extended[12 + 4 + 8]
      = { 0x91, 96, [12] = 1, [16] = 0xbe, 0xde, 0, 1, 0x10 };
  GstBuffer *buffer;
  guint8 bytes[64];
  gsize size = strlen (payload) / 2;

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8)(g_ascii_xdigit_value (payload[2 * i]) << 4
                        | g_ascii_xdigit_value (payload[2 * i + 1]));
  buffer = has_extension ? gst_buffer_new_memdup (extended, sizeof extended)
                         : gst_buffer_new_memdup (plain, sizeof plain);
  gst_buffer_append (buffer, gst_buffer_new_memdup (bytes, size));
  return buffer;
}

GST_START_TEST (packets_are_read_not_believed)
{
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    for (guint has_extension = 0; has_extension < 2; has_extension++)
      {
        const PacketRow *row = &packets[i];
        GstBuffer *buffer = packet_of (row->payload, has_extension);

        fail_unless (gst_consent_unit_is_key (row->units, buffer)
                         == row->is_key,
                     "key of %s", row->payload);
        fail_unless (gst_consent_unit_is_parameters (row->units, buffer)
                         == row->is_parameters,
                     "parameters of %s", row->payload);
        gst_buffer_unref (buffer);
      }
}
GST_END_TEST

/* Every cut and every single-byte change: no crash, and what is not RTP is
 * neither. */
GST_START_TEST (damaged_packets_are_no_key_units)
{
  GstBuffer *whole = packet_of ("6588", TRUE);

  for (gsize size = 0; size < gst_buffer_get_size (whole) - 1; size++)
    {
      GstBuffer *cut
          = gst_buffer_copy_region (whole, GST_BUFFER_COPY_MEMORY, 0, size);

      fail_if (gst_consent_unit_is_key (H264, cut));
      fail_if (gst_consent_unit_is_parameters (H264, cut));
      gst_buffer_unref (cut);
    }
  for (gsize at = 0; at < gst_buffer_get_size (whole); at++)
    for (guint value = 0; value < 256; value++)
      {
        GstBuffer *changed = gst_buffer_copy_deep (whole);

        gst_buffer_memset (changed, at, (guint8)value, 1);
        for (gint units = 0; units <= GST_CONSENT_UNITS_FRAGMENTS; units++)
          gst_consent_unit_is_parameters ((GstConsentUnits)units, changed);
        if (at == 0 && value >> 6 != 2)
          fail_if (gst_consent_unit_is_key (H264, changed));
        gst_buffer_unref (changed);
      }
  gst_buffer_unref (whole);
}
GST_END_TEST

/* --- fragments ---------------------------------------------------------- */

static GstBuffer *
box (const gchar *type, const guint8 *content, gsize size)
{
  guint8 header[8];
  GstBuffer *buffer;

  GST_WRITE_UINT32_BE (header, 8 + (guint32)size);
  memcpy (header + 4, type, 4);
  buffer = gst_buffer_new_memdup (header, 8);
  if (size > 0)
    gst_buffer_append (buffer, gst_buffer_new_memdup (content, size));
  return buffer;
}

static GstBuffer *
box_in (const gchar *type, GstBuffer *inner)
{
  GstBuffer *outer;
  GstMapInfo map;

  gst_buffer_map (inner, &map, GST_MAP_READ);
  outer = box (type, map.data, map.size);
  gst_buffer_unmap (inner, &map);
  gst_buffer_unref (inner);
  return outer;
}

static GstBuffer *
moof (guint8 track)
{
  const guint8 tfhd[8] = { 0, 0, 0, 0, 0, 0, 0, track };

  return box_in ("moof", box_in ("traf", box ("tfhd", tfhd, sizeof tfhd)));
}

static GstBuffer *
mdat_header (guint32 n_bytes)
{
  GstBuffer *buffer = box ("mdat", NULL, 0);
  guint8 size[4];

  GST_WRITE_UINT32_BE (size, 8 + n_bytes);
  gst_buffer_fill (buffer, 0, size, 4);
  return buffer;
}

typedef struct
{
  TestShare share;
  GstHarness *h;
} Fixture;

static Fixture
set_up (void)
{
  Fixture self = { .share = test_share_new () };
  GstSegment segment;

  self.h = gst_harness_new ("consentgate");
  g_object_set (self.h->element, "flush", FALSE, NULL);
  gst_harness_set_src_caps_str (self.h, "video/quicktime,variant=iso");
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (self.h, gst_event_new_segment (&segment));
  return self;
}

static void
tear_down (Fixture *self)
{
  gst_harness_teardown (self->h);
  test_share_free (&self->share);
}

static guint
push (Fixture *self, GstBuffer *buffer)
{
  fail_unless_equals_int (gst_harness_push (self->h, buffer), GST_FLOW_OK);
  return gst_harness_buffers_received (self->h);
}

static GstBuffer *
sample (Fixture *self, guint64 epoch, guint number, gboolean is_delta)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 10, NULL);

  gst_buffer_memset (buffer, 0, 0x55, 10);
  GST_BUFFER_PTS (buffer) = number * GST_SECOND / 25;
  if (is_delta)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (epoch != 0)
    gst_buffer_set_clearance (buffer, self->share.id, epoch, DW_LEVEL_CLEAR);
  return buffer;
}

static void
push_start (Fixture *self)
{
  push (self, box ("ftyp", (const guint8 *)"isom", 4));
  push (self, box_in ("moov", box ("mvex", NULL, 0)));
}

/* Three samples of these epochs; the first is a key unit or not. Returns how
 * many buffers came out. */
static guint
push_fragment (Fixture *self, guint8 track, gboolean is_key, guint64 a,
               guint64 b, guint64 c)
{
  guint before = gst_harness_buffers_received (self->h);

  push (self, moof (track));
  push (self, mdat_header (30));
  push (self, sample (self, a, 10, !is_key));
  push (self, sample (self, b, 11, TRUE));
  return push (self, sample (self, c, 12, TRUE)) - before;
}

GST_START_TEST (fragment_passes_whole)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);

  push_start (&self);
  fail_unless_equals_int (gst_harness_buffers_received (self.h), 2);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, now, now, now), 5);
  fail_unless_equals_int (push_fragment (&self, 1, FALSE, now, now, now), 5);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (fragment_with_one_stale_or_unmarked_sample_is_dropped_whole)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);

  push_start (&self);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, now, now, now - 2), 0);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, 0, now, now), 0);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, now, now, now), 5);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (revoked_within_a_fragment_is_dropped_whole)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);

  push_start (&self);
  push (&self, moof (1));
  push (&self, mdat_header (20));
  push (&self, sample (&self, now, 0, FALSE));
  test_share_publish (&self.share);
  fail_unless_equals_int (push (&self, sample (&self, now, 1, TRUE)), 2);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (after_a_lost_fragment_only_a_key_unit_starts)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);

  push_start (&self);
  fail_unless_equals_int (push_fragment (&self, 1, FALSE, now, now, now), 0);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, now, now, now), 5);
  fail_unless_equals_int (push_fragment (&self, 2, FALSE, now, now, now), 0);
  fail_unless_equals_int (push_fragment (&self, 1, FALSE, now, now, now), 0);
  now = test_share_publish (&self.share);
  fail_unless_equals_int (push_fragment (&self, 1, TRUE, now, now, now), 5);
  now = test_share_publish (&self.share);
  fail_unless_equals_int (push_fragment (&self, 1, FALSE, now, now, now), 0);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (only_known_boxes_pass_without_a_clearance)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);
  const guint8 hidden[12] = "hidden data";

  push_start (&self);
  fail_unless_equals_int (push (&self, box ("mfra", hidden, 12)), 2);
  fail_unless_equals_int (push (&self, box ("free", hidden, 12)), 2);
  fail_unless_equals_int (push (&self, box ("uuid", hidden, 12)), 2);
  fail_unless_equals_int (push (&self, box ("moof", hidden, 12)), 2);
  fail_unless_equals_int (push (&self, box ("moov", hidden, 12)), 2);
  fail_unless_equals_int (push (&self, box ("moov", NULL, 0)), 2);
  fail_unless_equals_int (
      push (&self, gst_buffer_new_memdup (hidden, sizeof hidden)), 2);
  /* Samples that no moof announces. */
  push (&self, mdat_header (10));
  fail_unless_equals_int (push (&self, sample (&self, now, 0, FALSE)), 2);
  tear_down (&self);
}
GST_END_TEST

GST_START_TEST (plain_mp4_is_dropped_with_one_warning)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (self.h->element, bus);
  push (&self, box ("ftyp", (const guint8 *)"isom", 4));
  push (&self, mdat_header (0x7fffffff));
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (push (&self, sample (&self, now, i, FALSE)), 1);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (self.h->element, NULL);
  gst_object_unref (bus);
  tear_down (&self);
}
GST_END_TEST

/* The muxer goes back to write its index over the start: with fragments left
 * out it would hit other bytes. */
GST_START_TEST (rewriting_is_refused)
{
  Fixture self = set_up ();
  guint64 now = test_share_epoch (&self.share);
  GstSegment segment;
  guint n;

  push_start (&self);
  push_fragment (&self, 1, TRUE, now, now, now);
  n = gst_harness_buffers_received (self.h);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = 40;
  gst_harness_push_event (self.h, gst_event_new_segment (&segment));
  fail_unless_equals_int (push (&self, box_in ("moov", box ("mvex", NULL, 0))),
                          n);
  tear_down (&self);
}
GST_END_TEST

static Suite *
gate_units_suite (void)
{
  Suite *suite = suite_create ("gate-units");
  TCase *tcase = tcase_create ("all");

  gst_doorward_register (NULL);
  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, caps_decide_how_units_are_found);
  tcase_add_test (tcase, packets_are_read_not_believed);
  tcase_add_test (tcase, damaged_packets_are_no_key_units);
  tcase_add_test (tcase, fragment_passes_whole);
  tcase_add_test (tcase,
                  fragment_with_one_stale_or_unmarked_sample_is_dropped_whole);
  tcase_add_test (tcase, revoked_within_a_fragment_is_dropped_whole);
  tcase_add_test (tcase, after_a_lost_fragment_only_a_key_unit_starts);
  tcase_add_test (tcase, only_known_boxes_pass_without_a_clearance);
  tcase_add_test (tcase, plain_mp4_is_dropped_with_one_warning);
  tcase_add_test (tcase, rewriting_is_refused);
  return suite;
}

GST_CHECK_MAIN (gate_units);
