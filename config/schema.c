/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table itself. */
#include "schema.h"

#include "diagnose.h"
#include "values.h"

#include <limits.h>
#include <string.h>

#define N_OF(array) (sizeof (array) / sizeof (array)[0])
#define SHAPE(what, type, rows)                                                \
  {                                                                            \
    what, sizeof (type), rows, N_OF (rows)                                     \
  }

static const char *const event_kinds[]
    = { "press", "motion",  "person", "vehicle", "animal", "face",
        "line",  "package", "field",  "tamper",  "input",  NULL };

/* clang-format off */

static const DwRow zone_rows[] = {
  { "polygon", DW_VALUE_POLYGON, offsetof (DwMotionZone, polygon),
    0, 0, NULL, "Where movement counts: corners as [x, y], 0..1 or percent "
    "of the picture." },
  { "sensitivity", DW_VALUE_FRACTION, offsetof (DwMotionZone, sensitivity),
    0, 1, "50%", "0% is deaf, 100% wakes on everything." },
  { "min-area", DW_VALUE_FRACTION, offsetof (DwMotionZone, min_area),
    0, 1, "0.2%", "Share of the picture that an object must cover." },
  { "dwell", DW_VALUE_MILLISECONDS, offsetof (DwMotionZone, dwell_ms),
    0, 600000, "0ms", "How long an object must stay before it counts." },
};
static const DwShape zone_shape = SHAPE ("zone", DwMotionZone, zone_rows);

static const DwRow motion_rows[] = {
  { "sensitivity", DW_VALUE_FRACTION, offsetof (DwMotionConfig, sensitivity),
    0.01, 1, "50%", "1% is almost deaf, 100% wakes on everything." },
  { "min-area", DW_VALUE_FRACTION, offsetof (DwMotionConfig, min_area),
    0.0001, 1, "0.2%", "Share of the picture that an object must cover." },
  { "hold", DW_VALUE_MILLISECONDS, offsetof (DwMotionConfig, hold_ms),
    1, 60000, "800ms", "An event ends this long after the last movement." },
  { "learn", DW_VALUE_MILLISECONDS, offsetof (DwMotionConfig, learn_ms),
    1, 600000, "1s", "How long the empty scene is learned before anything "
    "may be shown." },
  { "zones", DW_VALUE_NAMED, offsetof (DwMotionConfig, zones),
    0, DW_MOTION_MAX_ZONES, "", "Where movement counts; without zones, "
    "everywhere.", &zone_shape, offsetof (DwMotionConfig, n_zones) },
};
static const DwShape motion_shape
    = SHAPE ("motion", DwMotionConfig, motion_rows);

static const DwRow event_rows[] = {
  { "topic", DW_VALUE_TEXT, offsetof (DwEventRuleConfig, topic),
    0, 127, NULL, "Topic of the ONVIF event, such as "
    "RuleEngine/MyRuleDetector/Visitor; prefixes do not matter." },
  { "source", DW_VALUE_TEXT, offsetof (DwEventRuleConfig, source),
    0, 127, "", "Value that a source item must have; without it, any." },
  { "item", DW_VALUE_TEXT, offsetof (DwEventRuleConfig, item),
    0, 127, "", "Name of the data item that decides; without it, any." },
  { "value", DW_VALUE_TEXT, offsetof (DwEventRuleConfig, value),
    0, 127, "", "Value that means active; without it true, 1, active." },
  { "kind", DW_VALUE_WORD, offsetof (DwEventRuleConfig, kind),
    0, 31, NULL, "What such an event is to Doorward.", NULL, 0, event_kinds },
};
static const DwShape event_shape
    = SHAPE ("event", DwEventRuleConfig, event_rows);

static const DwRow camera_rows[] = {
  { "location", DW_VALUE_URI, offsetof (DwCameraConfig, location),
    0, DW_CONFIG_TEXT - 1, NULL, "onvif://HOST[:PORT], rtsp://..., without "
    "user and password." },
  { "user", DW_VALUE_TEXT, offsetof (DwCameraConfig, user),
    0, DW_CONFIG_TEXT - 1, "", "Whom to sign in as." },
  { "password", DW_VALUE_SECRET, offsetof (DwCameraConfig, password),
    0, DW_CONFIG_TEXT - 1, "", "${NAME}: the environment variable that holds "
    "the password." },
  { "password-file", DW_VALUE_SECRET_FILE, offsetof (DwCameraConfig, password),
    0, DW_CONFIG_TEXT - 1, "", "File whose first line is the password; "
    "relative to this file." },
  { "profile", DW_VALUE_TEXT, offsetof (DwCameraConfig, profile),
    0, DW_CONFIG_TEXT - 1, "main", "main, sub, or the token of a profile." },
  { "motion", DW_VALUE_SECTION, offsetof (DwCameraConfig, motion),
    0, 0, "", "What counts as movement.", &motion_shape },
  { "private-zones", DW_VALUE_POLYGONS,
    offsetof (DwCameraConfig, private_zones), 0, DW_CONFIG_MAX_PRIVATE_ZONES,
    "", "Never shared, whatever is granted: polygons of [x, y].", NULL,
    offsetof (DwCameraConfig, n_private_zones) },
  { "events", DW_VALUE_LIST, offsetof (DwCameraConfig, rules),
    0, DW_CONFIG_MAX_RULES, "", "Rules asked before the built-in table of "
    "vendors' events.", &event_shape, offsetof (DwCameraConfig, n_rules) },
};
static const DwShape camera_shape
    = SHAPE ("camera", DwCameraConfig, camera_rows);

