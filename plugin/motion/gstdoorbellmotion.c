/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SECTION:element-doorbellmotion
 * @title: doorbellmotion
 *
 * Watches a fixed camera's picture and says when something moves in it and
 * which cells of it are not the learned, empty scene. Pictures pass through
 * untouched: raw ones, and JPEG ones of which only coefficients are read.
 * JPEG caps must have width and height (put a jpegparse before it).
 *
 * Every picture that was understood gets a foreground meta, by which
 * consentfilter knows what is private, and one GstVideoRegionOfInterestMeta of
 * type "motion" for each confirmed object, with its number as id and a
 * parameter structure "motion" {score}. Until the scene is learned, and anew
 * after a flush, a change of caps or a change of more than half the picture,
 * the meta says "not learned": everything is foreground. A picture that was not
 * understood (a damaged or progressive JPEG) gets no meta, and a warning is
 * posted.
 *
 * Element messages named `doorbell-motion` tell of events:
 *
 * - `state` #gchararray: "begin", "update" or "end"
 * - `id` #guint: number of the event, the same in all its messages
 * - `score` #gdouble: 0..1, how sure the strongest object is; 0 at the end
 * - `boxes` #GstValueArray of structures `box` { `x`, `y`, `width`, `height`
 *   (#gint, pixels), `id` (#guint, of the object), `score` (#gdouble) }
 * - `zones` #GstValueArray of #gchararray: names of the zones that are touched
 * - `stream-time` #guint64: of the picture, GST_CLOCK_TIME_NONE when unknown
 * - `utc` #gint64: nanoseconds since 1970: of the buffer's reference timestamp
 *   (timestamp/x-unix) when it has one, else of the clock; 0 when unknown
 *
 * Every begin is followed by an end: also at EOS, flush, a change of caps and
 * when the element stops.
 *
 * ## Example
 * |[
 * gst-launch-1.0 -m filesrc location=visitor.mp4 ! decodebin ! videoconvert !
 *     doorbellmotion ! fakesink
 * ]|
 */
#include "gstdoorbellmotion.h"

#include "cpu.h"
#include "gstforegroundmeta.h"
#include "gstmotionbuffer.h"
#include "motion.h"
#include "timebase.h"

#include <gst/video/gstvideometa.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (doorbell_motion_debug);
#define GST_CAT_DEFAULT doorbell_motion_debug

#define DEFAULT_SENSITIVITY 0.5f
#define DEFAULT_MIN_AREA 0.002f
#define DEFAULT_HOLD 800
#define DEFAULT_LEARN_TIME 1000
#define DEFAULT_UPDATE_INTERVAL 1000
#define DEFAULT_ZONES ""

enum
{
  PROP_0,
  PROP_SENSITIVITY,
  PROP_MIN_AREA,
  PROP_HOLD,
  PROP_LEARN_TIME,
  PROP_UPDATE_INTERVAL,
  PROP_ZONES,
};

struct _GstDoorbellMotion
{
  GstBaseTransform parent;

  /* Under the object lock. */
  DwMotionConfig config;
  gchar *zones;
  guint update_interval;
  gboolean is_config_new;

  /* Of the streaming thread. */
  DwMotion *motion;
  GstVideoInfo info;
  gboolean is_jpeg;
  gboolean is_failing; /* the last picture was not understood */
  gboolean is_running; /* an event */
  guint event_id;
  gint64 updated_ns; /* pts of the last message */
};

#define RAW_FORMATS "{ I420, YV12, NV12, NV21, GRAY8, YUY2, UYVY }"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (RAW_FORMATS) "; image/jpeg"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (RAW_FORMATS) "; image/jpeg"));

G_DEFINE_TYPE (GstDoorbellMotion, gst_doorbell_motion, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (doorbellmotion, "doorbellmotion", GST_RANK_NONE,
                             GST_TYPE_DOORBELL_MOTION)

static void
post_event (GstDoorbellMotion *self, const gchar *state,
            const DwMotionReport *report, const DwMotionConfig *config,
            GstBuffer *buffer)
{
  GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstStructure *structure
      = gst_motion_report_to_structure (report, config, segment, buffer);

  gst_structure_set (structure, "state", G_TYPE_STRING, state, "id",
                     G_TYPE_UINT, self->event_id, NULL);
  GST_INFO_OBJECT (self, "%" GST_PTR_FORMAT, (gpointer)structure);
  gst_element_post_message (
      GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
end_event (GstDoorbellMotion *self)
{
  static const DwMotionReport nothing;
  static const DwMotionConfig no_zones;

  if (!self->is_running)
    return;
  self->is_running = FALSE;
  post_event (self, "end", &nothing, &no_zones, NULL);
}

static void
tell (GstDoorbellMotion *self, const DwMotionReport *report,
      const DwMotionConfig *config, gint64 update_ns, GstBuffer *buffer)
{
  gint64 now_ns = gst_motion_pts (buffer);

  if (report->state == DW_MOTION_BEGIN)
    {
      end_event (self);
      self->event_id++;
      self->is_running = TRUE;
      self->updated_ns = now_ns;
      post_event (self, "begin", report, config, buffer);
    }
  else if (report->state == DW_MOTION_UPDATE
           && (now_ns < self->updated_ns
               || now_ns - self->updated_ns >= update_ns))
    {
      self->updated_ns = now_ns;
      post_event (self, "update", report, config, buffer);
    }
  else if (report->state == DW_MOTION_END)
    {
      self->is_running = FALSE;
      post_event (self, "end", report, config, buffer);
    }
}

static void
complain (GstDoorbellMotion *self, DwStatus status)
{
  if (self->is_failing)
    return;
  self->is_failing = TRUE;
  GST_ELEMENT_WARNING (
      self, STREAM, DECODE,
      ("A picture could not be read for motion; until one can, everything in "
       "it counts as private."),
      ("%s", dw_status_text (status)));
}

static GstFlowReturn
gst_doorbell_motion_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (trans);
  GstForegroundMeta *stale = gst_buffer_get_foreground_meta (buffer);
  DwMotionConfig config;
  DwMotionReport report;
  gboolean is_new;
  gint64 update_ns;
  DwStatus status;

  GST_OBJECT_LOCK (self);
  config = self->config;
  update_ns = self->update_interval * DW_MILLISECOND_NS;
  is_new = self->is_config_new;
  self->is_config_new = FALSE;
  GST_OBJECT_UNLOCK (self);

  if (stale)
    gst_buffer_remove_meta (buffer, &stale->meta);
  if (is_new)
    dw_motion_set_config (self->motion, &config);
  status = self->is_jpeg ? gst_motion_push_jpeg (self->motion, buffer, &report)
                         : gst_motion_push_raw (self->motion, &self->info,
                                                buffer, &report);
  if (status != DW_OK)
    {
      complain (self, status);
      return GST_FLOW_OK;
    }
  self->is_failing = FALSE;
  gst_motion_report_attach (&report, &self->info, buffer);
  tell (self, &report, &config, update_ns, buffer);
  return GST_FLOW_OK;
}

/* The pixels are shared; only the buffer's own fields become ours, so that a
 * meta can be added. */
static GstFlowReturn
gst_doorbell_motion_prepare_output_buffer (GstBaseTransform *trans,
                                           GstBuffer *in, GstBuffer **out)
{
  (void)trans;
  *out = gst_buffer_is_writable (in) ? in : gst_buffer_copy (in);
  return *out ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static gboolean
gst_doorbell_motion_set_caps (GstBaseTransform *trans, GstCaps *in,
                              GstCaps *out)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (trans);
  const GstStructure *structure = gst_caps_get_structure (in, 0);
  gint width, height;
  DwStatus status;

  (void)out;
  end_event (self);
  self->is_jpeg = gst_structure_has_name (structure, "image/jpeg");
  if (!self->is_jpeg && !gst_video_info_from_caps (&self->info, in))
    return FALSE;
  if (!gst_structure_get_int (structure, "width", &width)
      || !gst_structure_get_int (structure, "height", &height))
    {
      GST_ERROR_OBJECT (self, "no width and height in %" GST_PTR_FORMAT,
                        (gpointer)in);
      return FALSE;
    }
  if (self->is_jpeg)
    gst_video_info_set_format (&self->info, GST_VIDEO_FORMAT_ENCODED,
                               (guint)width, (guint)height);
  status = dw_motion_set_size (self->motion, width, height);
  if (status != DW_OK)
    GST_ERROR_OBJECT (self, "%dx%d: %s", width, height,
                      dw_status_text (status));
  return status == DW_OK;
}

static gboolean
gst_doorbell_motion_start (GstBaseTransform *trans)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (trans);
  unsigned flags = dw_cpu_limit (dw_cpu_detect (), g_getenv ("DW_SIMD"));
  DwMotionConfig config;
  DwStatus status;

  GST_OBJECT_LOCK (self);
  config = self->config;
  self->is_config_new = FALSE;
  GST_OBJECT_UNLOCK (self);
  status = dw_motion_new (&config, flags, &self->motion);
  self->is_failing = FALSE;
  self->updated_ns = 0;
  if (status != DW_OK)
    GST_ELEMENT_ERROR (self, RESOURCE, FAILED,
                       ("Motion detection cannot start."),
                       ("%s", dw_status_text (status)));
  return status == DW_OK;
}

static gboolean
gst_doorbell_motion_stop (GstBaseTransform *trans)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (trans);

  end_event (self);
  g_clear_pointer (&self->motion, dw_motion_free);
  return TRUE;
}

/* After a flush the picture may come from anywhere: learn it anew. */
static void
relearn (GstDoorbellMotion *self)
{
  gint width = GST_VIDEO_INFO_WIDTH (&self->info);

  end_event (self);
  if (self->motion && width > 0)
    dw_motion_set_size (self->motion, width,
                        GST_VIDEO_INFO_HEIGHT (&self->info));
}

static gboolean
gst_doorbell_motion_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (trans);

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    relearn (self);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    end_event (self);
  return GST_BASE_TRANSFORM_CLASS (gst_doorbell_motion_parent_class)
      ->sink_event (trans, event);
}

