/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The element: properties, pads, states. */

/**
 * SECTION:element-consentfilter
 * @title: consentfilter
 * @short_description: shows of each buffer what the owner consented to
 * @see_also: consentgate, doorbellmotion
 *
 * Everything before this element is private; what comes out of it shows, for
 * one camera and one recipient, no more than the verdict of the policy and of
 * the grants in the ledger for the time at which the scene happened. Each
 * outgoing buffer carries a clearance, without which no #consentgate lets it
 * through.
 *
 * - `nothing`: a card, or silence, takes the place of each buffer, or the
 *   buffer is dropped and a GAP event sent (#consentfilter:when-denied); of
 *   dropped sound one silent buffer remains, so that a muxer knows its track
 * - `masked`: everything private is filled with one constant colour
 * - `blurred`: each object becomes one colour; cosmetic, not safe
 * - `clear`: the picture, but for private zones and outside granted regions
 *
 * What is private is read from the foreground of doorbellmotion, from
 * regions of interest, and from analytics metas where this GStreamer has them.
 * A picture about which nothing is known is filled whole. Sound passes only
 * where a grant includes it. Metas, tags, tables of contents and custom events
 * do not pass.
 *
 * ## Time
 *
 * Live footage happens now, and only a live source has any. Recorded footage
 * (`live=false`) happened at #consentfilter:footage-start plus the position in
 * the recording. A #GstReferenceTimestampMeta of `timestamp/x-unix` or
 * `timestamp/x-ntp` counts more than both. Footage whose time is not known is
 * not shown.
 *
 * ## Message
 *
 * An element message `doorward-verdict` is posted with the first buffer and
 * whenever the level or the sound changes:
 *
 * - `camera`, `recipient` (string)
 * - `level` (string): nothing, masked, blurred or clear
 * - `audio` (boolean): sound may be heard
 * - `reason` (string): why, in one sentence
 * - `share-id`, `epoch` (uint64): as in the clearance
 * - `footage-time` (int64): UTC nanoseconds, 0 when not known
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,format=I420 !
 * doorbellmotion ! consentfilter camera=front recipient=ann
 * recipient-class=neighbour ! x264enc tune=zerolatency ! consentgate !
 * rtph264pay ! udpsink port=5004
 * ]| A neighbour sees the visitor masked, or a card, as the ledger says.
 */
#include "gstconsentfilter.h"

#include "gstclearancemeta.h"
#include "gstconsentfilterevents.h"
#include "gstconsentfilterprivate.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY (gst_consent_filter_debug);
#define GST_CAT_DEFAULT gst_consent_filter_debug

#define DEFAULT_LIVE TRUE
#define DEFAULT_WHEN_DENIED GST_CONSENT_DENIED_AUTO
#define DEFAULT_HOLD_MS (-1)
#define DEFAULT_GROW 0.0

enum
{
  PROP_0,
  PROP_LEDGER,
  PROP_CONFIG,
  PROP_CAMERA,
  PROP_RECIPIENT,
  PROP_RECIPIENT_CLASS,
  PROP_PURPOSE,
  PROP_CASE_NUMBER,
  PROP_CONSENT_HASH,
  PROP_LIVE,
  PROP_FOOTAGE_START,
  PROP_WHEN_DENIED,
  PROP_PRIVATE_ZONES,
  PROP_HOLD_MS,
  PROP_GROW,
  PROP_STATS,
  PROP_SHARE_ID,
};

/* *INDENT-OFF* */
#define CONSENT_CAPS                                                           \
  GST_VIDEO_CAPS_MAKE ("{ I420, YV12, NV12, NV21, GRAY8, YUY2, UYVY }")        \
  "; image/jpeg; " GST_AUDIO_CAPS_MAKE (                                       \
      GST_AUDIO_FORMATS_ALL) ", layout = (string) interleaved"
/* *INDENT-ON* */

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (CONSENT_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CONSENT_CAPS));

