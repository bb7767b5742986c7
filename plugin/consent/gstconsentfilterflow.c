/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One buffer's way through a consentfilter: its footage time, its verdict,
 * its treatment, its clearance. Whatever goes wrong withholds it. */
#include "gstconsentfilterevents.h"
#include "gstconsentfilterprivate.h"

#include "gstclearancemeta.h"
#include "timebase.h"

#include <gst/video/video.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (gst_consent_filter_debug);
#define GST_CAT_DEFAULT gst_consent_filter_debug

/* Seconds from 1900, NTP's era, to 1970. */
#define NTP_OFFSET_NS (G_GINT64_CONSTANT (2208988800) * DW_SECOND_NS)

/* A camera's clock may be wrong by as much, and a stream late by as much; what
 * is older comes out of an archive. */
#define MAX_LIVE_LAG_NS (60 * DW_SECOND_NS)

/* Time stamps and flags, which outlive the buffer they came with. */
typedef struct
{
  GstClockTime pts, dts, duration;
  guint flags;
} Stamp;

/* Flags that say how a picture is scanned or when it is due. */
#define PLAIN_FLAGS                                                            \
  (GST_BUFFER_FLAG_LIVE | GST_BUFFER_FLAG_RESYNC | GST_BUFFER_FLAG_MARKER      \
   | GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_DROPPABLE                       \
   | GST_BUFFER_FLAG_DECODE_ONLY | GST_VIDEO_BUFFER_FLAG_INTERLACED            \
   | GST_VIDEO_BUFFER_FLAG_TFF | GST_VIDEO_BUFFER_FLAG_RFF                     \
   | GST_VIDEO_BUFFER_FLAG_ONEFIELD)

static Stamp
take_stamp (GstBuffer *buffer)
{
  Stamp stamp = {
    .pts = GST_BUFFER_PTS (buffer),
    .dts = GST_BUFFER_DTS (buffer),
    .duration = GST_BUFFER_DURATION (buffer),
    .flags = GST_BUFFER_FLAGS (buffer) & PLAIN_FLAGS,
  };

  return stamp;
}

static void
put_stamp (GstBuffer *buffer, const Stamp *stamp)
{
  GST_BUFFER_PTS (buffer) = stamp->pts;
  GST_BUFFER_DTS (buffer) = stamp->dts;
  GST_BUFFER_DURATION (buffer) = stamp->duration;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END (buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_FLAG_UNSET (buffer, ~(guint)(GST_MINI_OBJECT_FLAG_LAST - 1));
  GST_BUFFER_FLAG_SET (buffer, stamp->flags);
}

/* When the camera says the scene happened. Returns FALSE when it says
 * nothing; *out_ns is 0 when it contradicts itself. */
static gboolean
find_reference_time (GstBuffer *buffer, gint64 *out_ns)
{
  gpointer state = NULL;
  gboolean is_found = FALSE;
  GstMeta *meta;

  *out_ns = 0;
  while ((meta = gst_buffer_iterate_meta_filtered (
              buffer, &state, GST_REFERENCE_TIMESTAMP_META_API_TYPE)))
    {
      const GstReferenceTimestampMeta *mark
          = (const GstReferenceTimestampMeta *)meta;
      const GstStructure *kind = gst_caps_get_structure (mark->reference, 0);
      gboolean is_ntp = gst_structure_has_name (kind, "timestamp/x-ntp");
      gint64 time_ns;

      if (!is_ntp && !gst_structure_has_name (kind, "timestamp/x-unix"))
        continue;
      if (mark->timestamp > G_MAXINT64)
        time_ns = 0;
      else
        time_ns = (gint64)mark->timestamp - (is_ntp ? NTP_OFFSET_NS : 0);
      if (time_ns <= 0 || (is_found && ABS (time_ns - *out_ns) > DW_SECOND_NS))
        {
          *out_ns = 0;
          return TRUE;
        }
      *out_ns = time_ns;
      is_found = TRUE;
    }
  return is_found;
}

/* Recorded material: the position in the recording, which a seek does not
 * shift, counted from footage-start. */
static gint64
recorded_time (const GstConsentFilter *self, GstClockTime pts)
{
  guint64 position;

  if (self->share.footage_start_ns <= 0 || !GST_CLOCK_TIME_IS_VALID (pts)
      || self->segment.format != GST_FORMAT_TIME)
    return 0;
  position = gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME, pts);
  if (!GST_CLOCK_TIME_IS_VALID (position)
      || position > (guint64)(G_MAXINT64 - self->share.footage_start_ns))
    return 0;
  return self->share.footage_start_ns + (gint64)position;
}

