/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a notification means: a table of what each maker calls its button, its
 * motion and its persons, asked after the user's own rules. */
#include "events.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "timebase.h"

#define DAY_NS (86400 * DW_SECOND_NS)

static const char *const kind_texts[] = {
  [DW_EVENT_OTHER] = "other",     [DW_EVENT_PRESS] = "press",
  [DW_EVENT_MOTION] = "motion",   [DW_EVENT_PERSON] = "person",
  [DW_EVENT_VEHICLE] = "vehicle", [DW_EVENT_ANIMAL] = "animal",
  [DW_EVENT_FACE] = "face",       [DW_EVENT_PACKAGE] = "package",
  [DW_EVENT_LINE] = "line",       [DW_EVENT_FIELD] = "field",
  [DW_EVENT_TAMPER] = "tamper",   [DW_EVENT_INPUT] = "input",
};

#define N_KINDS (sizeof kind_texts / sizeof *kind_texts)

/* How the deciding item's value is read. */
typedef enum
{
  BY_STATE = 0, /* true, 1, active, Calling */
  BY_VALUE,     /* equal to the rule's value */
  ANY_VALUE,    /* everything but a state that says no */
} Reading;

typedef struct
{
  const char *topic;
  const char *source; /* value of any source item, NULL: any */
  const char *item;   /* name of a data item, NULL: the first one */
  const char *value;
  DwEventKind kind;
  Reading reading;
  bool is_pulse; /* the device may never say that it ended */
} TopicRule;

/* First match wins. The makers are those of the public captures and manuals;
 * the standard has no topic for a doorbell. */
static const TopicRule rules[] = {
  /* Reolink */
  { .topic = "RuleEngine/MyRuleDetector/Visitor", .kind = DW_EVENT_PRESS },
  { .topic = "RuleEngine/MyRuleDetector/PeopleDetect",
    .kind = DW_EVENT_PERSON,
    .is_pulse = true },
  { .topic = "RuleEngine/MyRuleDetector/VehicleDetect",
    .kind = DW_EVENT_VEHICLE,
    .is_pulse = true },
  { .topic = "RuleEngine/MyRuleDetector/DogCatDetect",
    .kind = DW_EVENT_ANIMAL,
    .is_pulse = true },
  { .topic = "RuleEngine/MyRuleDetector/FaceDetect",
    .kind = DW_EVENT_FACE,
    .is_pulse = true },
  { .topic = "RuleEngine/MyRuleDetector/Package",
    .kind = DW_EVENT_PACKAGE,
    .is_pulse = true },
  /* Ajax */
  { .topic = "RuleEngine/RingDetector/Detection",
    .item = "Detected",
    .kind = DW_EVENT_PRESS },
  /* Mobotix */
  { .topic = "VideoSource/Alarm",
    .item = "Ring",
    .kind = DW_EVENT_PRESS,
    .reading = ANY_VALUE,
    .is_pulse = true },
  { .topic = "VideoSource/Alarm",
    .item = "CameraBellButton",
    .kind = DW_EVENT_PRESS,
    .reading = ANY_VALUE,
    .is_pulse = true },
  { .topic = "VideoSource/Alarm",
    .value = "Ring",
    .kind = DW_EVENT_PRESS,
    .reading = BY_VALUE,
    .is_pulse = true },
  { .topic = "VideoSource/Alarm",
    .value = "CameraBellButton",
    .kind = DW_EVENT_PRESS,
    .reading = BY_VALUE,
    .is_pulse = true },
  /* Axis: the bell is wired to port 0 */
  { .topic = "Device/IO/Port",
    .source = "0",
    .item = "state",
    .kind = DW_EVENT_PRESS },
  { .topic = "Device/IO/Port", .item = "state", .kind = DW_EVENT_INPUT },
  { .topic = "Call/State",
    .item = "CallState",
    .value = "Calling",
    .kind = DW_EVENT_PRESS,
    .reading = BY_VALUE },
  /* 2N, Hikvision and the standard: only the owner knows what is wired */
  { .topic = "Device/Trigger/DigitalInput", .kind = DW_EVENT_INPUT },
  { .topic = "Device/Trigger/AlarmIn", .kind = DW_EVENT_INPUT },
  /* Anybody */
  { .topic = "VideoSource/MotionAlarm", .kind = DW_EVENT_MOTION },
  { .topic = "RuleEngine/CellMotionDetector/Motion",
    .item = "IsMotion",
    .kind = DW_EVENT_MOTION },
  { .topic = "RuleEngine/FieldDetector/ObjectsInside", .kind = DW_EVENT_FIELD },
  { .topic = "RuleEngine/LineDetector/Crossed",
    .kind = DW_EVENT_LINE,
    .reading = ANY_VALUE,
    .is_pulse = true },
  { .topic = "RuleEngine/TamperDetector/Tamper", .kind = DW_EVENT_TAMPER },
  /* Tapo */
  { .topic = "RuleEngine/CellMotionDetector/People", .kind = DW_EVENT_PERSON },
  { .topic = "RuleEngine/CellMotionDetector/TpSmartEvent",
    .kind = DW_EVENT_MOTION },
  { .topic = "RuleEngine/CellMotionDetector/Intrusion",
    .kind = DW_EVENT_FIELD },
  { .topic = "RuleEngine/CellMotionDetector/LineCross", .kind = DW_EVENT_LINE },
  { .topic = "RuleEngine/CellMotionDetector/Tamper", .kind = DW_EVENT_TAMPER },
  /* Dahua */
  { .topic = "UserAlarm/IVA/HumanShapeDetect", .kind = DW_EVENT_PERSON },
  /* Ajax: what it is stands in the value */
  { .topic = "RuleEngine/ObjectDetection/Object",
    .item = "ClassTypes",
    .kind = DW_EVENT_OTHER,
    .reading = ANY_VALUE,
    .is_pulse = true },
};