#define gst_consent_filter_parent_class parent_class
G_DEFINE_TYPE (GstConsentFilter, gst_consent_filter, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (consentfilter, "consentfilter", GST_RANK_NONE,
                             GST_TYPE_CONSENT_FILTER)

#define GST_TYPE_CONSENT_DENIED (gst_consent_denied_get_type ())
static GType
gst_consent_denied_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_CONSENT_DENIED_AUTO, "placeholder if live, else drop", "auto" },
    { GST_CONSENT_DENIED_PLACEHOLDER, "a card, or silence", "placeholder" },
    { GST_CONSENT_DENIED_DROP, "nothing, with a GAP event", "drop" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
                       g_enum_register_static ("GstConsentDenied", values));
  return type;
}

#define GST_TYPE_CONSENT_CLASS (gst_consent_class_get_type ())
static GType
gst_consent_class_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { DW_CLASS_NONE, "as the configuration says", "none" },
    { DW_CLASS_HOUSEHOLD, "lives here", "household" },
    { DW_CLASS_NEIGHBOUR, "lives next door", "neighbour" },
    { DW_CLASS_COMMUNITY, "the neighbourhood", "community" },
    { DW_CLASS_POLICE, "police, with a case number", "police" },
    { DW_CLASS_VENDOR, "a company, with a written consent", "vendor" },
    { DW_CLASS_PUBLIC, "anyone", "public" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (
        &type, g_enum_register_static ("GstConsentRecipientClass", values));
  return type;
}

static gchar **
text_setting (GstConsentSettings *settings, guint id)
{
  switch (id)
    {
    case PROP_LEDGER:
      return &settings->ledger;
    case PROP_CONFIG:
      return &settings->config;
    case PROP_CAMERA:
      return &settings->camera;
    case PROP_RECIPIENT:
      return &settings->recipient;
    case PROP_PURPOSE:
      return &settings->purpose;
    case PROP_CASE_NUMBER:
      return &settings->case_number;
    case PROP_CONSENT_HASH:
      return &settings->consent_hash;
    case PROP_FOOTAGE_START:
      return &settings->footage_start;
    case PROP_PRIVATE_ZONES:
      return &settings->private_zones;
    default:
      return NULL;
    }
}

static void
gst_consent_filter_set_property (GObject *object, guint id, const GValue *value,
                                 GParamSpec *pspec)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (object);
  GstConsentSettings *settings = &self->settings;
  gchar **text = text_setting (settings, id);

  GST_OBJECT_LOCK (self);
  if (text)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (id == PROP_RECIPIENT_CLASS)
    settings->recipient_class = (DwRecipientClass)g_value_get_enum (value);
  else if (id == PROP_LIVE)
    settings->is_live = g_value_get_boolean (value);
  else if (id == PROP_WHEN_DENIED)
    settings->when_denied = (GstConsentDenied)g_value_get_enum (value);
  else if (id == PROP_HOLD_MS)
    settings->hold_ms = g_value_get_int (value);
  else if (id == PROP_GROW)
    settings->grow = g_value_get_double (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
describe_stats (const GstConsentStats *stats)
{
  return gst_structure_new (
      "consentfilter-stats", "frames-in", G_TYPE_UINT64, stats->n_frames,
      "shown", G_TYPE_UINT64, stats->n_shown, "masked", G_TYPE_UINT64,
      stats->n_masked, "blurred", G_TYPE_UINT64, stats->n_blurred, "withheld",
      G_TYPE_UINT64, stats->n_withheld, "errors", G_TYPE_UINT64,
      stats->n_errors, "epoch", G_TYPE_UINT64, stats->epoch, "level",
      G_TYPE_STRING, dw_level_text (stats->level), NULL);
}

static void
gst_consent_filter_get_property (GObject *object, guint id, GValue *value,
                                 GParamSpec *pspec)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (object);
  GstConsentSettings *settings = &self->settings;
  gchar **text = text_setting (settings, id);

  GST_OBJECT_LOCK (self);
  if (text)
    g_value_set_string (value, *text);
  else if (id == PROP_RECIPIENT_CLASS)
    g_value_set_enum (value, settings->recipient_class);
  else if (id == PROP_LIVE)
    g_value_set_boolean (value, settings->is_live);
  else if (id == PROP_WHEN_DENIED)
    g_value_set_enum (value, settings->when_denied);
  else if (id == PROP_HOLD_MS)
    g_value_set_int (value, settings->hold_ms);
  else if (id == PROP_GROW)
    g_value_set_double (value, settings->grow);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, describe_stats (&self->stats));
  else if (id == PROP_SHARE_ID)
    g_value_set_uint64 (value, self->share_id);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
