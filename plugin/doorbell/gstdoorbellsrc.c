/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SECTION:element-doorbellsrc
 * @title: doorbellsrc
 * @short_description: picture, sound and bell of an ONVIF doorbell
 *
 * Finds a doorbell, signs in, plays its stream by rtspsrc and hears its
 * events. The pads `video` and `audio` carry what the camera sends, encoded;
 * they stay when the connection is lost and comes back: running time goes on,
 * the first buffer then is DISCONT, caps may be new. Each buffer has a
 * #GstReferenceTimestampMeta `timestamp/x-unix` with the footage time by this
 * machine's clock.
 *
 * A connection that is lost is made anew after 0.5 s to 30 s, for ever unless
 * #GstDoorbellSrc:retry is off. The first connection is given up with an error
 * after #GstDoorbellSrc:timeout; 0 waits for ever. A refused password is an
 * error at once and is never tried again: devices lock the account.
 *
 * ## Element message and in-stream event `doorbell`
 *
 * Posted on the bus at once, and sent on every source pad as a serialized
 * custom downstream event before the next buffer; one that comes before the
 * pads exist is kept for them.
 *
 * * `kind` (string): press, motion, person, vehicle, animal, face, package,
 *   line, field, tamper, input or other
 * * `active` (boolean): began or ended
 * * `time` (int64): nanoseconds since 1970, UTC, by this machine's clock
 * * `pulse` (boolean): no end will follow
 * * `initial` (boolean): was so when the subscription began; never for a press
 * * `topic`, `source` (string): as the device sent them
 * * `camera` (string): #GstDoorbellSrc:camera, or the device's name
 *
 * ## Element message `doorbell-connection`
 *
 * * `state` (string): connecting, connected, lost, waiting or failed
 * * `part` (string): stream or events
 * * `attempt` (uint): which one since data came last
 * * `retry-in` (uint): milliseconds, when waiting
 * * `text` (string): a sentence that says what happened
 * * `camera` (string)
 *
 * ## The guard
 *
 * With #GstDoorbellSrc:enforce=network nothing leaves the house without
 * consent: where a network sink, payloader, appsink, proxysink, pipe or unknown
 * sink can be reached without a consentgate, doorbellsrc refuses to go to
 * PLAYING; when such a way is made while it plays, it closes: an error names
 * the way and no buffer leaves the element.
 *
 * ## Launch lines
 * |[
 * gst-launch-1.0 playbin uri=onvif://192.0.2.7
 * gst-launch-1.0 -m doorbellsrc location=onvif:// user-id=bell user-pw=secret
 * gst-launch-1.0 -e doorbellsrc location=onvif://192.0.2.7 name=d \
 *     mp4mux name=m ! filesink location=visit.mp4 \
 *     d.video ! queue ! m.video_0
 * ]|
 */
#include "gstdoorbellsrc.h"

#include "gstdoorbelloutlet.h"
#include "gstdoorbellsession.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_doorbell_src_debug);
#define GST_CAT_DEFAULT gst_doorbell_src_debug

#define MAX_EARLY_EVENTS 64

typedef enum
{
  KIND_VIDEO = 0,
  KIND_AUDIO,
  N_KINDS
} Kind;

static const gchar *const kind_names[N_KINDS] = { "video", "audio" };

struct _GstDoorbellSrc
{
  GstBin parent;

  GstDoorbellSettings settings; /* under the object lock */

  GMutex lock; /* of all below */
  GstDoorbellSession *session;
  GstDoorbellGuard *guard;
  GstDoorbellOutlet *outlets[N_KINDS]; /* refs */
  GstPad *ghosts[N_KINDS];             /* refs */
  GQueue early;                        /* events before the pads */
  gboolean has_all_pads;
  gboolean is_ended;
  gchar *camera_name; /* learned */

  GHashTable *states; /* of the events' thread */
};

static GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE (
    "video", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE (
    "audio", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

/* -- URI ---------------------------------------------------------------- */

static gboolean
set_location (GstDoorbellSrc *self, const gchar *text, GError **error)
{
  gboolean is_set;

  if (GST_STATE (self) > GST_STATE_READY)
    {
      g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
                           "The location of a doorbell that is in use cannot "
                           "be changed.");
      return FALSE;
    }
  GST_OBJECT_LOCK (self);
  is_set = gst_doorbell_settings_set_location (&self->settings, text, error);
  GST_OBJECT_UNLOCK (self);
  return is_set;
}

static GstURIType
gst_doorbell_src_uri_get_type (GType type)
{
  (void)type;
  return GST_URI_SRC;
}

static const gchar *const *
gst_doorbell_src_uri_get_protocols (GType type)
{
  static const gchar *const protocols[] = { "onvif", NULL };

  (void)type;
  return protocols;
}

static gchar *
gst_doorbell_src_uri_get_uri (GstURIHandler *handler)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (handler);
  gchar *uri;

  GST_OBJECT_LOCK (self);
  uri = g_strdup (self->settings.location.uri);
  GST_OBJECT_UNLOCK (self);
  return uri;
}

static gboolean
gst_doorbell_src_uri_set_uri (GstURIHandler *handler, const gchar *uri,
                              GError **error)
{
  return set_location (GST_DOORBELL_SRC (handler), uri, error);
}

static void
gst_doorbell_src_uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  (void)data;
  handler->get_type = gst_doorbell_src_uri_get_type;
  handler->get_protocols = gst_doorbell_src_uri_get_protocols;
  handler->get_uri = gst_doorbell_src_uri_get_uri;
  handler->set_uri = gst_doorbell_src_uri_set_uri;
}

G_DEFINE_TYPE_WITH_CODE (
    GstDoorbellSrc, gst_doorbell_src, GST_TYPE_BIN,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER,
                           gst_doorbell_src_uri_handler_init);
    GST_DEBUG_CATEGORY_INIT (gst_doorbell_src_debug, "doorbellsrc", 0,
                             "a doorbell as a source"))
GST_ELEMENT_REGISTER_DEFINE (doorbellsrc, "doorbellsrc", GST_RANK_PRIMARY,
                             GST_TYPE_DOORBELL_SRC)

/* -- What the session says ---------------------------------------------- */

static gchar *
get_camera (GstDoorbellSrc *self)
{
  gchar *name = NULL;

  GST_OBJECT_LOCK (self);
  if (self->settings.camera && self->settings.camera[0])
    name = g_strdup (self->settings.camera);
  GST_OBJECT_UNLOCK (self);
  if (name)
    return name;
  g_mutex_lock (&self->lock);
  name = g_strdup (self->camera_name ? self->camera_name : "");
  g_mutex_unlock (&self->lock);
  return name;
}