/* How long a buffer of sound lasts by its bytes; a picture is a moment. */
static gint64
footage_length (const GstConsentFilter *self, gsize size)
{
  const GstAudioInfo *info = &self->audio_info;

  if (self->media != GST_CONSENT_MEDIA_AUDIO)
    return 0;
  return (gint64)gst_util_uint64_scale_ceil (size / GST_AUDIO_INFO_BPF (info),
                                             DW_SECOND_NS,
                                             GST_AUDIO_INFO_RATE (info));
}

/* A grant for what happens now must not open a recording: what comes out of a
 * file says of itself that it is not live. Asked once a segment. */
static gboolean
stream_is_live (GstConsentFilter *self)
{
  GstQuery *query;

  if (self->has_asked)
    return self->is_stream_live;
  query = gst_query_new_latency ();
  self->has_asked = TRUE;
  self->is_stream_live = FALSE;
  if (gst_pad_peer_query (self->sinkpad, query))
    gst_query_parse_latency (query, &self->is_stream_live, NULL, NULL);
  gst_query_unref (query);
  if (!self->is_stream_live)
    GST_ELEMENT_WARNING (
        self, STREAM, FAILED,
        ("This share is of live footage, but its source is not live; nothing "
         "of it is shown."),
        ("For a recording set live=false and footage-start."));
  return self->is_stream_live;
}

static gint64
footage_time (GstConsentFilter *self, GstBuffer *buffer, gint64 length_ns)
{
  const gboolean is_live = self->share.key.is_live;
  gint64 time_ns;

  if (is_live && !stream_is_live (self))
    return 0;
  if (find_reference_time (buffer, &time_ns))
    return is_live && ABS (time_ns - dw_time_utc_ns ()) > MAX_LIVE_LAG_NS
               ? 0
               : time_ns;
  /* What comes now has ended by now. */
  if (is_live)
    return MAX (dw_time_utc_ns () - length_ns, 0);
  return recorded_time (self, GST_BUFFER_PTS (buffer));
}

/* The time by which masks are held: the stream's own, so that a recording
 * that is read faster than it happened is held as long as it should be. */
static gint64
masking_time (GstConsentFilter *self, GstClockTime pts)
{
  guint64 time_ns = GST_CLOCK_TIME_NONE;

  if (GST_CLOCK_TIME_IS_VALID (pts) && self->segment.format == GST_FORMAT_TIME)
    time_ns
        = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, pts);
  if (GST_CLOCK_TIME_IS_VALID (time_ns) && time_ns < G_MAXINT64 / 2)
    self->last_time_ns = (gint64)time_ns;
  return self->last_time_ns;
}

static DwReason
find_reason (const DwSlotCopy *copy, gint64 footage_ns,
             const DwVerdict *verdict)
{
  if (verdict->level != DW_LEVEL_NOTHING)
    return DW_REASON_GRANTED;
  if (copy->epoch % 2 == 1)
    return DW_REASON_LEASE;
  if (footage_ns == 0)
    return DW_REASON_NONE;
  return copy->terms.n_terms == 0 ? DW_REASON_NO_GRANT : DW_REASON_FOOTAGE;
}

static void
report_verdict (GstConsentFilter *self, const DwVerdict *verdict,
                gint64 footage_ns)
{
  GstStructure *structure;

  if (self->has_reported && self->reported_level == verdict->level
      && self->reported_audio == verdict->has_audio)
    return;
  self->has_reported = TRUE;
  self->reported_level = verdict->level;
  self->reported_audio = verdict->has_audio;
  structure = gst_structure_new (
      "doorward-verdict", "camera", G_TYPE_STRING, self->share.key.camera,
      "recipient", G_TYPE_STRING, self->share.key.recipient, "level",
      G_TYPE_STRING, dw_level_text (verdict->level), "audio", G_TYPE_BOOLEAN,
      (gboolean)verdict->has_audio, "reason", G_TYPE_STRING,
      dw_reason_text (find_reason (&self->copy, footage_ns, verdict)),
      "share-id", G_TYPE_UINT64, self->share_id, "epoch", G_TYPE_UINT64,
      (guint64)self->copy.epoch, "footage-time", G_TYPE_INT64, footage_ns,
      NULL);
  gst_element_post_message (
      GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

/* A frame that is predicted from one of another epoch would carry it along:
 * ask the encoder for a fresh start exactly here. */
static void
ask_for_key_unit (GstConsentFilter *self, GstClockTime pts)
{
  GstClockTime running;

  if (self->last_epoch == self->copy.epoch)
    return;
  if (self->last_epoch != 0 && self->media == GST_CONSENT_MEDIA_PICTURE
      && self->segment.format == GST_FORMAT_TIME)
    {
      running
          = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, pts);
      gst_pad_push_event (
          self->srcpad,
          gst_video_event_new_downstream_force_key_unit (
              pts,
              gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME, pts),
              running, TRUE, 0));
    }
  self->last_epoch = self->copy.epoch;
}