/* Returns FALSE, with everything as it was, when the core refuses it. */
static gboolean
set_zones (GstDoorbellMotion *self, const gchar *text)
{
  DwStatus status;

  if (text == NULL)
    text = DEFAULT_ZONES;
  GST_OBJECT_LOCK (self);
  status = dw_motion_config_parse_zones (&self->config, text);
  if (status == DW_OK)
    {
      g_free (self->zones);
      self->zones = g_strdup (text);
    }
  GST_OBJECT_UNLOCK (self);
  return status == DW_OK;
}

static void
gst_doorbell_motion_set_property (GObject *object, guint id,
                                  const GValue *value, GParamSpec *spec)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (object);

  if (id == PROP_ZONES && !set_zones (self, g_value_get_string (value)))
    GST_ELEMENT_WARNING (
        self, RESOURCE, SETTINGS,
        ("The zones are not \"name:x,y x,y x,y;name:...\" with three or more "
         "points between 0 and 1 each; the old ones stay."),
        ("%s", g_value_get_string (value)));
  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_SENSITIVITY:
      self->config.sensitivity = g_value_get_float (value);
      break;
    case PROP_MIN_AREA:
      self->config.min_area = g_value_get_float (value);
      break;
    case PROP_HOLD:
      self->config.hold_ms = g_value_get_uint (value);
      break;
    case PROP_LEARN_TIME:
      self->config.learn_ms = g_value_get_uint (value);
      break;
    case PROP_UPDATE_INTERVAL:
      self->update_interval = g_value_get_uint (value);
      break;
    case PROP_ZONES:
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
    }
  self->is_config_new = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static void