static void
post (GstDoorbellSrc *self, GstStructure *structure)
{
  gst_element_post_message (
      GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
on_event (const DwOnvifEvent *news, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;
  GstStructure *structure;
  GstEvent *event;
  gchar *camera;

  if (!gst_doorbell_states_note (self->states, news))
    return;
  camera = get_camera (self);
  structure = gst_doorbell_event_structure (news, camera);
  g_free (camera);
  post (self, gst_structure_copy (structure));
  event = gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM, structure);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    if (self->outlets[i])
      gst_doorbell_outlet_queue_event (self->outlets[i], gst_event_ref (event));
  if (!self->has_all_pads)
    g_queue_push_tail (&self->early, gst_event_ref (event));
  if (g_queue_get_length (&self->early) > MAX_EARLY_EVENTS)
    gst_event_unref (g_queue_pop_head (&self->early));
  g_mutex_unlock (&self->lock);
  gst_event_unref (event);
}

static void
post_progress (GstDoorbellSrc *self, const GstDoorbellConnection *connection)
{
  static const GstProgressType types[] = {
    [GST_DOORBELL_CONNECTING] = GST_PROGRESS_TYPE_START,
    [GST_DOORBELL_CONNECTED] = GST_PROGRESS_TYPE_COMPLETE,
    [GST_DOORBELL_LOST] = GST_PROGRESS_TYPE_ERROR,
    [GST_DOORBELL_WAITING] = GST_PROGRESS_TYPE_CONTINUE,
    [GST_DOORBELL_FAILED] = GST_PROGRESS_TYPE_ERROR,
  };

  if (connection->text[0] == '\0')
    return;
  gst_element_post_message (
      GST_ELEMENT (self),
      gst_message_new_progress (GST_OBJECT (self), types[connection->state],
                                "doorbell", connection->text));
}

static void
on_connection (const GstDoorbellConnection *connection, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;
  gchar *camera = get_camera (self);

  GST_INFO_OBJECT (self, "connection state %d of %s: %s", connection->state,
                   connection->is_events ? "events" : "stream",
                   connection->text);
  post (self, gst_doorbell_connection_structure (connection, camera));
  g_free (camera);
  /* What gst-launch and players show without being asked: how the connection
   * comes on, an outage of the picture once, a bell that will not be heard. */
  if (!connection->is_events)
    post_progress (self, connection);
  if (connection->state == GST_DOORBELL_LOST)
    GST_ELEMENT_WARNING (
        self, RESOURCE, READ,
        ("The doorbell is lost, connecting anew. %s", connection->text),
        (NULL));
  if (connection->state == GST_DOORBELL_FAILED && connection->is_events)
    GST_ELEMENT_WARNING (
        self, RESOURCE, READ,
        ("The doorbell's events cannot be heard. %s", connection->text),
        (NULL));
}

static void
on_name (const gchar *name, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;

  g_mutex_lock (&self->lock);
  g_free (self->camera_name);
  self->camera_name = g_strdup (name);
  g_mutex_unlock (&self->lock);
}

static void
on_begin (gpointer user_data)
{
  GstDoorbellSrc *self = user_data;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    if (self->outlets[i])
      gst_doorbell_outlet_begin (self->outlets[i]);
  g_mutex_unlock (&self->lock);
}

static void
on_fail (DwStatus status, const gchar *text, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;

  if (status == DW_ERROR_REFUSED)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_AUTHORIZED, ("%s", text), (NULL));
  else if (status == DW_ERROR_INVALID || status == DW_ERROR_UNSUPPORTED)
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", text), (NULL));
  else if (status == DW_ERROR_NOT_FOUND)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("%s", text), (NULL));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ, ("%s", text), (NULL));
}

static gint64
on_idle_us (gpointer user_data)
{
  GstDoorbellSrc *self = user_data;
  gint64 idle = -1;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    {
      gint64 own;

      if (self->outlets[i] == NULL)
        continue;
      own = gst_doorbell_outlet_get_idle_us (self->outlets[i]);
      if (own >= 0 && (idle < 0 || own < idle))
        idle = own;
    }
  g_mutex_unlock (&self->lock);
  return idle;
}

static void
on_outlet (gboolean is_end, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;

  if (is_end)
    gst_doorbell_session_lost (self->session, DW_ERROR_UNREACHABLE,
                               "The doorbell ended the stream.");
  else
    gst_doorbell_session_data (self->session);
}

/* -- Pads --------------------------------------------------------------- */

static GstDoorbellOutlet *
make_outlet (GstDoorbellSrc *self, Kind kind)
{
  GstDoorbellOutlet *outlet
      = gst_doorbell_outlet_new (kind_names[kind], on_outlet, self);
  gst_bin_add (GST_BIN (self), gst_object_ref (GST_ELEMENT (outlet)));
  gst_element_sync_state_with_parent (GST_ELEMENT (outlet));
  return outlet;
}

/* The ghost pad is added by the caller, without the lock: the application
 * links in its signal. */
static GstPad *
make_ghost (GstDoorbellOutlet *outlet, Kind kind)
{
  GstPadTemplate *template = gst_static_pad_template_get (
      kind == KIND_VIDEO ? &video_template : &audio_template);
  GstPad *src = gst_element_get_static_pad (GST_ELEMENT (outlet), "src");
  GstPad *ghost
      = gst_ghost_pad_new_from_template (kind_names[kind], src, template);

  gst_object_unref (src);
  gst_object_unref (template);
  gst_pad_set_active (ghost, TRUE);
  return ghost;
}