static GstBuffer *
make_silence (GstConsentFilter *self, gsize size)
{
  GstBuffer *silence = gst_buffer_new_allocate (NULL, size, NULL);
  GstMapInfo map;

  if (silence == NULL || !gst_buffer_map (silence, &map, GST_MAP_WRITE))
    {
      gst_clear_buffer (&silence);
      return NULL;
    }
  gst_audio_format_info_fill_silence (self->audio_info.finfo, map.data,
                                      map.size);
  gst_buffer_unmap (silence, &map);
  return silence;
}

static gboolean
remove_meta (GstBuffer *buffer, GstMeta **meta, gpointer data)
{
  (void)buffer;
  (void)data;
  *meta = NULL;
  return TRUE;
}

static GstBuffer *
show_audio (GstConsentFilter *self, GstBuffer *buffer)
{
  GstBuffer *out = NULL;

  if (gst_buffer_get_size (buffer) % GST_AUDIO_INFO_BPF (&self->audio_info)
      != 0)
    ;
  else if (gst_buffer_is_writable (buffer)
           && gst_buffer_foreach_meta (buffer, remove_meta, NULL))
    return buffer;
  else
    out = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, 0, (gsize)-1);
  gst_buffer_unref (buffer);
  return out;
}

/* Takes `buffer`; NULL when its verdict or an error withholds it. */
static GstBuffer *
show (GstConsentFilter *self, GstBuffer *buffer, const DwVerdict *verdict,
      gboolean *is_error)
{
  gboolean is_audio = self->media == GST_CONSENT_MEDIA_AUDIO;
  gint64 time_ns = masking_time (self, GST_BUFFER_PTS (buffer));
  gboolean may_show
      = verdict->level > DW_LEVEL_NOTHING && (!is_audio || verdict->has_audio);
  GstBuffer *out;

  *is_error = FALSE;
  if (!is_audio
      && gst_consent_picture_note (&self->picture, buffer, time_ns) != DW_OK)
    {
      *is_error = TRUE;
      may_show = FALSE;
    }
  if (!may_show)
    {
      gst_buffer_unref (buffer);
      return NULL;
    }
  if (is_audio)
    out = show_audio (self, buffer);
  else
    out = gst_consent_picture_show (&self->picture, buffer, &self->share,
                                    verdict, &self->copy.terms, time_ns);
  *is_error = out == NULL;
  return out;
}

static void
count (GstConsentFilter *self, gboolean is_error, DwLevel level)
{
  GstConsentStats *stats = &self->stats;
  gboolean warns = is_error && !self->has_warned;

  GST_OBJECT_LOCK (self);
  stats->n_frames++;
  stats->n_errors += is_error ? 1 : 0;
  stats->n_shown += level == DW_LEVEL_CLEAR ? 1 : 0;
  stats->n_blurred += level == DW_LEVEL_BLURRED ? 1 : 0;
  stats->n_masked += level == DW_LEVEL_MASKED ? 1 : 0;
  stats->n_withheld += level == DW_LEVEL_NOTHING ? 1 : 0;
  stats->epoch = self->copy.epoch;
  stats->level = level;
  GST_OBJECT_UNLOCK (self);
  if (!warns)
    return;
  self->has_warned = TRUE;
  GST_ELEMENT_WARNING (self, STREAM, FORMAT,
                       ("A buffer cannot be treated and is withheld; further "
                        "ones will only be counted."),
                       ("see the property stats"));
}

static GstFlowReturn
leave_gap (GstConsentFilter *self, const Stamp *stamp)
{
  self->is_discont = TRUE;
  if (GST_CLOCK_TIME_IS_VALID (stamp->pts))
    gst_pad_push_event (self->srcpad,
                        gst_event_new_gap (stamp->pts, stamp->duration));
  return GST_FLOW_OK;
}

