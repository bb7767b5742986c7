/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration from anyone: whole or nothing, always with a reason, and
 * never above the built-in ceilings. */
#include "fuzz.h"

#include "configuration.h"

#include <string.h>

static const char *
lookup (const char *name)
{
  return strcmp (name, "FRONT_PASSWORD") == 0 ? "secret" : NULL;
}

static void
check_policy (const DwPolicy *policy)
{
  DwPolicy built_in, met;

  dw_policy_init (&built_in);
  met = *policy;
  dw_policy_meet (&met, &built_in);
  for (int i = 0; i < DW_N_CLASSES; i++)
    {
      const DwCeiling *a = &met.ceilings[i], *b = &policy->ceilings[i];

      FUZZ_ASSERT (a->max_live == b->max_live
                   && a->max_recorded == b->max_recorded
                   && a->needs_case == b->needs_case
                   && a->needs_consent_hash == b->needs_consent_hash
                   && a->allows_audio == b->allows_audio);
    }
}

static void
check_nothing (const DwConfig *config, const DwDiagnostics *diagnostics)
{
  const char *bytes = (const char *)config;
  char text[1024];

  FUZZ_ASSERT (diagnostics->n_errors > 0);
  /* Each byte is its neighbour and the first is 0: a loop of our own, with
   * a sanitizer in it, would take most of the time. */
  FUZZ_ASSERT (bytes[0] == 0
               && memcmp (bytes, bytes + 1, sizeof *config - 1) == 0);
  dw_diagnostic_format ("f", &diagnostics->errors[0], text, sizeof text);
  FUZZ_ASSERT (strlen (text) > 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  DwDiagnostics *diagnostics = malloc (sizeof *diagnostics);
  DwConfig *config = malloc (sizeof *config);

  FUZZ_ASSERT (diagnostics != NULL && config != NULL);
  if (dw_config_parse ((const char *)data, size, NULL, lookup, config,
                       diagnostics)
      == DW_OK)
    {
      FUZZ_ASSERT (diagnostics->n_errors == 0);
      check_policy (&config->policy);
    }
  else
    check_nothing (config, diagnostics);
  free (config);
  free (diagnostics);
  return 0;
}