start (GstConsentFilter *self)
{
  GstConsentSettings settings;
  DwError error = { 0 };
  DwStatus status;

  if (self->slot == NULL || self->share_id == 0)
    {
      GST_ELEMENT_ERROR (self, RESOURCE, FAILED, (NULL),
                         ("no memory or no randomness for a share"));
      return FALSE;
    }
  GST_OBJECT_LOCK (self);
  memset (&self->stats, 0, sizeof self->stats);
  settings = self->settings;
  for (guint id = PROP_0 + 1; id < PROP_STATS; id++)
    {
      gchar **text = text_setting (&settings, id);

      if (text)
        *text = g_strdup (*text);
    }
  GST_OBJECT_UNLOCK (self);
  status = gst_consent_share_open (&settings, self->slot, &self->share, &error);
  gst_consent_settings_clear (&settings);
  if (status != DW_OK)
    {
      GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
                         ("Nothing can be shared: %s", error.text),
                         ("%s", dw_status_text (status)));
      return FALSE;
    }
  gst_consent_filter_reset_stream (self);
  self->has_reported = FALSE;
  self->has_warned = FALSE;
  return TRUE;
}

static void
stop (GstConsentFilter *self)
{
  gst_consent_share_close (&self->share);
  gst_consent_picture_clear (&self->picture);
  self->media = GST_CONSENT_MEDIA_NONE;
  memset (&self->copy, 0, sizeof self->copy);
}

static GstStateChangeReturn
gst_consent_filter_change_state (GstElement *element, GstStateChange change)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (element);
  GstStateChangeReturn result;

  if (change == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  result = GST_ELEMENT_CLASS (parent_class)->change_state (element, change);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY
      || (change == GST_STATE_CHANGE_READY_TO_PAUSED
          && result == GST_STATE_CHANGE_FAILURE))
    stop (self);
  return result;
}

static gboolean
gst_consent_filter_sink_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  /* Frames are redacted in memory of our own: no pool of the share's side
   * ever holds a private one. */
  if (GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION)
    {
      gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
      return TRUE;
    }
  return gst_consent_query_is_plain (query)
         && gst_pad_query_default (pad, parent, query);
}

static gboolean
gst_consent_filter_src_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  return gst_consent_query_is_plain (query)
         && gst_pad_query_default (pad, parent, query);
}

/* A recipient's wish for a key unit ends here: it is for the encoder of the
 * share, not for the camera. */
static gboolean
gst_consent_filter_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      || GST_EVENT_TYPE (event) == GST_EVENT_NAVIGATION)
    {
      gst_event_unref (event);
      return TRUE;
    }
  return gst_pad_event_default (pad, parent, event);
}

static void
gst_consent_filter_finalize (GObject *object)
{
  GstConsentFilter *self = GST_CONSENT_FILTER (object);

  if (self->share_id)
    gst_consent_share_unregister (self->share_id);
  if (self->slot)
    dw_slot_unref (self->slot);
  gst_consent_settings_clear (&self->settings);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
install_text (GObjectClass *klass, guint id, const gchar *name,
              const gchar *nick, const gchar *blurb)
{
  g_object_class_install_property (
      klass, id,
      g_param_spec_string (name, nick, blurb, NULL,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
                               | GST_PARAM_MUTABLE_READY));
}

static void
install_share_properties (GObjectClass *klass)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  install_text (klass, PROP_LEDGER, "ledger", "Ledger",
                "The ledger's file; NULL: the configuration's, or "
                "doorward/ledger.db in the user's data folder");
  install_text (klass, PROP_CONFIG, "config", "Configuration",
                "doorward.yaml with ceilings, recipients and private zones");
  install_text (klass, PROP_CAMERA, "camera", "Camera",
                "The camera's name, as in the grants");
  install_text (klass, PROP_RECIPIENT, "recipient", "Recipient",
                "Whom the share is for, as in the grants");
  g_object_class_install_property (
      klass, PROP_RECIPIENT_CLASS,
      g_param_spec_enum ("recipient-class", "Recipient class",
                         "Overrides the configuration; needed without one",
                         GST_TYPE_CONSENT_CLASS, DW_CLASS_NONE, flags));
  install_text (klass, PROP_PURPOSE, "purpose", "Purpose",
                "Why the share is made, as in the grants");
  install_text (klass, PROP_CASE_NUMBER, "case-number", "Case number",
                "The verified case number where a class demands one");
  install_text (klass, PROP_CONSENT_HASH, "consent-hash", "Consent hash",
                "SHA-256 of the written consent where a class demands one");
  g_object_class_install_property (
      klass, PROP_LIVE,
      g_param_spec_boolean ("live", "Live",
                            "Footage happens now; a grant for recordings does "
                            "not cover it",
                            DEFAULT_LIVE, flags));
  install_text (klass, PROP_FOOTAGE_START, "footage-start", "Footage start",
                "When a recording begins: ISO 8601 time of its position 0");
}