static GstPad *
on_get_sink (const gchar *name, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;
  const Kind kind
      = strcmp (name, kind_names[KIND_AUDIO]) == 0 ? KIND_AUDIO : KIND_VIDEO;
  GstDoorbellOutlet *outlet;
  GstPad *ghost = NULL;

  g_mutex_lock (&self->lock);
  outlet = self->outlets[kind];
  g_mutex_unlock (&self->lock);
  if (outlet == NULL)
    {
      outlet = make_outlet (self, kind);
      ghost = make_ghost (outlet, kind);
      g_mutex_lock (&self->lock);
      for (GList *l = self->early.head; l; l = l->next)
        gst_doorbell_outlet_queue_event (outlet, gst_event_ref (l->data));
      gst_doorbell_outlet_set_closed (
          outlet, gst_doorbell_guard_is_closed (self->guard));
      self->outlets[kind] = outlet;
      self->ghosts[kind] = gst_object_ref (ghost);
      g_mutex_unlock (&self->lock);
      gst_element_add_pad (GST_ELEMENT (self), ghost);
    }
  return gst_element_get_static_pad (GST_ELEMENT (outlet), "sink");
}

static void
on_no_more_pads (gpointer user_data)
{
  GstDoorbellSrc *self = user_data;
  gboolean is_first;

  g_mutex_lock (&self->lock);
  is_first = !self->has_all_pads;
  self->has_all_pads = TRUE;
  g_queue_clear_full (&self->early, (GDestroyNotify)gst_event_unref);
  g_mutex_unlock (&self->lock);
  if (is_first)
    gst_element_no_more_pads (GST_ELEMENT (self));
}

static void
remove_pads (GstDoorbellSrc *self)
{
  GstDoorbellOutlet *outlets[N_KINDS];
  GstPad *ghosts[N_KINDS];

  g_mutex_lock (&self->lock);
  memcpy (outlets, self->outlets, sizeof outlets);
  memcpy (ghosts, self->ghosts, sizeof ghosts);
  memset (self->outlets, 0, sizeof outlets);
  memset (self->ghosts, 0, sizeof ghosts);
  g_queue_clear_full (&self->early, (GDestroyNotify)gst_event_unref);
  self->has_all_pads = FALSE;
  self->is_ended = FALSE;
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    {
      if (outlets[i] == NULL)
        continue;
      gst_pad_set_active (ghosts[i], FALSE);
      gst_element_remove_pad (GST_ELEMENT (self), ghosts[i]);
      gst_object_unref (ghosts[i]);
      gst_element_set_state (GST_ELEMENT (outlets[i]), GST_STATE_NULL);
      gst_bin_remove (GST_BIN (self), GST_ELEMENT (outlets[i]));
      gst_object_unref (outlets[i]);
    }
}

/* Before the application's own handlers: what they link is judged. */
static void
gst_doorbell_src_pad_added (GstElement *element, GstPad *pad)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (element);

  (void)pad;
  if (self->guard)
    gst_doorbell_guard_update (self->guard);
}

/* -- The guard ---------------------------------------------------------- */

static void
set_closed (GstDoorbellSrc *self, gboolean is_closed)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    if (self->outlets[i])
      gst_doorbell_outlet_set_closed (self->outlets[i], is_closed);
  g_mutex_unlock (&self->lock);
}

static void
on_way_out (const gchar *way, gpointer user_data)
{
  GstDoorbellSrc *self = user_data;

  set_closed (self, TRUE);
  GST_ELEMENT_ERROR (
      self, RESOURCE, NOT_AUTHORIZED,
      ("Nothing is sent: the pictures would leave the house without consent by "
       "%s. Put consentfilter before the encoder and consentgate before this "
       "sink, or use sharesink.",
       way),
      ("enforce=none switches this check off"));
}

static gboolean
pass_guard (GstDoorbellSrc *self)
{
  gchar *way = NULL;

  if (gst_doorbell_guard_check (self->guard, &way))
    {
      set_closed (self, FALSE);
      return TRUE;
    }
  on_way_out (way, self);
  g_free (way);
  return FALSE;
}

/* -- States ------------------------------------------------------------- */