gst_doorbell_motion_get_property (GObject *object, guint id, GValue *value,
                                  GParamSpec *spec)
{
  GstDoorbellMotion *self = GST_DOORBELL_MOTION (object);

  GST_OBJECT_LOCK (self);
  switch (id)
    {
    case PROP_SENSITIVITY:
      g_value_set_float (value, self->config.sensitivity);
      break;
    case PROP_MIN_AREA:
      g_value_set_float (value, self->config.min_area);
      break;
    case PROP_HOLD:
      g_value_set_uint (value, self->config.hold_ms);
      break;
    case PROP_LEARN_TIME:
      g_value_set_uint (value, self->config.learn_ms);
      break;
    case PROP_UPDATE_INTERVAL:
      g_value_set_uint (value, self->update_interval);
      break;
    case PROP_ZONES:
      g_value_set_string (value, self->zones);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      break;
    }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_doorbell_motion_finalize (GObject *object)
{
  g_free (GST_DOORBELL_MOTION (object)->zones);
  G_OBJECT_CLASS (gst_doorbell_motion_parent_class)->finalize (object);
}

static void
gst_doorbell_motion_init (GstDoorbellMotion *self)
{
  self->config.sensitivity = DEFAULT_SENSITIVITY;
  self->config.min_area = DEFAULT_MIN_AREA;
  self->config.hold_ms = DEFAULT_HOLD;
  self->config.learn_ms = DEFAULT_LEARN_TIME;
  self->update_interval = DEFAULT_UPDATE_INTERVAL;
  self->zones = g_strdup (DEFAULT_ZONES);
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}

#define FLAGS                                                                  \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_properties (GObjectClass *class)
{
  /**
   * GstDoorbellMotion:sensitivity:
   *
   * How small a difference wakes somebody. What is masked does not depend on
   * it.
   */
  g_object_class_install_property (
      class, PROP_SENSITIVITY,
      g_param_spec_float ("sensitivity", "Sensitivity",
                          "How small a difference makes an event", 0.01f, 1,
                          DEFAULT_SENSITIVITY, FLAGS));
  /**
   * GstDoorbellMotion:min-area:
   *
   * The least share of the picture an object must cover to make an event.
   */
  g_object_class_install_property (
      class, PROP_MIN_AREA,
      g_param_spec_float ("min-area", "Least area",
                          "Share of the picture an object must cover", 0.0001f,
                          1, DEFAULT_MIN_AREA, FLAGS));
  /**
   * GstDoorbellMotion:hold:
   *
   * An event ends this many milliseconds after the last movement.
   */
  g_object_class_install_property (
      class, PROP_HOLD,
      g_param_spec_uint ("hold", "Hold",
                         "Milliseconds from the last movement to the end of "
                         "the event",
                         1, 60000, DEFAULT_HOLD, FLAGS));
  /**
   * GstDoorbellMotion:learn-time:
   *
   * How many milliseconds the scene is watched before anything in it counts
   * as not foreground.
   */
  g_object_class_install_property (
      class, PROP_LEARN_TIME,
      g_param_spec_uint ("learn-time", "Learn time",
                         "Milliseconds until the scene counts as learned", 1,
                         600000, DEFAULT_LEARN_TIME, FLAGS));
  /**
   * GstDoorbellMotion:update-interval:
   *
   * The least number of milliseconds between the update messages of an event.
   */
  g_object_class_install_property (
      class, PROP_UPDATE_INTERVAL,
      g_param_spec_uint ("update-interval", "Update interval",
                         "Milliseconds between update messages, 0 for one a "
                         "picture",
                         0, 600000, DEFAULT_UPDATE_INTERVAL, FLAGS));
  /**
   * GstDoorbellMotion:zones:
   *
   * Where movement makes events: "name:x,y x,y x,y;name:...", points between
   * 0,0 (upper left) and 1,1. Empty: everywhere. Refused whole, with a warning
   * on the bus, when any part is wrong.
   */
  g_object_class_install_property (
      class, PROP_ZONES,
      g_param_spec_string ("zones", "Zones",
                           "Polygons where movement makes events, "
                           "\"name:x,y x,y x,y;...\"",
                           DEFAULT_ZONES, FLAGS));
}

static void
gst_doorbell_motion_class_init (GstDoorbellMotionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *transform_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (doorbell_motion_debug, "doorbellmotion", 0,
                           "motion of a doorbell's picture");
  object_class->set_property = gst_doorbell_motion_set_property;
  object_class->get_property = gst_doorbell_motion_get_property;
  object_class->finalize = gst_doorbell_motion_finalize;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "Doorbell motion", "Filter/Analyzer/Video",
      "Says when something moves and which cells are not the empty scene",
      "The Doorward authors");

  transform_class->start = gst_doorbell_motion_start;
  transform_class->stop = gst_doorbell_motion_stop;
  transform_class->set_caps = gst_doorbell_motion_set_caps;
  transform_class->sink_event = gst_doorbell_motion_sink_event;
  transform_class->prepare_output_buffer
      = gst_doorbell_motion_prepare_output_buffer;
  transform_class->transform_ip = gst_doorbell_motion_transform_ip;
  transform_class->transform_ip_on_passthrough = TRUE;
}
