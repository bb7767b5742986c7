/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows pads downstream, depth first, and keeps watch on every pad and
 * element it has seen. Marks by generation: what the last walk did not meet is
 * not watched any more. */
#include "gstdoorbellguard.h"

#include "gstdoorbellways.h"

GST_DEBUG_CATEGORY_STATIC (gst_doorbell_guard_debug);
#define GST_CAT_DEFAULT gst_doorbell_guard_debug

#define N_WATCH_SIGNALS 2

/* Of a probe where buffers enter an element that can get more pads: an added
 * pad is visible, and can be linked by another thread, before its signal. */
typedef struct
{
  GstDoorbellGuard *guard; /* a ref */
  gint cookie;             /* atomic: the element's pads when last followed */
} Entry;

/* One pad or element that buffers can reach. */
typedef struct
{
  GstObject *object;
  gulong signals[N_WATCH_SIGNALS];
  gulong probe; /* of a pad: drops until its way has been judged */
  gboolean needs_probe;
  gulong entry_probe; /* of a sink pad */
  Entry *entry;       /* owned by that probe */
  guint generation;
} Watch;

/* A source pad to be followed, and the step that led to it, for the report. */
typedef struct
{
  GstPad *pad;
  gint from; /* -1: a pad of the guarded element */
} Step;

struct _GstDoorbellGuard
{
  gint n_refs;
  GstElement *element;
  GstDoorbellEnforce enforce;
  GstDoorbellGuardFunc func;
  gpointer user_data;
  gint is_closed; /* atomic */

  GMutex lock; /* of all below; nothing is emitted while it is held */
  gboolean is_freed;
  GHashTable *watches; /* by object */
  guint generation;
  GArray *steps;
  gchar *bad_way;
  GPtrArray *dropped; /* unreffed after the lock */
};

GType
gst_doorbell_enforce_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { GST_DOORBELL_ENFORCE_NONE, "No check at all", "none" },
    { GST_DOORBELL_ENFORCE_NETWORK,
      "Nothing leaves this machine without a gate", "network" },
    { GST_DOORBELL_ENFORCE_ALL,
      "Nothing leaves or is written to a file without a gate", "all" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
                       g_enum_register_static ("GstDoorbellEnforce", values));
  return type;
}

static void
guard_unref (GstDoorbellGuard *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_refs))
    return;
  g_hash_table_unref (self->watches);
  g_array_unref (self->steps);
  g_ptr_array_unref (self->dropped);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
closure_unref (gpointer data, GClosure *closure)
{
  (void)closure;
  guard_unref (data);
}

static void
on_change (GstObject *object, GstPad *pad, GstDoorbellGuard *self)
{
  (void)object;
  (void)pad;
  gst_doorbell_guard_update (self);
}

static GstPadProbeReturn
drop_unjudged (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  (void)user_data;
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_PULL)
    return GST_PAD_PROBE_DROP;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info)
      = gst_pad_is_linked (pad) ? GST_FLOW_OK : GST_FLOW_NOT_LINKED;
  /* Called again for the same buffer when the pad's probes change meanwhile. */
  g_clear_pointer (&GST_PAD_PROBE_INFO_DATA (info), gst_mini_object_unref);
  return GST_PAD_PROBE_HANDLED;
}

static GstPadProbeReturn
judge_new_pads (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Entry *entry = user_data;
  GstElement *element = gst_pad_get_parent_element (pad);
  gboolean has_changed = FALSE;

  (void)info;
  if (element)
    {
      GST_OBJECT_LOCK (element);
      has_changed
          = (gint)element->pads_cookie != g_atomic_int_get (&entry->cookie);
      GST_OBJECT_UNLOCK (element);
      gst_object_unref (element);
    }
  if (has_changed)
    gst_doorbell_guard_update (entry->guard);
  return GST_PAD_PROBE_OK;
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  guard_unref (entry->guard);
  g_free (entry);
}

/* -- Watches ------------------------------------------------------------ */

static gulong
watch_signal (GstDoorbellGuard *self, GstObject *object, const gchar *signal)
{
  g_atomic_int_inc (&self->n_refs);
  return g_signal_connect_data (object, signal, G_CALLBACK (on_change), self,
                                closure_unref, 0);
}