/* What takes the place of a withheld buffer; NULL for nothing at all. Sound
 * that is dropped begins with one silent buffer all the same: without any, an
 * encoder never says what it makes, and a muxer writes a track, and with it a
 * file, that nobody can read. */
static GstBuffer *
stand_in (GstConsentFilter *self, gsize size)
{
  gboolean is_audio = self->media == GST_CONSENT_MEDIA_AUDIO;

  if (self->share.drops && (!is_audio || self->has_begun))
    return NULL;
  return is_audio ? make_silence (self, size)
                  : gst_consent_picture_card (&self->picture);
}

GstFlowReturn
gst_consent_filter_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (parent);
  gint64 boot_ns = dw_time_boot_ns ();
  gint64 footage_ns = 0, length_ns;
  Stamp stamp = take_stamp (buffer);
  gsize size = gst_buffer_get_size (buffer);
  DwLevel level;
  DwVerdict verdict = { 0 };
  gboolean is_error;
  GstBuffer *out;

  (void)pad;
  if (self->media == GST_CONSENT_MEDIA_NONE)
    {
      gst_buffer_unref (buffer);
      return GST_FLOW_NOT_NEGOTIATED;
    }
  dw_slot_read (self->slot, boot_ns, &self->copy);
  length_ns = footage_length (self, size);
  footage_ns = footage_time (self, buffer, length_ns);
  if (boot_ns > 0)
    dw_verdict_decide_span (&self->copy.terms, footage_ns, length_ns, boot_ns,
                            &verdict);
  report_verdict (self, &verdict, footage_ns);
  ask_for_key_unit (self, stamp.pts);

  out = show (self, buffer, &verdict, &is_error);
  level = out ? verdict.level : DW_LEVEL_NOTHING;
  count (self, is_error, level);
  if (out == NULL)
    out = stand_in (self, size);
  if (out == NULL)
    return leave_gap (self, &stamp);
  put_stamp (out, &stamp);
  if (self->is_discont)
    GST_BUFFER_FLAG_SET (out, GST_BUFFER_FLAG_DISCONT);
  self->is_discont = FALSE;
  self->has_begun = TRUE;
  gst_buffer_set_clearance (out, self->share_id, self->copy.epoch, level);
  return gst_pad_push (self->srcpad, out);
}

static gboolean
take_caps (GstConsentFilter *self, GstEvent *event)
{
  DwStatus status = DW_OK;
  GstCaps *caps, *plain;
  guint32 seqnum = gst_event_get_seqnum (event);
  const gchar *name;

  gst_event_parse_caps (event, &caps);
  plain = gst_consent_caps_plain (caps);
  gst_event_unref (event);
  name = gst_structure_get_name (gst_caps_get_structure (plain, 0));
  self->media = GST_CONSENT_MEDIA_NONE;
  if (g_str_has_prefix (name, "audio/"))
    {
      if (gst_audio_info_from_caps (&self->audio_info, plain))
        self->media = GST_CONSENT_MEDIA_AUDIO;
    }
  else
    {
      status
          = gst_consent_picture_set_caps (&self->picture, plain, &self->share);
      if (status == DW_OK)
        self->media = GST_CONSENT_MEDIA_PICTURE;
    }
  if (self->media == GST_CONSENT_MEDIA_NONE)
    {
      GST_WARNING_OBJECT (self, "cannot treat %" GST_PTR_FORMAT, plain);
      gst_caps_unref (plain);
      return FALSE;
    }
  event = gst_event_new_caps (plain);
  gst_event_set_seqnum (event, seqnum);
  gst_caps_unref (plain);
  return gst_pad_push_event (self->srcpad, event);
}

void
gst_consent_filter_reset_stream (GstConsentFilter *self)
{
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->has_asked = FALSE;
  self->last_epoch = 0;
  self->is_discont = FALSE;
  self->has_begun = FALSE;
}

gboolean
gst_consent_filter_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (parent);

  (void)pad;
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_STREAM_START:
      self->has_asked = FALSE;
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      self->has_asked = FALSE;
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_consent_filter_reset_stream (self);
      break;
    default:
      break;
    }
  event = gst_consent_event_rebuild (event, self->share_id);
  return event == NULL || gst_pad_push_event (self->srcpad, event);
}
