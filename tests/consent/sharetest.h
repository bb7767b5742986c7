/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shares for the element tests: a slot that the test itself publishes, and a
 * ledger in a folder of its own. */
#pragma once

#include "dwtest.h"
#include "gstclearancemeta.h"
#include "ledger.h"
#include "timebase.h"

#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <string.h>

/* A slot whose writer is the test. */
typedef struct
{
  DwSlot *slot;
  guint64 id;
} TestShare;

static inline guint64
test_share_epoch (const TestShare *share)
{
  return dw_slot_epoch (share->slot, dw_time_boot_ns ());
}

/* A new epoch; an hour of lease. Returns it. */
static inline guint64
test_share_publish (const TestShare *share)
{
  DwTerms *terms = g_new0 (DwTerms, 1);

  dw_slot_publish (share->slot, terms, dw_time_boot_ns () + 3600 * DW_SECOND_NS,
                   INT64_MAX);
  g_free (terms);
  return test_share_epoch (share);
}

static inline TestShare
test_share_new (void)
{
  TestShare share = { .slot = dw_slot_new () };

  fail_unless (share.slot != NULL);
  share.id = gst_consent_share_register (share.slot);
  fail_unless (share.id != 0);
  test_share_publish (&share);
  return share;
}

static inline void
test_share_free (TestShare *share)
{
  gst_consent_share_unregister (share->id);
  dw_slot_unref (share->slot);
}

/* A ledger in a new folder. */
typedef struct
{
  gchar *folder;
  gchar *path;
  DwLedger *ledger;
  DwPolicy policy;
} TestLedger;

static inline TestLedger
test_ledger_new (void)
{
  TestLedger self = { 0 };
  DwError error = { 0 };

  self.folder = g_dir_make_tmp ("doorward-XXXXXX", NULL);
  fail_unless (self.folder != NULL);
  self.path = g_build_filename (self.folder, "ledger.db", NULL);
  dw_policy_init (&self.policy);
  fail_unless_equals_int (
      dw_ledger_open (self.path, DW_LEDGER_WRITE, &self.ledger, &error), DW_OK);
  return self;
}

static inline void
test_ledger_free (TestLedger *self)
{
  GDir *dir;
  const gchar *name;

  dw_ledger_close (self->ledger);
  dir = g_dir_open (self->folder, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree gchar *path = g_build_filename (self->folder, name, NULL);

      g_remove (path);
    }
  if (dir)
    g_dir_close (dir);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

/* A live grant for "ann", of the household, to see "front", for an hour. */
static inline DwGrant
test_grant (DwLevel level)
{
  DwGrant grant = { 0 };
  gint64 now = dw_time_utc_ns ();

  g_strlcpy (grant.share.camera, "front", sizeof grant.share.camera);
  g_strlcpy (grant.share.recipient, "ann", sizeof grant.share.recipient);
  grant.share.recipient_class = DW_CLASS_HOUSEHOLD;
  grant.share.is_live = true;
  grant.footage_from_ns = grant.valid_from_ns = now - 60 * DW_SECOND_NS;
  grant.footage_until_ns = grant.valid_until_ns = now + 3600 * DW_SECOND_NS;
  grant.level = level;
  return grant;
}

static inline guint64
test_ledger_add (TestLedger *self, const DwGrant *grant)
{
  uint64_t sequence = 0;
  DwError error = { 0 };
  DwStatus status
      = dw_ledger_grant (self->ledger, &self->policy, grant, &sequence, &error);

  fail_unless (status == DW_OK, "grant: %s", error.text);
  return sequence;
}

static inline void
test_ledger_revoke (TestLedger *self, guint64 sequence)
{
  DwError error = { 0 };
  DwStatus status = dw_ledger_revoke (self->ledger, sequence, &error);

  fail_unless (status == DW_OK, "revoke: %s", error.text);
}