/* Marks the object as seen by this walk. NULL when it had been already. */
static Watch *
watch_object (GstDoorbellGuard *self, GstObject *object)
{
  Watch *watch = g_hash_table_lookup (self->watches, object);

  if (watch == NULL)
    {
      watch = g_new0 (Watch, 1);
      watch->object = gst_object_ref (object);
      g_hash_table_insert (self->watches, object, watch);
      if (GST_IS_PAD (object) && GST_PAD_IS_SRC (object))
        {
          watch->signals[0] = watch_signal (self, object, "linked");
          watch->signals[1] = watch_signal (self, object, "unlinked");
        }
      else if (!GST_IS_PAD (object))
        watch->signals[0] = watch_signal (self, object, "pad-added");
    }
  else if (watch->generation == self->generation)
    return NULL;
  watch->generation = self->generation;
  watch->needs_probe = FALSE;
  return watch;
}

static void
block_pad (Watch *watch)
{
  watch->needs_probe = TRUE;
  if (watch->probe == 0)
    watch->probe = gst_pad_add_probe (GST_PAD (watch->object),
                                      GST_PAD_PROBE_TYPE_BUFFER
                                          | GST_PAD_PROBE_TYPE_BUFFER_LIST,
                                      drop_unjudged, NULL, NULL);
}

static void
unblock_pad (Watch *watch)
{
  if (watch->probe)
    gst_pad_remove_probe (GST_PAD (watch->object), watch->probe);
  watch->probe = 0;
}

static void
drop_watch (GstDoorbellGuard *self, Watch *watch)
{
  for (gsize i = 0; i < N_WATCH_SIGNALS; i++)
    if (watch->signals[i])
      g_signal_handler_disconnect (watch->object, watch->signals[i]);
  unblock_pad (watch);
  if (watch->entry_probe)
    gst_pad_remove_probe (GST_PAD (watch->object), watch->entry_probe);
  g_ptr_array_add (self->dropped, watch->object);
  g_free (watch);
}

/* The probes of pads that were judged well go only now: every pad behind them
 * has got its own by this time. */
static void
sweep_watches (GstDoorbellGuard *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Watch *watch = value;

      if (watch->generation != self->generation)
        {
          g_hash_table_iter_remove (&iter);
          drop_watch (self, watch);
        }
      else if (!watch->needs_probe)
        unblock_pad (watch);
    }
}

/* -- The walk ----------------------------------------------------------- */

static void
add_step (GstDoorbellGuard *self, GstPad *pad, gint from)
{
  Step step = { gst_object_ref (pad), from };

  g_array_append_val (self->steps, step);
}

static void
follow_src_pads (GstDoorbellGuard *self, GstElement *element, gint from)
{
  /* add_step () takes a ref and calls nothing. */
  GST_OBJECT_LOCK (element);
  for (GList *l = element->srcpads; l; l = l->next)
    add_step (self, l->data, from);
  GST_OBJECT_UNLOCK (element);
}

static void
follow_paired_pads (GstDoorbellGuard *self, GstPad *sink, gint from)
{
  GstIterator *iter = gst_pad_iterate_internal_links (sink);
  GValue item = G_VALUE_INIT;
  GstIteratorResult result = GST_ITERATOR_DONE;

  if (iter == NULL)
    return;
  do
    {
      result = gst_iterator_next (iter, &item);
      if (result == GST_ITERATOR_OK)
        {
          add_step (self, g_value_get_object (&item), from);
          g_value_unset (&item);
        }
      else if (result == GST_ITERATOR_RESYNC)
        gst_iterator_resync (iter);
    }
  while (result == GST_ITERATOR_OK || result == GST_ITERATOR_RESYNC);
  gst_iterator_free (iter);
}