static void
install_picture_properties (GObjectClass *klass)
{
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (
      klass, PROP_WHEN_DENIED,
      g_param_spec_enum ("when-denied", "When denied",
                         "What takes the place of a withheld buffer",
                         GST_TYPE_CONSENT_DENIED, DEFAULT_WHEN_DENIED, flags));
  install_text (klass, PROP_PRIVATE_ZONES, "private-zones", "Private zones",
                "Polygons never shown, besides the configuration's: "
                "\"x,y x,y x,y; ...\" with 0..1 across the picture");
  g_object_class_install_property (
      klass, PROP_HOLD_MS,
      g_param_spec_int ("hold-ms", "Hold",
                        "How long an object stays hidden after it was last "
                        "seen; -1: the configuration's, or 1000",
                        -1, 60000, DEFAULT_HOLD_MS, flags));
  g_object_class_install_property (
      klass, PROP_GROW,
      g_param_spec_double ("grow", "Grow",
                           "Factor by which boxes grow, 1 to 4; 0: the "
                           "configuration's, or 1.5",
                           0., 4., DEFAULT_GROW, flags));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "frames-in = shown (clear) + masked + blurred + "
                          "withheld; errors, epoch, level",
                          GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      klass, PROP_SHARE_ID,
      g_param_spec_uint64 ("share-id", "Share id",
                           "The share's number in clearances, of this process",
                           0, G_MAXUINT64, 0,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_consent_filter_class_init (GstConsentFilterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_consent_filter_debug, "consentfilter", 0,
                           "consent filter");
  object_class->set_property = gst_consent_filter_set_property;
  object_class->get_property = gst_consent_filter_get_property;
  object_class->finalize = gst_consent_filter_finalize;
  element_class->change_state = gst_consent_filter_change_state;
  install_share_properties (object_class);
  install_picture_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Consent filter", "Filter/Video/Audio",
      "Shows of each buffer what the owner consented to", "Doorward");
  gst_type_mark_as_plugin_api (GST_TYPE_CONSENT_DENIED, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CONSENT_CLASS, 0);
}

static void
gst_consent_filter_init (GstConsentFilter *self)
{
  self->settings.is_live = DEFAULT_LIVE;
  self->settings.when_denied = DEFAULT_WHEN_DENIED;
  self->settings.hold_ms = DEFAULT_HOLD_MS;
  self->settings.grow = DEFAULT_GROW;
  self->slot = dw_slot_new ();
  if (self->slot)
    self->share_id = gst_consent_share_register (self->slot);
  gst_consent_filter_reset_stream (self);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_consent_filter_chain);
  gst_pad_set_event_function (self->sinkpad, gst_consent_filter_sink_event);
  gst_pad_set_query_function (self->sinkpad, gst_consent_filter_sink_query);
  GST_PAD_SET_PROXY_CAPS (self->sinkpad);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad, gst_consent_filter_src_event);
  gst_pad_set_query_function (self->srcpad, gst_consent_filter_src_query);
  GST_PAD_SET_PROXY_CAPS (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}