#define N_RULES (sizeof rules / sizeof *rules)

const char *
dw_event_kind_text (DwEventKind kind)
{
  return (size_t)kind < N_KINDS ? kind_texts[kind] : "other";
}

DwStatus
dw_event_kind_parse (const char *text, DwEventKind *out)
{
  *out = DW_EVENT_OTHER;
  for (size_t i = 0; text && i < N_KINDS; i++)
    if (strcmp (text, kind_texts[i]) == 0)
      {
        *out = (DwEventKind)i;
        return DW_OK;
      }
  return DW_ERROR_INVALID;
}

/* -- Topics -------------------------------------------------------------- */

/* The next segment without its prefix; moves *at behind it. Empty segments
 * and "." are skipped, so a trailing "/." does not count. */
static size_t
next_segment (const char **at, const char **segment)
{
  for (;;)
    {
      const char *start, *colon;
      size_t length;

      *at += strspn (*at, "/ \t\r\n");
      start = *at;
      length = strcspn (start, "/ \t\r\n");
      *at += length;
      colon = memchr (start, ':', length);
      if (colon)
        {
          length -= (size_t)(colon + 1 - start);
          start = colon + 1;
        }
      *segment = start;
      if (length == 1 && *start == '.')
        continue;
      if (length > 0 || **at == '\0')
        return length;
    }
}

bool
dw_topic_equal (const char *a, const char *b)
{
  for (;;)
    {
      const char *left, *right;
      size_t n_left = next_segment (&a, &left);
      size_t n_right = next_segment (&b, &right);

      if (n_left != n_right || memcmp (left, right, n_left) != 0)
        return false;
      if (n_left == 0)
        return true;
    }
}

/* -- Items --------------------------------------------------------------- */

static const char *
text_or_empty (const char *text)
{
  return text ? text : "";
}

static const DwItem *
find_item (const DwItem *items, size_t n_items, const char *name)
{
  for (size_t i = 0; i < n_items; i++)
    if (strcmp (text_or_empty (items[i].name), name) == 0)
      return &items[i];
  return NULL;
}

static bool
has_source (const DwNotification *notification, const char *value)
{
  for (size_t i = 0; i < notification->n_sources; i++)
    if (strcmp (text_or_empty (notification->sources[i].value), value) == 0)
      return true;
  return false;
}

/* The source that tells one camera, input or port from another. */
static const char *
choose_source (const DwNotification *notification)
{
  static const char *const names[]
      = { "Source",       "VideoSourceToken",
          "VideoSource",  "InputToken",
          "AlarmInToken", "RelayToken",
          "port",         "VideoSourceConfigurationToken" };
  size_t n = notification->n_sources;

  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      const DwItem *item = find_item (notification->sources, n, names[i]);

      if (item)
        return text_or_empty (item->value);
    }
  return n > 0 ? text_or_empty (notification->sources[0].value) : "";
}

static bool
is_one_of (const char *value, const char *const *words)
{
  for (; *words; words++)
    if (strcasecmp (value, *words) == 0)
      return true;
  return false;
}

static bool
is_active_by (Reading reading, const char *wanted, const char *value)
{
  static const char *const yes[] = { "true", "1", "active", "Calling", NULL };
  static const char *const no[] = { "false", "0", "inactive", "Idle", NULL };

  if (reading == BY_VALUE)
    return strcmp (value, wanted) == 0;
  return reading == ANY_VALUE ? !is_one_of (value, no) : is_one_of (value, yes);
}

