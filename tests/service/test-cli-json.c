/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as the program writes it: valid whatever the texts hold. */
#include "dwtest.h"
#include "json.h"

#include <string.h>

static void
written_as (const char *text, const char *expected)
{
  char *document = NULL;
  size_t size = 0;
  DwJson json = { .out = open_memstream (&document, &size) };

  dw_json_begin_array (&json, NULL);
  dw_json_text (&json, NULL, text);
  dw_json_end_array (&json);
  fclose (json.out);
  /* "[\n  " before and "\n]\n" after. */
  document[size - 3] = '\0';
  fail_unless_equals_string (document + 4, expected);
  free (document);
}

GST_START_TEST (texts_are_escaped)
{
  written_as (NULL, "null");
  written_as ("", "\"\"");
  written_as ("say \"ah\" \\ /", "\"say \\\"ah\\\" \\\\ /\"");
  written_as ("\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\\u007f\"");
  written_as ("T\xc3\xbcr \xe2\x82\xac \xf0\x9f\x94\x94",
              "\"T\xc3\xbcr \xe2\x82\xac \xf0\x9f\x94\x94\"");
}
GST_END_TEST;

GST_START_TEST (what_is_not_utf8_is_replaced)
{
  written_as ("\xff", "\"\\ufffd\"");
  written_as ("a\x80z", "\"a\\ufffdz\"");
  /* Overlong, surrogate, too high, cut short. */
  written_as ("\xc0\xaf", "\"\\ufffd\\ufffd\"");
  written_as ("\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"");
  written_as ("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
  written_as ("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
  written_as ("\xe2\x82", "\"\\ufffd\\ufffd\"");
  written_as ("\xf0\x9f\x94", "\"\\ufffd\\ufffd\\ufffd\"");
}
GST_END_TEST;

GST_START_TEST (groups_nest_and_separate)
{
  char *document = NULL;
  size_t size = 0;
  DwJson json = { .out = open_memstream (&document, &size) };

  dw_json_begin_object (&json, NULL);
  dw_json_number (&json, "n", INT64_MIN);
  dw_json_begin_array (&json, "empty");
  dw_json_end_array (&json);
  dw_json_begin_array (&json, "a");
  dw_json_bool (&json, NULL, true);
  dw_json_real (&json, NULL, 0.25);
  dw_json_end_array (&json);
  dw_json_time (&json, "t", 0);
  dw_json_end_object (&json);
  fclose (json.out);
  fail_unless_equals_string (document, "{\n"
                                       "  \"n\": -9223372036854775808,\n"
                                       "  \"empty\": [],\n"
                                       "  \"a\": [\n"
                                       "    true,\n"
                                       "    0.25\n"
                                       "  ],\n"
                                       "  \"t\": null\n"
                                       "}\n");
  free (document);
}
GST_END_TEST;

static Suite *
cli_json_suite (void)
{
  Suite *suite = suite_create ("cli-json");
  TCase *tcase = tcase_create ("cli-json");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, texts_are_escaped);
  tcase_add_test (tcase, what_is_not_utf8_is_replaced);
  tcase_add_test (tcase, groups_nest_and_separate);
  return suite;
}

GST_CHECK_MAIN (cli_json);