static const GstDoorbellSessionFuncs session_funcs = {
  .stream = { .get_sink = on_get_sink, .no_more_pads = on_no_more_pads },
  .listener = { .event = on_event, .connection = on_connection },
  .begin = on_begin,
  .name = on_name,
  .fail = on_fail,
  .idle_us = on_idle_us,
};

static gboolean
start (GstDoorbellSrc *self)
{
  GstDoorbellSettings settings;
  GstDoorbellSession *session;

  GST_OBJECT_LOCK (self);
  gst_doorbell_settings_copy (&self->settings, &settings);
  GST_OBJECT_UNLOCK (self);
  if (settings.location.kind == DW_LOCATION_NONE)
    {
      gst_doorbell_settings_clear (&settings);
      GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
                         ("The location is not one of a doorbell."), (NULL));
      return FALSE;
    }
  session = gst_doorbell_session_new (GST_BIN (self), &settings, &session_funcs,
                                      self);
  self->guard = gst_doorbell_guard_new (GST_ELEMENT (self), settings.enforce,
                                        on_way_out, self);
  gst_doorbell_settings_clear (&settings);
  g_mutex_lock (&self->lock);
  self->session = session;
  g_mutex_unlock (&self->lock);
  if (session && gst_doorbell_session_start (session))
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
                     ("No thread or descriptor is left for the doorbell."),
                     (NULL));
  return FALSE;
}

static void
stop (GstDoorbellSrc *self)
{
  GstDoorbellGuard *guard;

  /* Its last threads still use the pointer: it goes when they have gone. */
  gst_doorbell_session_free (self->session);
  g_mutex_lock (&self->lock);
  self->session = NULL;
  g_mutex_unlock (&self->lock);
  g_hash_table_remove_all (self->states);
  remove_pads (self);
  guard = self->guard;
  self->guard = NULL;
  gst_doorbell_guard_free (guard);
}

static GstStateChangeReturn
gst_doorbell_src_change_state (GstElement *element, GstStateChange change)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (element);
  GstStateChangeReturn result;

  if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING && !pass_guard (self))
    return GST_STATE_CHANGE_FAILURE;
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY && self->session)
    gst_doorbell_session_stop (self->session);
  if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_doorbell_session_set_playing (self->session, FALSE);

  result = GST_ELEMENT_CLASS (gst_doorbell_src_parent_class)
               ->change_state (element, change);

  switch (change)
    {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (result == GST_STATE_CHANGE_FAILURE)
        return result;
      if (start (self))
        return GST_STATE_CHANGE_NO_PREROLL;
      stop (self);
      return GST_STATE_CHANGE_FAILURE;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      if (result != GST_STATE_CHANGE_FAILURE)
        gst_doorbell_session_set_playing (self->session, TRUE);
      return result;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      return result == GST_STATE_CHANGE_FAILURE ? result
                                                : GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      stop (self);
      return result;
    default:
      return result;
    }
}

/* -- Messages and events ------------------------------------------------ */

/* Downstream has failed, not the camera. */
static gboolean
is_downstream_at_fault (GstDoorbellSrc *self)
{
  gboolean is_at_fault = FALSE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    if (self->outlets[i])
      is_at_fault |= gst_doorbell_outlet_get_flow (self->outlets[i])
                     <= GST_FLOW_NOT_NEGOTIATED;
  g_mutex_unlock (&self->lock);
  return is_at_fault;
}

static void
take_error (GstDoorbellSrc *self, GstMessage *message)
{
  GError *error = NULL;
  gchar *debug = NULL;
  gchar *camera = get_camera (self);
  gchar *text;
  DwStatus status = DW_ERROR_UNREACHABLE;

  gst_message_parse_error (message, &error, &debug);
  GST_INFO_OBJECT (self, "connection failed: %s (%s)", error->message, debug);
  if (g_error_matches (error, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_NOT_AUTHORIZED))
    {
      status = DW_ERROR_REFUSED;
      text = g_strdup_printf (
          "%s refused the user name or password for its stream.", camera);
    }
  else
    text = g_strdup_printf ("%s: %s", camera, error->message);
  gst_doorbell_session_lost (self->session, status, text);
  g_free (text);
  g_free (camera);
  g_free (debug);
  g_error_free (error);
}