static const DwRow recipient_rows[] = {
  { "class", DW_VALUE_CLASS, offsetof (DwRecipientConfig, recipient_class),
    0, 0, NULL, "Decides which ceiling holds." },
};
static const DwShape recipient_shape
    = SHAPE ("recipient", DwRecipientConfig, recipient_rows);

static const DwRow ceiling_rows[] = {
  { "live", DW_VALUE_CEILING_LEVEL, offsetof (DwCeiling, max_live),
    0, 0, "", "The most that may be shown live." },
  { "recorded", DW_VALUE_CEILING_LEVEL, offsetof (DwCeiling, max_recorded),
    0, 0, "", "The most that may be shown of recordings." },
  { "needs-case", DW_VALUE_CEILING_DEMAND, offsetof (DwCeiling, needs_case),
    0, 0, "", "Nothing without a case number." },
  { "needs-consent-hash", DW_VALUE_CEILING_DEMAND,
    offsetof (DwCeiling, needs_consent_hash),
    0, 0, "", "Nothing without the hash of a written consent." },
  { "audio", DW_VALUE_CEILING_ALLOWED, offsetof (DwCeiling, allows_audio),
    0, 0, "", "Whether sound may be granted at all." },
};
static const DwShape ceiling_shape
    = SHAPE ("ceiling", DwCeiling, ceiling_rows);

#define CEILING(name, class, help)                                            \
  { name, DW_VALUE_SECTION,                                                   \
    offsetof (DwPolicy, ceilings) + (class) * sizeof (DwCeiling), 0, 0, "",   \
    help, &ceiling_shape }

static const DwRow policy_rows[] = {
  CEILING ("household", DW_CLASS_HOUSEHOLD,
           "Built-in: live and recorded up to clear, audio allowed."),
  CEILING ("neighbour", DW_CLASS_NEIGHBOUR,
           "Built-in: live and recorded up to clear, no audio."),
  CEILING ("community", DW_CLASS_COMMUNITY,
           "Built-in: live and recorded up to masked, no audio."),
  CEILING ("police", DW_CLASS_POLICE,
           "Built-in: never live, recorded up to clear with a case number, "
           "no audio."),
  CEILING ("vendor", DW_CLASS_VENDOR,
           "Built-in: never live, recorded up to masked with the hash of a "
           "written consent, no audio."),
  CEILING ("public", DW_CLASS_PUBLIC,
           "Built-in: live and recorded up to masked, no audio."),
};
static const DwShape policy_shape = SHAPE ("policy", DwPolicy, policy_rows);

/* The mask's settings lie in DwConfig itself. */
static const DwRow mask_rows[] = {
  { "hold", DW_VALUE_MILLISECONDS, offsetof (DwConfig, mask_hold_ms),
    0, 600000, "1s", "How long a place stays hidden after its object was last "
    "seen." },
  { "grow", DW_VALUE_NUMBER, offsetof (DwConfig, mask_grow),
    1, 4, "1.5", "By which factor an object's box grows before it is hidden." },
};
static const DwShape mask_shape = SHAPE ("mask", DwConfig, mask_rows);

static const DwRow root_rows[] = {
  { "ledger", DW_VALUE_PATH, offsetof (DwConfig, ledger),
    0, DW_CONFIG_TEXT - 1, "", "Where consents are kept; relative to this "
    "file. Without it, the default place." },
  { "mask", DW_VALUE_SECTION, 0, 0, 0, "", "How what is private is hidden.",
    &mask_shape },
  { "cameras", DW_VALUE_NAMED, offsetof (DwConfig, cameras),
    0, DW_CONFIG_MAX_CAMERAS, "", "Every doorbell and camera, by name.",
    &camera_shape, offsetof (DwConfig, n_cameras) },
  { "recipients", DW_VALUE_NAMED, offsetof (DwConfig, recipients),
    0, DW_CONFIG_MAX_RECIPIENTS, "", "Whom something may be shared with, by "
    "name.", &recipient_shape, offsetof (DwConfig, n_recipients) },
  { "policy", DW_VALUE_SECTION, offsetof (DwConfig, policy), 0, 0, "",
    "Ceilings that no grant can exceed, per class of recipient; they can only "
    "lower the built-in ones.", &policy_shape },
};

/* clang-format on */

const DwShape dw_schema_root = SHAPE ("configuration", DwConfig, root_rows);

const DwRow *
dw_schema_row (const DwShape *shape, const char *key)
{
  for (size_t i = 0; i < shape->n_rows; i++)
    if (strcmp (shape->rows[i].key, key) == 0)
      return &shape->rows[i];
  return NULL;
}

const DwRow *
dw_schema_nearest (const DwShape *shape, const char *key)
{
  const DwRow *nearest = NULL;
  int least = INT_MAX;

  for (size_t i = 0; i < shape->n_rows; i++)
    {
      int distance = dw_word_distance (key, shape->rows[i].key);

      if (distance < least)
        {
          least = distance;
          nearest = &shape->rows[i];
        }
    }
  return nearest != NULL && dw_word_is_near (nearest->key, least) ? nearest
                                                                  : NULL;
}

void
dw_schema_defaults (const DwShape *shape, void *target)
{
  for (size_t i = 0; i < shape->n_rows; i++)
    {
      const DwRow *row = &shape->rows[i];

      if (row->kind == DW_VALUE_SECTION)
        dw_schema_defaults (row->shape, (char *)target + row->offset);
      else if (row->fallback != NULL && row->fallback[0] != '\0')
        dw_value_set (row, row->fallback, (char *)target + row->offset);
    }
}