/* "Human Vehicle": the most private word decides. */
static DwEventKind
kind_of_classes (const char *value)
{
  static const struct
  {
    const char *word;
    DwEventKind kind;
  } words[] = {
    { "Face", DW_EVENT_FACE },       { "Human", DW_EVENT_PERSON },
    { "Person", DW_EVENT_PERSON },   { "Vehicle", DW_EVENT_VEHICLE },
    { "Car", DW_EVENT_VEHICLE },     { "Animal", DW_EVENT_ANIMAL },
    { "Package", DW_EVENT_PACKAGE },
  };

  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strstr (value, words[i].word))
      return words[i].kind;
  return DW_EVENT_OTHER;
}

/* -- Rules --------------------------------------------------------------- */

/* The data item that the rule looks at; NULL when it is not there. */
static const DwItem *
deciding_item (const DwNotification *notification, const char *name)
{
  if (name && *name)
    return find_item (notification->data, notification->n_data, name);
  return notification->n_data > 0 ? &notification->data[0] : NULL;
}

static bool
apply_user_rule (const DwOnvifTopicRule *rule,
                 const DwNotification *notification, DwOnvifEvent *out)
{
  const DwItem *item = deciding_item (notification, rule->item);
  const char *value = item ? text_or_empty (item->value) : "";

  if ((rule->topic[0] && !dw_topic_equal (rule->topic, out->topic))
      || (rule->source[0] && !has_source (notification, rule->source))
      || (rule->item[0] && item == NULL))
    return false;
  out->kind = rule->kind;
  out->is_active
      = is_active_by (rule->value[0] ? BY_VALUE : BY_STATE, rule->value, value);
  dw_text_copy (out->value, sizeof out->value, value);
  return true;
}

static bool
apply_rule (const TopicRule *rule, const DwNotification *notification,
            DwOnvifEvent *out)
{
  const DwItem *item = deciding_item (notification, rule->item);
  const char *value = item ? text_or_empty (item->value) : "";

  if (!dw_topic_equal (rule->topic, out->topic)
      || (rule->source && !has_source (notification, rule->source))
      || (rule->item && item == NULL))
    return false;
  /* Mobotix tells its alarms apart by value: another value is another rule. */
  if (rule->reading == BY_VALUE && rule->is_pulse
      && strcmp (value, rule->value) != 0)
    return false;
  out->kind = rule->kind;
  out->is_pulse = rule->is_pulse;
  out->is_active = is_active_by (rule->reading, rule->value, value);
  if (rule->item && strcmp (rule->item, "ClassTypes") == 0)
    {
      out->kind = kind_of_classes (value);
      out->is_active = *value != '\0';
    }
  dw_text_copy (out->value, sizeof out->value, value);
  return true;
}

static void
apply_rules (const DwNotification *notification, const DwEventContext *context,
             DwOnvifEvent *out)
{
  const DwItem *item = deciding_item (notification, NULL);
  const char *value = item ? text_or_empty (item->value) : "";

  for (size_t i = 0; i < context->n_rules; i++)
    if (apply_user_rule (&context->rules[i], notification, out))
      return;
  for (size_t i = 0; i < N_RULES; i++)
    if (apply_rule (&rules[i], notification, out))
      return;
  out->is_active = is_active_by (BY_STATE, "", value);
  dw_text_copy (out->value, sizeof out->value, value);
}

/* -- Time ---------------------------------------------------------------- */

/* This machine's time of what the device wrote; the arrival when that is
 * missing, impossible, or more than a day away. */
static int64_t
read_time (const char *text, const DwEventContext *context)
{
  char copy[DW_TIME_TEXT];
  const char *clock = text ? strpbrk (text, "T ") : NULL;
  int64_t time_ns, away;

  if (clock == NULL || strlen (text) + 2 > sizeof copy)
    return context->arrival_ns;
  snprintf (copy, sizeof copy, "%s%s", text, strpbrk (clock, "Z+-") ? "" : "Z");
  if (dw_time_parse (copy, context->arrival_ns, &time_ns) != DW_OK)
    return context->arrival_ns;
  time_ns -= context->clock_offset_ns;
  away = time_ns - context->arrival_ns;
  return away > DAY_NS || away < -DAY_NS ? context->arrival_ns : time_ns;
}

void
dw_event_read (const DwNotification *notification,
               const DwEventContext *context, DwOnvifEvent *out)
{
  const char *operation = text_or_empty (notification->operation);

  memset (out, 0, sizeof *out);
  dw_text_copy (out->topic, sizeof out->topic, notification->topic);
  dw_text_copy (out->source, sizeof out->source, choose_source (notification));
  out->time_ns = read_time (notification->utc_time, context);
  out->is_initial = strcasecmp (operation, "Initialized") == 0;
  apply_rules (notification, context, out);
  if (strcasecmp (operation, "Deleted") == 0)
    out->is_active = false;
  /* A bell that was pressed before anybody listened does not ring now, not
   * even for a caller who forgets to look at is_initial. */
  if (out->is_initial && out->kind == DW_EVENT_PRESS)
    out->is_active = false;
}