static void
gst_doorbell_src_handle_message (GstBin *bin, GstMessage *message)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (bin);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && gst_doorbell_stream_has (bin, GST_MESSAGE_SRC (message))
      && !is_downstream_at_fault (self))
    {
      take_error (self, message);
      gst_message_unref (message);
      return;
    }
  GST_BIN_CLASS (gst_doorbell_src_parent_class)->handle_message (bin, message);
}

/* The application ends the recording: no connection is made any more, and
 * every stream ends. */
static gboolean
end_streams (GstDoorbellSrc *self)
{
  GstDoorbellOutlet *outlets[N_KINDS] = { NULL, NULL };
  gboolean has_pads = FALSE;

  g_mutex_lock (&self->lock);
  if (self->session == NULL || self->is_ended)
    {
      g_mutex_unlock (&self->lock);
      return FALSE;
    }
  self->is_ended = TRUE;
  gst_doorbell_session_stop (self->session);
  for (guint i = 0; i < N_KINDS; i++)
    if (self->outlets[i])
      outlets[i] = gst_object_ref (self->outlets[i]);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < N_KINDS; i++)
    {
      if (outlets[i] == NULL)
        continue;
      has_pads = TRUE;
      gst_doorbell_outlet_end (outlets[i]);
      gst_object_unref (outlets[i]);
    }
  if (!has_pads)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
                       ("Ended before the doorbell was reached."), (NULL));
  return TRUE;
}

static gboolean
gst_doorbell_src_send_event (GstElement *element, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    {
      gst_event_unref (event);
      return end_streams (GST_DOORBELL_SRC (element));
    }
  return GST_ELEMENT_CLASS (gst_doorbell_src_parent_class)
      ->send_event (element, event);
}

/* -- Properties --------------------------------------------------------- */

static void
gst_doorbell_src_set_property (GObject *object, guint id, const GValue *value,
                               GParamSpec *pspec)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (object);
  GError *error = NULL;
  gboolean is_known;

  if (id == GST_DOORBELL_PROP_LOCATION)
    {
      if (!set_location (self, g_value_get_string (value), &error))
        GST_ERROR_OBJECT (self, "%s", error->message);
      g_clear_error (&error);
      return;
    }
  GST_OBJECT_LOCK (self);
  is_known = gst_doorbell_settings_set (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!is_known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_doorbell_src_get_property (GObject *object, guint id, GValue *value,
                               GParamSpec *pspec)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (object);
  gboolean is_known;

  GST_OBJECT_LOCK (self);
  is_known = gst_doorbell_settings_get (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!is_known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* -- Class -------------------------------------------------------------- */

static void
gst_doorbell_src_finalize (GObject *object)
{
  GstDoorbellSrc *self = GST_DOORBELL_SRC (object);

  gst_doorbell_settings_clear (&self->settings);
  g_free (self->camera_name);
  g_hash_table_unref (self->states);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_doorbell_src_parent_class)->finalize (object);
}

static void
gst_doorbell_src_class_init (GstDoorbellSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->finalize = gst_doorbell_src_finalize;
  object_class->set_property = gst_doorbell_src_set_property;
  object_class->get_property = gst_doorbell_src_get_property;
  element_class->change_state = gst_doorbell_src_change_state;
  element_class->send_event = gst_doorbell_src_send_event;
  element_class->pad_added = gst_doorbell_src_pad_added;
  GST_BIN_CLASS (klass)->handle_message = gst_doorbell_src_handle_message;
  gst_doorbell_settings_install (object_class);
  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (
      element_class, "Doorbell source", "Source/Network",
      "Picture, sound and bell of an ONVIF doorbell", "The Doorward authors");
  gst_type_mark_as_plugin_api (GST_TYPE_DOORBELL_ENFORCE, 0);
}

static void
gst_doorbell_src_init (GstDoorbellSrc *self)
{
  g_mutex_init (&self->lock);
  gst_doorbell_settings_init (&self->settings);
  self->states = gst_doorbell_states_new ();
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SOURCE
                                                    | GST_ELEMENT_FLAG_SINK);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
