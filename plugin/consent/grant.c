/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a grant is well-formed, and of which share it speaks. */
#include "grant.h"

#include <string.h>

#define HASH_LENGTH 64

static bool
hash_is_valid (const char *hash)
{
  for (size_t i = 0; i < HASH_LENGTH; i++)
    if (!(hash[i] >= '0' && hash[i] <= '9')
        && !(hash[i] >= 'a' && hash[i] <= 'f'))
      return false;
  return hash[HASH_LENGTH] == '\0';
}

static bool
class_is_valid (DwRecipientClass recipient_class)
{
  return (unsigned)recipient_class > DW_CLASS_NONE
         && (unsigned)recipient_class < DW_N_CLASSES;
}

bool
dw_share_key_is_valid (const DwShareKey *share)
{
  return dw_name_is_valid (share->camera) && dw_name_is_valid (share->recipient)
         && class_is_valid (share->recipient_class)
         && (share->purpose[0] == '\0' || dw_name_is_valid (share->purpose))
         && (share->case_number[0] == '\0'
             || dw_case_is_valid (share->case_number))
         && (share->consent_hash[0] == '\0'
             || hash_is_valid (share->consent_hash));
}

static bool
grant_is_damaged (const DwGrant *grant)
{
  return grant->is_damaged || dw_grant_check (grant, NULL) != DW_OK;
}

bool
dw_grant_concerns (const DwGrant *grant, const DwShareKey *share)
{
  const DwShareKey *key = &grant->share;

  if (grant->sequence == 0)
    return false;
  if (grant_is_damaged (grant))
    return (!dw_name_is_valid (key->camera)
            || strcmp (key->camera, share->camera) == 0)
           && (!dw_name_is_valid (key->recipient)
               || strcmp (key->recipient, share->recipient) == 0);
  return strcmp (key->camera, share->camera) == 0
         && strcmp (key->recipient, share->recipient) == 0
         && key->recipient_class == share->recipient_class
         && strcmp (key->purpose, share->purpose) == 0
         && strcmp (key->case_number, share->case_number) == 0
         && strcmp (key->consent_hash, share->consent_hash) == 0
         && key->is_live == share->is_live;
}

static DwStatus
check_key (const DwShareKey *share, DwError *error)
{
  if (!dw_name_is_valid (share->camera))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the camera's name must be 1 to 63 letters, digits "
                         "or any of . _ - @");
  if (!dw_name_is_valid (share->recipient))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the recipient's name must be 1 to 63 letters, "
                         "digits or any of . _ - @");
  if (!class_is_valid (share->recipient_class))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the recipient's class is not known");
  if (share->purpose[0] != '\0' && !dw_name_is_valid (share->purpose))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the purpose must be one word of at most 63 "
                         "letters, digits or any of . _ - @");
  if (share->case_number[0] != '\0' && !dw_case_is_valid (share->case_number))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the case number must be at most 63 letters, "
                         "digits, spaces or any of . _ - @ /");
  if (!dw_share_key_is_valid (share))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the consent's hash must be SHA-256 in 64 lower "
                         "case hex digits");
  return DW_OK;
}

static DwStatus
check_windows (const DwGrant *grant, DwError *error)
{
  if (grant->footage_from_ns <= 0
      || grant->footage_from_ns >= grant->footage_until_ns)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the footage window must end after it begins");
  if (grant->valid_from_ns <= 0
      || grant->valid_from_ns >= grant->valid_until_ns)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the grant must end after it begins");
  /* Live footage is always of now. */
  if (grant->share.is_live
      && (grant->footage_from_ns >= grant->valid_until_ns
          || grant->valid_from_ns >= grant->footage_until_ns))
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a live grant's footage window must overlap the time "
                         "for which it is given");
  return DW_OK;
}

DwStatus
dw_grant_check (const DwGrant *grant, DwError *error)
{
  DwStatus status = check_key (&grant->share, error);

  if (status == DW_OK)
    status = check_windows (grant, error);
  if (status != DW_OK)
    return status;
  if ((unsigned)grant->level > DW_LEVEL_CLEAR)
    return dw_error_set (error, DW_ERROR_INVALID, "the level is not known");
  if (grant->revoked_sequence != 0
      && grant->revoked_sequence <= grant->sequence)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the grant was revoked before it was given");
  if (grant->n_regions > DW_GRANT_MAX_REGIONS)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "a grant holds at most %d regions",
                         DW_GRANT_MAX_REGIONS);
  for (size_t i = 0; i < grant->n_regions; i++)
    if (!dw_polygon_is_valid (&grant->regions[i]))
      return dw_error_set (error, DW_ERROR_INVALID,
                           "region %zu must have 3 to %d points within 0..1 "
                           "that enclose an area",
                           i + 1, DW_MAX_POLYGON_POINTS);
  return DW_OK;
}

bool
dw_regions_are_same (const DwPolygon *a, size_t n_a, const DwPolygon *b,
                     size_t n_b)
{
  if (n_a != n_b)
    return false;
  for (size_t i = 0; i < n_a; i++)
    {
      if (a[i].n_points != b[i].n_points)
        return false;
      for (int k = 0; k < a[i].n_points; k++)
        if (a[i].points[k].x != b[i].points[k].x
            || a[i].points[k].y != b[i].points[k].y)
          return false;
    }
  return true;
}
