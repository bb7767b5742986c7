/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard: follows every way that buffers can take from the source pads of
 * an element, across bins, ghost pads and tees, and refuses one that leaves
 * the house without a consentgate on it.
 *
 * A way ends well at a consentgate, a sharesink (its gate is inside), a local
 * display or loudspeaker, a fakesink, and, unless GST_DOORBELL_ENFORCE_ALL, a
 * regular file. Everything else that takes buffers in and gives none out is
 * taken for a way out, and so is every payloader and network element on the
 * way. What an application does with signals or probes cannot be seen here.
 *
 * It goes on watching: a pad that is linked later, an element that gets a new
 * pad, a ghost pad with another target are judged before a buffer passes them,
 * because a pad without a peer carries a probe that drops until the way behind
 * it has been judged, and an element that got a pad is judged before the next
 * buffer enters it. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  GST_DOORBELL_ENFORCE_NONE = 0,
  GST_DOORBELL_ENFORCE_NETWORK,
  GST_DOORBELL_ENFORCE_ALL,
} GstDoorbellEnforce;

#define GST_TYPE_DOORBELL_ENFORCE (gst_doorbell_enforce_get_type ())
GType gst_doorbell_enforce_get_type (void);

typedef struct _GstDoorbellGuard GstDoorbellGuard;

/* Called once for a way out that appears after gst_doorbell_guard_check (), on
 * the thread that made it; the guard is closed already. `way` names the pads
 * and elements, "doorbellsrc0.video ! tee0 ! udpsink0". */
typedef void (*GstDoorbellGuardFunc) (const gchar *way, gpointer user_data);

/* Borrows `element`, which must outlive the guard. Never NULL. */
GstDoorbellGuard *gst_doorbell_guard_new (GstElement *element,
                                          GstDoorbellEnforce enforce,
                                          GstDoorbellGuardFunc func,
                                          gpointer user_data);

/* Stops watching; `func` is not called any more once this has returned,
 * unless it is running on another thread. NULL is accepted. */
void gst_doorbell_guard_free (GstDoorbellGuard *guard);

/* Judges all ways there are now and opens or closes the guard by it. On FALSE
 * `way` is set, g_free () it. Any thread. */
gboolean gst_doorbell_guard_check (GstDoorbellGuard *guard, gchar **way);

/* The element got another source pad: judges again, calls the function of the
 * guard if a way out has appeared. */
void gst_doorbell_guard_update (GstDoorbellGuard *guard);

gboolean gst_doorbell_guard_is_closed (GstDoorbellGuard *guard);

G_END_DECLS