/* "doorbellsrc0.video ! tee0 ! udpsink0 (udpsink)" */
static gchar *
describe_way (GstDoorbellGuard *self, gint from, GstElement *end)
{
  GstElementFactory *factory = end ? gst_element_get_factory (end) : NULL;
  GString *text = g_string_new (end ? GST_OBJECT_NAME (end) : "a loose pad");

  if (factory)
    g_string_append_printf (text, " (%s)", GST_OBJECT_NAME (factory));
  while (from >= 0)
    {
      const Step *step = &g_array_index (self->steps, Step, from);
      GstObject *parent = gst_object_get_parent (GST_OBJECT (step->pad));

      if (step->from < 0 && parent)
        {
          g_string_prepend (text, " ! ");
          g_string_prepend (text, GST_OBJECT_NAME (step->pad));
          g_string_prepend (text, ".");
          g_string_prepend (text, GST_OBJECT_NAME (parent));
        }
      else if (parent && GST_IS_ELEMENT (parent) && !GST_IS_BIN (parent))
        {
          g_string_prepend (text, " ! ");
          g_string_prepend (text, GST_OBJECT_NAME (parent));
        }
      g_clear_pointer (&parent, gst_object_unref);
      from = step->from;
    }
  return g_string_free (text, FALSE);
}

static gboolean
can_get_pads (GstElement *element)
{
  const GList *templates = gst_element_class_get_pad_template_list (
      GST_ELEMENT_GET_CLASS (element));

  for (; templates; templates = templates->next)
    if (GST_PAD_TEMPLATE_DIRECTION (templates->data) == GST_PAD_SRC
        && GST_PAD_TEMPLATE_PRESENCE (templates->data) != GST_PAD_ALWAYS)
      return TRUE;
  return FALSE;
}

/* Notes which pads the element has, before they are followed. */
static void
watch_entry (GstDoorbellGuard *self, GstElement *element, GstPad *sink)
{
  Watch *watch
      = can_get_pads (element) ? watch_object (self, GST_OBJECT (sink)) : NULL;

  if (watch == NULL)
    return;
  if (watch->entry == NULL)
    {
      watch->entry = g_new0 (Entry, 1);
      watch->entry->guard = self;
      g_atomic_int_inc (&self->n_refs);
      watch->entry_probe = gst_pad_add_probe (
          sink, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
          judge_new_pads, watch->entry, free_entry);
    }
  GST_OBJECT_LOCK (element);
  g_atomic_int_set (&watch->entry->cookie, (gint)element->pads_cookie);
  GST_OBJECT_UNLOCK (element);
}

/* False when buffers that come in here leave the house. */
static gboolean
visit_element (GstDoorbellGuard *self, GstElement *element, GstPad *sink,
               gint from)
{
  const GstDoorbellWay way = gst_doorbell_way_of_element (element);

  if (way == GST_DOORBELL_WAY_OUT)
    return FALSE;
  if (way == GST_DOORBELL_WAY_FILE && self->enforce == GST_DOORBELL_ENFORCE_ALL)
    return FALSE;
  if (way == GST_DOORBELL_WAY_GATED)
    return TRUE;
  watch_object (self, GST_OBJECT (element));
  watch_entry (self, element, sink);
  if (gst_doorbell_way_is_paired (element))
    follow_paired_pads (self, sink, from);
  else
    follow_src_pads (self, element, from);
  return TRUE;
}

/* Into a bin through its ghost pad: its inner pad is a source pad like any. */
static gboolean
enter_bin (GstDoorbellGuard *self, GstElement *bin, GstPad *ghost, gint from)
{
  const GstDoorbellWay way = gst_doorbell_way_of_bin (bin);
  GstProxyPad *inner;

  if (way != GST_DOORBELL_WAY_ON)
    return way == GST_DOORBELL_WAY_GATED;
  inner = gst_proxy_pad_get_internal (GST_PROXY_PAD (ghost));
  if (inner == NULL)
    return FALSE;
  add_step (self, GST_PAD (inner), from);
  gst_object_unref (inner);
  return TRUE;
}

static gboolean
visit_peer (GstDoorbellGuard *self, GstPad *peer, gint from)
{
  GstObject *parent = gst_object_get_parent (GST_OBJECT (peer));
  gboolean is_good = FALSE;

  if (parent && GST_IS_GHOST_PAD (parent))
    {
      /* The inner side of a bin's source pad: out of the bin. */
      add_step (self, GST_PAD (parent), from);
      is_good = TRUE;
    }
  else if (parent && GST_IS_BIN (parent) && GST_IS_GHOST_PAD (peer))
    is_good = enter_bin (self, GST_ELEMENT (parent), peer, from);
  else if (parent && GST_IS_ELEMENT (parent))
    is_good = visit_element (self, GST_ELEMENT (parent), peer, from);

  if (!is_good && self->bad_way == NULL)
    self->bad_way = describe_way (
        self, from, GST_IS_ELEMENT (parent) ? GST_ELEMENT (parent) : NULL);
  g_clear_pointer (&parent, gst_object_unref);
  return is_good;
}

