/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each maker's notification means, row by row. */
#include "dwtest.h"

#include "events.h"
#include "timebase.h"

#define NOW_NS G_GINT64_CONSTANT (1764000000000000000)

typedef struct
{
  const gchar *topic, *source, *source_value, *item, *value, *operation;
  DwEventKind kind;
  gboolean is_active, is_pulse;
} Row;

/* clang-format off */
static const Row rows[] = {
  /* Reolink */
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "true", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "VideoSourceToken", "000", "State", "true", NULL, DW_EVENT_PRESS, TRUE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "false", "Changed", DW_EVENT_PRESS, FALSE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "false", "Initialized", DW_EVENT_PRESS, FALSE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "true", "Initialized", DW_EVENT_PRESS, FALSE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "000", "State", "true", "Deleted", DW_EVENT_PRESS, FALSE, FALSE },
  { "RuleEngine/MyRuleDetector/Visitor/.", "Source", "000", "State", "1", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "x:RuleEngine/y:MyRuleDetector/z:Visitor", "Source", "000", "State", "TRUE", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector/PeopleDetect", "Source", "000", "State", "true", "Changed", DW_EVENT_PERSON, TRUE, TRUE },
  { "tns1:RuleEngine/MyRuleDetector/VehicleDetect", "Source", "000", "State", "true", "Changed", DW_EVENT_VEHICLE, TRUE, TRUE },
  { "tns1:RuleEngine/MyRuleDetector/DogCatDetect", "Source", "000", "State", "true", "Changed", DW_EVENT_ANIMAL, TRUE, TRUE },
  { "tns1:RuleEngine/MyRuleDetector/FaceDetect", "Source", "000", "State", "true", "Changed", DW_EVENT_FACE, TRUE, TRUE },
  { "tns1:RuleEngine/MyRuleDetector/Package", "Source", "000", "State", "true", "Changed", DW_EVENT_PACKAGE, TRUE, TRUE },
  /* Ajax */
  { "tns1:RuleEngine/RingDetector/Detection", "VideoSourceToken", "0", "Detected", "true", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "tns1:RuleEngine/ObjectDetection/Object", "VideoSource", "0", "ClassTypes", "Human Vehicle", NULL, DW_EVENT_PERSON, TRUE, TRUE },
  { "tns1:RuleEngine/ObjectDetection/Object", "VideoSource", "0", "ClassTypes", "Vehicle", NULL, DW_EVENT_VEHICLE, TRUE, TRUE },
  { "tns1:RuleEngine/ObjectDetection/Object", "VideoSource", "0", "ClassTypes", "", NULL, DW_EVENT_OTHER, FALSE, TRUE },
  /* Mobotix */
  { "tns1:VideoSource/Alarm", NULL, NULL, "Ring", "", NULL, DW_EVENT_PRESS, TRUE, TRUE },
  { "tns1:VideoSource/Alarm", NULL, NULL, "CameraBellButton", "true", NULL, DW_EVENT_PRESS, TRUE, TRUE },
  { "tns1:VideoSource/Alarm", NULL, NULL, "Type", "CameraBellButton", NULL, DW_EVENT_PRESS, TRUE, TRUE },
  { "tns1:VideoSource/Alarm", NULL, NULL, "Type", "Shock", NULL, DW_EVENT_OTHER, FALSE, FALSE },
  /* Axis */
  { "tns1:Device/tnsaxis:IO/Port", "port", "0", "state", "1", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "tns1:Device/tnsaxis:IO/Port", "port", "0", "state", "0", "Changed", DW_EVENT_PRESS, FALSE, FALSE },
  { "tns1:Device/tnsaxis:IO/Port", "port", "3", "state", "1", "Changed", DW_EVENT_INPUT, TRUE, FALSE },
  { "tnsaxis:Call/State", NULL, NULL, "CallState", "Calling", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
  { "tnsaxis:Call/State", NULL, NULL, "CallState", "Active", "Changed", DW_EVENT_PRESS, FALSE, FALSE },
  { "tnsaxis:Call/State", NULL, NULL, "CallState", "Idle", "Changed", DW_EVENT_PRESS, FALSE, FALSE },
  /* 2N, the standard, Hikvision */
  { "tns1:Device/Trigger/DigitalInput", "InputToken", "in1", "LogicalState", "true", "Changed", DW_EVENT_INPUT, TRUE, FALSE },
  { "tns1:Device/Trigger/Relay", "RelayToken", "r1", "LogicalState", "active", "Changed", DW_EVENT_OTHER, TRUE, FALSE },
  { "tns1:Device/Trigger/tnshik:AlarmIn", "AlarmInToken", "1", "State", "true", "Changed", DW_EVENT_INPUT, TRUE, FALSE },
  /* Anybody */
  { "tns1:VideoSource/MotionAlarm", "Source", "0", "State", "true", "Changed", DW_EVENT_MOTION, TRUE, FALSE },
  { "tns1:VideoSource/MotionAlarm", "Source", "0", "State", "true", "Initialized", DW_EVENT_MOTION, TRUE, FALSE },
  { "tns1:RuleEngine/CellMotionDetector/Motion", "Rule", "0", "IsMotion", "false", "Changed", DW_EVENT_MOTION, FALSE, FALSE },
  { "tns1:RuleEngine/FieldDetector/ObjectsInside", "Rule", "0", "IsInside", "true", "Changed", DW_EVENT_FIELD, TRUE, FALSE },
  { "tns1:RuleEngine/FieldDetector/ObjectsInside", "Rule", "0", "State", "true", "Changed", DW_EVENT_FIELD, TRUE, FALSE },
  { "tns1:RuleEngine/LineDetector/Crossed", "Rule", "0", "ObjectId", "17", NULL, DW_EVENT_LINE, TRUE, TRUE },
  { "tns1:RuleEngine/TamperDetector/Tamper", "Rule", "0", "IsTamper", "true", "Changed", DW_EVENT_TAMPER, TRUE, FALSE },
  /* Tapo, Dahua */
  { "tns1:RuleEngine/CellMotionDetector/People", "Rule", "0", "IsPeople", "true", "Changed", DW_EVENT_PERSON, TRUE, FALSE },
  { "tns1:RuleEngine/CellMotionDetector/TpSmartEvent", "Rule", "0", "IsTPSmartEvent", "true", "Changed", DW_EVENT_MOTION, TRUE, FALSE },
  { "tns1:RuleEngine/CellMotionDetector/Intrusion", "Rule", "0", "IsIntrusion", "true", "Changed", DW_EVENT_FIELD, TRUE, FALSE },
  { "tns1:RuleEngine/CellMotionDetector/LineCross", "Rule", "0", "IsLineCross", "true", "Changed", DW_EVENT_LINE, TRUE, FALSE },
  { "tns1:RuleEngine/CellMotionDetector/Tamper", "Rule", "0", "IsTamper", "true", "Changed", DW_EVENT_TAMPER, TRUE, FALSE },
  { "tns1:UserAlarm/IVA/HumanShapeDetect", "Source", "0", "State", "true", "Changed", DW_EVENT_PERSON, TRUE, FALSE },
  /* Nobody's */
  { "tns1:RuleEngine/MyRuleDetector/VisitorX", "Source", "0", "State", "true", "Changed", DW_EVENT_OTHER, TRUE, FALSE },
  { "tns1:RuleEngine/MyRuleDetector", "Source", "0", "State", "true", "Changed", DW_EVENT_OTHER, TRUE, FALSE },
  { "Visitor", "Source", "0", "State", "true", "Changed", DW_EVENT_OTHER, TRUE, FALSE },
  { "", NULL, NULL, NULL, NULL, NULL, DW_EVENT_OTHER, FALSE, FALSE },
};
/* clang-format on */

static DwNotification
notification_of (const Row *row)
{
  DwNotification notification
      = { .topic = row->topic, .operation = row->operation };

  if (row->source)
    notification.sources[notification.n_sources++]
        = (DwItem){ row->source, row->source_value };
  if (row->item)
    notification.data[notification.n_data++]
        = (DwItem){ row->item, row->value };
  return notification;
}

GST_START_TEST (topic_means_what_its_maker_meant)
{
  const Row *row = &rows[__i__];
  const DwEventContext context = { .arrival_ns = NOW_NS };
  DwNotification notification = notification_of (row);
  DwOnvifEvent event;

  dw_event_read (&notification, &context, &event);
  ck_assert_msg (event.kind == row->kind, "%s: %s", row->topic,
                 dw_event_kind_text (event.kind));
  ck_assert_msg (event.is_active == row->is_active, "%s %s", row->topic,
                 row->value);
  ck_assert_msg (event.is_pulse == row->is_pulse, "%s", row->topic);
  ck_assert_int_eq (event.is_initial,
                    g_strcmp0 (row->operation, "Initialized") == 0);
  ck_assert_str_eq (event.topic, row->topic);
  ck_assert_str_eq (event.source, row->source_value ? row->source_value : "");
  ck_assert_str_eq (event.value, row->value ? row->value : "");
}
GST_END_TEST;

/* -- The user's own rules ------------------------------------------------ */

static const DwOnvifTopicRule own[] = {
  { .topic = "Device/Trigger/DigitalInput",
    .source = "bell",
    .kind = DW_EVENT_PRESS },
  { .topic = "tns1:Device/Trigger/Relay",
    .item = "LogicalState",
    .value = "inactive",
    .kind = DW_EVENT_PRESS },
  { .topic = "tns1:RuleEngine/MyRuleDetector/Visitor",
    .kind = DW_EVENT_MOTION },
};

GST_START_TEST (own_rule_goes_before_the_table)
{
  static const Row told[] = {
    { "tns1:Device/Trigger/DigitalInput", "InputToken", "bell", "LogicalState",
      "true", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
    { "tns1:Device/Trigger/DigitalInput", "InputToken", "bell", "LogicalState",
      "false", "Changed", DW_EVENT_PRESS, FALSE, FALSE },
    { "tns1:Device/Trigger/DigitalInput", "InputToken", "bell", "LogicalState",
      "true", "Initialized", DW_EVENT_PRESS, FALSE, FALSE },
    { "tns1:Device/Trigger/DigitalInput", "InputToken", "gate", "LogicalState",
      "true", "Changed", DW_EVENT_INPUT, TRUE, FALSE },
    { "tns1:Device/Trigger/Relay", "RelayToken", "1", "LogicalState",
      "inactive", "Changed", DW_EVENT_PRESS, TRUE, FALSE },
    { "tns1:Device/Trigger/Relay", "RelayToken", "1", "LogicalState", "active",
      "Changed", DW_EVENT_PRESS, FALSE, FALSE },
    { "tns1:Device/Trigger/Relay", "RelayToken", "1", "Other", "inactive",
      "Changed", DW_EVENT_OTHER, FALSE, FALSE },
    { "tns1:RuleEngine/MyRuleDetector/Visitor", "Source", "0", "State", "true",
      "Changed", DW_EVENT_MOTION, TRUE, FALSE },
  };
  const DwEventContext context
      = { .rules = own, .n_rules = G_N_ELEMENTS (own), .arrival_ns = NOW_NS };

  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      DwNotification notification = notification_of (&told[i]);
      DwOnvifEvent event;

      dw_event_read (&notification, &context, &event);
      ck_assert_msg (event.kind == told[i].kind, "row %u: %s", i,
                     dw_event_kind_text (event.kind));
      ck_assert_msg (event.is_active == told[i].is_active, "row %u", i);
    }
}
GST_END_TEST;

/* -- Times --------------------------------------------------------------- */

static const struct
{
  const gchar *text;
  gint64 offset_s;
  gint64 expected_s; /* after NOW_NS, -1: the arrival */
} times[] = {
  { "2025-11-24T16:00:10Z", 0, 10 },
  { "2025-11-24T16:00:10", 0, 10 },
  { "2025-11-24T17:00:10+01:00", 0, 10 },
  { "2025-11-24T17:00:10Z", 3600, 10 },
  { "2025-11-24T16:00:10.000Z", 0, 10 },
  { NULL, 0, -1 },
  { "", 0, -1 },
  { "0000-00-00T00:00:00Z", 0, -1 },
  { "2025-11-24T00:61:16Z", 0, -1 },
  { "10-05-2025T12:00:00Z", 0, -1 },
  { "1970-01-01T00:00:00Z", 0, -1 },
  { "2025-11-26T16:00:10Z", 0, -1 },
  { "now", 0, -1 },
  { "T", 0, -1 },
  { "99999999999999999999999999999999999999999999999999T", 0, -1 },
};

GST_START_TEST (impossible_time_gives_the_arrival)
{
  const DwEventContext context
      = { .arrival_ns = NOW_NS,
          .clock_offset_ns = times[__i__].offset_s * DW_SECOND_NS };
  DwNotification notification = { .topic = "x", .utc_time = times[__i__].text };
  DwOnvifEvent event;

  dw_event_read (&notification, &context, &event);
  ck_assert_int_eq (event.time_ns,
                    times[__i__].expected_s < 0
                        ? NOW_NS
                        : NOW_NS + times[__i__].expected_s * DW_SECOND_NS);
}
GST_END_TEST;

/* -- Strangers' text ----------------------------------------------------- */

GST_START_TEST (broken_text_is_made_fit_to_keep)
{
  gchar *topic = g_strnfill (1000, 'x');
  DwNotification notification
      = { .topic = topic,
          .n_sources = 1,
          .n_data = 1,
          .sources = { { NULL, " \xff\xc3\x28 \xe2\x82\xac\n" } },
          .data = { { NULL, NULL } } };
  const DwEventContext context = { .arrival_ns = NOW_NS };
  DwOnvifEvent event;

  dw_event_read (&notification, &context, &event);
  ck_assert_uint_eq (strlen (event.topic), DW_ONVIF_TEXT - 1);
  ck_assert_str_eq (event.source, "?\?( \xe2\x82\xac");
  ck_assert (g_utf8_validate (event.source, -1, NULL));
  g_free (topic);
}
GST_END_TEST;

GST_START_TEST (kinds_have_names_both_ways)
{
  DwEventKind kind;

  for (gint i = DW_EVENT_OTHER; i <= DW_EVENT_INPUT; i++)
    {
      ck_assert_int_eq (
          dw_event_kind_parse (dw_event_kind_text ((DwEventKind)i), &kind),
          DW_OK);
      ck_assert_int_eq (kind, i);
    }
  ck_assert_int_eq (dw_event_kind_parse ("ring", &kind), DW_ERROR_INVALID);
  ck_assert_int_eq (dw_event_kind_parse (NULL, &kind), DW_ERROR_INVALID);
  ck_assert_int_eq (kind, DW_EVENT_OTHER);
}
GST_END_TEST;

static Suite *
topics_suite (void)
{
  Suite *suite = suite_create ("topics");
  TCase *cases = tcase_create ("topics");

  suite_add_tcase (suite, cases);
  tcase_add_loop_test (cases, topic_means_what_its_maker_meant, 0,
                       G_N_ELEMENTS (rows));
  tcase_add_test (cases, own_rule_goes_before_the_table);
  tcase_add_loop_test (cases, impossible_time_gives_the_arrival, 0,
                       G_N_ELEMENTS (times));
  tcase_add_test (cases, broken_text_is_made_fit_to_keep);
  tcase_add_test (cases, kinds_have_names_both_ways);
  return suite;
}

GST_CHECK_MAIN (topics)
