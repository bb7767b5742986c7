/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds a fragmented ISO media stream back one fragment at a time, so that a
 * gate can pass a fragment whole or not at all. Reads box headers only. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_CONSENT_MAX_TRACKS 8

typedef enum
{
  GST_CONSENT_PIECE_DROP = 0, /* was unref'd: nothing that may pass */
  GST_CONSENT_PIECE_HELD,     /* taken: the fragment is not whole yet */
  GST_CONSENT_PIECE_HEADER,   /* the caller's: a box without samples */
  GST_CONSENT_PIECE_WHOLE,    /* taken: the fragment in `held` is whole */
} GstConsentPiece;

/* Zero is the start of a stream. */
typedef struct
{
  GstBufferList *held;    /* moof, the header of mdat, samples */
  guint n_headers;        /* of `held` */
  guint64 left;           /* bytes of mdat still to come */
  gboolean is_fragmented; /* moov said so */
  guint32 track;          /* of the fragment that is held */
  guint n_started;
  guint32 started[GST_CONSENT_MAX_TRACKS]; /* tracks that may go on */
} GstConsentFragments;

/* Forgets the stream. */
void gst_consent_fragments_clear (GstConsentFragments *self);

/* Every track has to start again at a key unit. */
void gst_consent_fragments_restart (GstConsentFragments *self);

/* Takes `buffer`; returns it, or a copy in which user data, metadata and
 * private boxes (udta, meta, uuid) are empty. To be called before add, which
 * refuses a box that still has any. */
GstBuffer *gst_consent_fragments_clean (const GstConsentFragments *self,
                                        GstBuffer *buffer);

GstConsentPiece gst_consent_fragments_add (GstConsentFragments *self,
                                           GstBuffer *buffer);

/* The first of the samples in `held`, up to its length. */
guint gst_consent_fragments_first_sample (const GstConsentFragments *self);

/* TRUE when the whole fragment either goes on where its track was let through
 * last, or starts at a key unit with no picture before it. */
gboolean gst_consent_fragments_can_start (const GstConsentFragments *self);

/* Takes what is held out; the track goes on from here when `is_passed`. */
GstBufferList *gst_consent_fragments_take (GstConsentFragments *self,
                                           gboolean is_passed);

G_END_DECLS