/* Watches before it looks: what is linked afterwards is told by the signal. */
static void
visit_step (GstDoorbellGuard *self, gint index)
{
  GstPad *pad = g_array_index (self->steps, Step, index).pad;
  Watch *watch = watch_object (self, GST_OBJECT (pad));
  GstPad *peer;

  if (watch == NULL)
    return;
  peer = gst_pad_get_peer (pad);
  if (peer == NULL || !visit_peer (self, peer, index))
    block_pad (watch);
  g_clear_object (&peer);
}

static void
clear_step (gpointer data)
{
  gst_object_unref (((Step *)data)->pad);
}

/* Returns the way out, NULL when there is none; `is_news` says that the guard
 * was open until now. */
static gchar *
walk (GstDoorbellGuard *self, gboolean *is_news)
{
  GPtrArray *dropped;
  gchar *way;

  *is_news = FALSE;
  g_mutex_lock (&self->lock);
  if (self->is_freed)
    {
      g_mutex_unlock (&self->lock);
      return NULL;
    }
  self->generation++;
  watch_object (self, GST_OBJECT (self->element));
  follow_src_pads (self, self->element, -1);
  for (guint i = 0; i < self->steps->len; i++)
    visit_step (self, (gint)i);
  sweep_watches (self);
  way = g_steal_pointer (&self->bad_way);
  g_array_set_size (self->steps, 0);
  dropped = g_steal_pointer (&self->dropped);
  self->dropped = g_ptr_array_new_with_free_func (gst_object_unref);
  if (way)
    *is_news
        = g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE);
  g_mutex_unlock (&self->lock);
  g_ptr_array_unref (dropped);
  return way;
}

/* -- Public ------------------------------------------------------------- */

GstDoorbellGuard *
gst_doorbell_guard_new (GstElement *element, GstDoorbellEnforce enforce,
                        GstDoorbellGuardFunc func, gpointer user_data)
{
  GstDoorbellGuard *self = g_new0 (GstDoorbellGuard, 1);

  GST_DEBUG_CATEGORY_INIT (gst_doorbell_guard_debug, "doorbellguard", 0,
                           "ways out of the house");
  self->n_refs = 1;
  self->element = element;
  self->enforce = enforce;
  self->func = func;
  self->user_data = user_data;
  self->watches = g_hash_table_new (NULL, NULL);
  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (self->steps, clear_step);
  self->dropped = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_init (&self->lock);
  return self;
}

void
gst_doorbell_guard_free (GstDoorbellGuard *guard)
{
  GHashTableIter iter;
  gpointer value;
  GPtrArray *dropped;

  if (guard == NULL)
    return;
  g_mutex_lock (&guard->lock);
  guard->is_freed = TRUE;
  g_hash_table_iter_init (&iter, guard->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_hash_table_iter_remove (&iter);
      drop_watch (guard, value);
    }
  dropped = g_steal_pointer (&guard->dropped);
  guard->dropped = g_ptr_array_new_with_free_func (gst_object_unref);
  g_mutex_unlock (&guard->lock);
  g_ptr_array_unref (dropped);
  guard_unref (guard);
}

gboolean
gst_doorbell_guard_check (GstDoorbellGuard *guard, gchar **way)
{
  gboolean is_news;

  *way = NULL;
  if (guard->enforce == GST_DOORBELL_ENFORCE_NONE)
    return TRUE;
  *way = walk (guard, &is_news);
  if (*way)
    return FALSE;
  g_atomic_int_set (&guard->is_closed, FALSE);
  return TRUE;
}

void
gst_doorbell_guard_update (GstDoorbellGuard *guard)
{
  gboolean is_news;
  gchar *way;

  if (guard->enforce == GST_DOORBELL_ENFORCE_NONE)
    return;
  way = walk (guard, &is_news);
  if (way && is_news)
    {
      GST_WARNING_OBJECT (guard->element, "closed: %s", way);
      guard->func (way, guard->user_data);
    }
  g_free (way);
}

gboolean
gst_doorbell_guard_is_closed (GstDoorbellGuard *guard)
{
  return g_atomic_int_get (&guard->is_closed);
}
