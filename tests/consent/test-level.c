/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of levels, classes and shares. */
#include "dwtest.h"
#include "level.h"

GST_START_TEST (every_level_reads_back_from_its_text)
{
  for (int i = DW_LEVEL_NOTHING; i <= DW_LEVEL_CLEAR; i++)
    {
      DwLevel level = DW_LEVEL_CLEAR;

      fail_unless_equals_int (
          dw_level_parse (dw_level_text ((DwLevel)i), &level), DW_OK);
      fail_unless_equals_int (level, i);
    }
}
GST_END_TEST;

GST_START_TEST (every_class_reads_back_but_none_is_not_a_class)
{
  DwRecipientClass recipient_class = DW_CLASS_PUBLIC;

  for (int i = DW_CLASS_NONE + 1; i < DW_N_CLASSES; i++)
    {
      fail_unless_equals_int (
          dw_class_parse (dw_class_text ((DwRecipientClass)i),
                          &recipient_class),
          DW_OK);
      fail_unless_equals_int (recipient_class, i);
    }
  fail_unless_equals_int (dw_class_parse ("none", &recipient_class),
                          DW_ERROR_INVALID);
  fail_unless_equals_int (recipient_class, DW_CLASS_NONE);
}
GST_END_TEST;

GST_START_TEST (unknown_text_gives_the_zero_value)
{
  static const char *const wrong[] = { "", "Clear", "clear ", "4", NULL };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      DwLevel level = DW_LEVEL_CLEAR;
      DwRecipientClass recipient_class = DW_CLASS_HOUSEHOLD;

      fail_unless_equals_int (dw_level_parse (wrong[i], &level),
                              DW_ERROR_INVALID);
      fail_unless_equals_int (level, DW_LEVEL_NOTHING);
      fail_unless_equals_int (dw_class_parse (wrong[i], &recipient_class),
                              DW_ERROR_INVALID);
      fail_unless_equals_int (recipient_class, DW_CLASS_NONE);
    }
}
GST_END_TEST;

GST_START_TEST (a_value_out_of_range_is_nothing)
{
  fail_unless_equals_string (dw_level_text ((DwLevel)77), "nothing");
  fail_unless_equals_string (dw_class_text ((DwRecipientClass)-1), "none");
  fail_unless_equals_int (dw_level_meet ((DwLevel)77, DW_LEVEL_CLEAR),
                          DW_LEVEL_NOTHING);
  fail_unless_equals_int (dw_level_meet (DW_LEVEL_CLEAR, (DwLevel)-1),
                          DW_LEVEL_NOTHING);
}
GST_END_TEST;

GST_START_TEST (the_meet_is_the_smaller_level)
{
  for (int a = DW_LEVEL_NOTHING; a <= DW_LEVEL_CLEAR; a++)
    for (int b = DW_LEVEL_NOTHING; b <= DW_LEVEL_CLEAR; b++)
      fail_unless_equals_int (dw_level_meet ((DwLevel)a, (DwLevel)b),
                              MIN (a, b));
}
GST_END_TEST;

GST_START_TEST (names_are_letters_digits_and_few_signs)
{
  char longest[DW_TEXT_LENGTH];
  char unended[DW_TEXT_LENGTH];

  memset (longest, 'a', sizeof longest);
  memset (unended, 'a', sizeof unended);
  longest[sizeof longest - 1] = '\0';
  fail_unless (dw_name_is_valid ("a"));
  fail_unless (dw_name_is_valid ("Anna.B_2-c@example.org"));
  fail_unless (dw_name_is_valid (longest));
  fail_if (dw_name_is_valid (unended));
  fail_if (dw_name_is_valid (NULL));
  fail_if (dw_name_is_valid (""));
  fail_if (dw_name_is_valid ("a b"));
  fail_if (dw_name_is_valid ("a/b"));
  fail_if (dw_name_is_valid ("a\"b"));
  fail_if (dw_name_is_valid ("\xc3\xa4"));
  fail_if (dw_name_is_valid ("a\n"));
}
GST_END_TEST;

GST_START_TEST (case_numbers_may_hold_slashes_and_inner_spaces)
{
  fail_unless (dw_case_is_valid ("ST/0123/26 B"));
  fail_if (dw_case_is_valid (""));
  fail_if (dw_case_is_valid (" 12"));
  fail_if (dw_case_is_valid ("12 "));
  fail_if (dw_case_is_valid ("12\t3"));
  fail_if (dw_case_is_valid (NULL));
}
GST_END_TEST;

static Suite *
level_suite (void)
{
  Suite *suite = suite_create ("level");
  TCase *tcase = tcase_create ("level");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, every_level_reads_back_from_its_text);
  tcase_add_test (tcase, every_class_reads_back_but_none_is_not_a_class);
  tcase_add_test (tcase, unknown_text_gives_the_zero_value);
  tcase_add_test (tcase, a_value_out_of_range_is_nothing);
  tcase_add_test (tcase, the_meet_is_the_smaller_level);
  tcase_add_test (tcase, names_are_letters_digits_and_few_signs);
  tcase_add_test (tcase, case_numbers_may_hold_slashes_and_inner_spaces);
  return suite;
}

GST_CHECK_MAIN (level);
