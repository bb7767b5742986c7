/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a good file gives: the commented example, defaults, secrets, and the
 * texts that are made from the same table. */
#include "configtest.h"

#include <glib/gstdio.h>
#include <locale.h>

static gchar *
source_path (const char *name)
{
  return g_build_filename (g_getenv ("DOORWARD_SOURCE"), "config", name, NULL);
}

static void
assert_close (float value, float want)
{
  fail_unless (ABS (value - want) < 1e-6f, "%g is not %g", value, want);
}

static Load *
load_example (void)
{
  Load *load = g_new (Load, 1);
  gchar *path = source_path ("doorward.yaml");
  gchar *errors;

  load->status
      = dw_config_load (path, test_lookup, &load->config, &load->diagnostics);
  errors = load_errors (load);
  fail_unless_equals_string (errors, "");
  fail_unless (load->status == DW_OK);
  g_free (errors);
  g_free (path);
  return load;
}

GST_START_TEST (commented_example_is_loaded)
{
  Load *load = load_example ();
  const DwConfig *config = &load->config;
  const DwCameraConfig *front = dw_config_camera (config, "front");
  const DwCameraConfig *garden = dw_config_camera (config, "garden");
  gchar *ledger = source_path ("ledger.sqlite");

  fail_unless_equals_string (config->ledger, ledger);
  fail_unless_equals_int (config->mask_hold_ms, 1000);
  assert_close (config->mask_grow, 1.5f);
  fail_unless_equals_int ((int)config->n_cameras, 2);
  fail_unless (front != NULL && garden != NULL);
  fail_unless (dw_config_camera (config, "back") == NULL);
  fail_unless_equals_string (front->location, "onvif://192.0.2.7");
  fail_unless_equals_string (front->user, "doorward");
  fail_unless_equals_string (front->password, TEST_SECRET);
  fail_unless_equals_string (front->profile, "main");
  fail_unless_equals_string (garden->profile, "sub");
  fail_unless_equals_int ((int)front->motion.n_zones, 1);
  fail_unless_equals_string (front->motion.zones[0].name, "path");
  fail_unless_equals_int (front->motion.zones[0].polygon.n_points, 4);
  assert_close (front->motion.zones[0].polygon.points[1].x, 0.9f);
  assert_close (front->motion.zones[0].min_area, 0.01f);
  fail_unless_equals_int (front->motion.zones[0].dwell_ms, 500);
  fail_unless_equals_int ((int)front->n_private_zones, 1);
  assert_close (front->private_zones[0].points[2].y, 0.35f);
  fail_unless_equals_int ((int)front->n_rules, 1);
  fail_unless_equals_string (front->rules[0].source, "000");
  fail_unless_equals_string (front->rules[0].kind, "press");
  fail_unless_equals_int ((int)config->n_recipients, 4);
  fail_unless_equals_int (dw_config_recipient (config, "anna")->recipient_class,
                          DW_CLASS_NEIGHBOUR);
  fail_unless (dw_config_recipient (config, "bob") == NULL);
  fail_unless_equals_int (config->policy.ceilings[DW_CLASS_NEIGHBOUR].max_live,
                          DW_LEVEL_BLURRED);
  fail_unless_equals_int (
      config->policy.ceilings[DW_CLASS_NEIGHBOUR].max_recorded, DW_LEVEL_CLEAR);
  fail_unless_equals_int (config->policy.ceilings[DW_CLASS_PUBLIC].max_live,
                          DW_LEVEL_NOTHING);
  dw_config_wipe (&load->config);
  fail_unless (is_zero (&load->config, sizeof load->config));
  g_free (ledger);
  g_free (load);
}
GST_END_TEST

/* The example says that what it holds is what holds without it. */
GST_START_TEST (commented_example_shows_the_defaults)
{
  Load *load = load_example ();
  Load *bare = load_text ("cameras: {x: {location: 'onvif://h'}}", 37);
  const DwMotionConfig *shown = &load->config.cameras[0].motion;
  const DwMotionConfig *real = &bare->config.cameras[0].motion;

  fail_unless (bare->status == DW_OK);
  assert_close (shown->sensitivity, real->sensitivity);
  assert_close (shown->min_area, real->min_area);
  fail_unless_equals_int (shown->hold_ms, real->hold_ms);
  fail_unless_equals_int (shown->learn_ms, real->learn_ms);
  fail_unless_equals_int (load->config.mask_hold_ms, bare->config.mask_hold_ms);
  assert_close (load->config.mask_grow, bare->config.mask_grow);
  fail_unless_equals_string (load->config.cameras[0].profile,
                             bare->config.cameras[0].profile);
  g_free (load);
  g_free (bare);
}
GST_END_TEST

static void
assert_same_policy (const DwPolicy *a, const DwPolicy *b)
{
  for (int i = 0; i < DW_N_CLASSES; i++)
    {
      const DwCeiling *x = &a->ceilings[i], *y = &b->ceilings[i];

      fail_unless (x->max_live == y->max_live
                   && x->max_recorded == y->max_recorded
                   && x->needs_case == y->needs_case
                   && x->needs_consent_hash == y->needs_consent_hash
                   && x->allows_audio == y->allows_audio);
    }
}

GST_START_TEST (empty_file_is_the_built_in_policy)
{
  static const char *const empty[]
      = { "", "# nothing\n", "---\n", "cameras:\n", "cameras: {}\nmask: ~\n" };
  DwPolicy built_in;

  dw_policy_init (&built_in);
  for (size_t i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      Load *load = load_text (empty[i], strlen (empty[i]));
      DwConfig *init = g_new (DwConfig, 1);

      dw_config_init (init);
      fail_unless (load->status == DW_OK, "%s", empty[i]);
      assert_same_policy (&load->config.policy, &built_in);
      assert_same_policy (&init->policy, &built_in);
      fail_unless (load->config.n_cameras == 0 && init->n_cameras == 0);
      fail_unless_equals_int (load->config.mask_hold_ms, 1000);
      fail_unless_equals_int (init->mask_hold_ms, 1000);
      assert_close (load->config.mask_grow, init->mask_grow);
      g_free (init);
      g_free (load);
    }
}
GST_END_TEST

GST_START_TEST (times_and_shares_are_read_in_all_their_forms)
{
  static const struct
  {
    const char *text;
    uint32_t ms;
  } times[] = { { "1ms", 1 },      { "800ms", 800 },   { "1s", 1000 },
                { "1.5s", 1500 },  { "\"2s\"", 2000 }, { "1m", 60000 },
                { "0.5m", 30000 }, { "0.01h", 36000 } };
  static const struct
  {
    const char *text;
    float share;
  } shares[] = { { "50%", 0.5f },
                 { "0.5", 0.5f },
                 { "1", 1 },
                 { "100%", 1 },
                 { "12.5 %", 0.125f } };

  for (size_t i = 0; i < G_N_ELEMENTS (times); i++)
    {
      gchar *yaml = g_strdup_printf (
          "cameras: {x: {location: 'onvif://h', motion: {hold: %s}}}",
          times[i].text);
      Load *load = load_text (yaml, strlen (yaml));

      fail_unless (load->status == DW_OK, "%s", yaml);
      fail_unless_equals_int (load->config.cameras[0].motion.hold_ms,
                              times[i].ms);
      g_free (load);
      g_free (yaml);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      gchar *yaml = g_strdup_printf (
          "cameras: {x: {location: 'onvif://h', motion: {sensitivity: %s}}}",
          shares[i].text);
      Load *load = load_text (yaml, strlen (yaml));

      fail_unless (load->status == DW_OK, "%s", yaml);
      assert_close (load->config.cameras[0].motion.sensitivity,
                    shares[i].share);
      g_free (load);
      g_free (yaml);
    }
}
GST_END_TEST

GST_START_TEST (secret_is_read_from_a_file_beside_the_configuration)
{
  gchar *folder = g_dir_make_tmp ("doorward-config-XXXXXX", NULL);
  gchar *secret = g_build_filename (folder, "front.password", NULL);
  gchar *file = g_build_filename (folder, "a.yaml", NULL);
  Load *load = g_new (Load, 1);

  fail_unless (
      g_file_set_contents (secret, "open sesame\r\nsecond line\n", -1, NULL));
  fail_unless (g_file_set_contents (file,
                                    "cameras:\n  x:\n    location: onvif://h\n"
                                    "    password-file: front.password\n",
                                    -1, NULL));
  load->status = dw_config_load (file, NULL, &load->config, &load->diagnostics);
  fail_unless (load->status == DW_OK);
  fail_unless_equals_string (load->config.cameras[0].password, "open sesame");
  fail_unless (g_file_set_contents (secret, "\n", -1, NULL));
  load->status = dw_config_load (file, NULL, &load->config, &load->diagnostics);
  fail_unless (load->status == DW_ERROR_INVALID);
  fail_unless (is_zero (&load->config, sizeof load->config));
  g_unlink (secret);
  g_unlink (file);
  g_rmdir (folder);
  load->status = dw_config_load (file, NULL, &load->config, &load->diagnostics);
  fail_unless (load->status == DW_ERROR_NOT_FOUND);
  fail_unless_equals_string (load->diagnostics.errors[0].text,
                             "there is no such file");
  g_free (load);
  g_free (secret);
  g_free (file);
  g_free (folder);
}
GST_END_TEST

/* Numbers do not follow the user's language. */
GST_START_TEST (decimal_comma_of_the_locale_changes_nothing)
{
  const char *yaml = "mask: {grow: 1.25}";
  char *before = g_strdup (setlocale (LC_NUMERIC, NULL));
  Load *load;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL)
    printf ("SKIP: no locale with a decimal comma here\n");
  load = load_text (yaml, strlen (yaml));
  fail_unless (load->status == DW_OK);
  assert_close (load->config.mask_grow, 1.25f);
  setlocale (LC_NUMERIC, before);
  g_free (before);
  g_free (load);
}
GST_END_TEST

GST_START_TEST (committed_schema_is_the_table)
{
  gchar *path = source_path ("doorward.schema.json");
  const size_t size = dw_config_schema (NULL, 0);
  gchar *text = g_malloc (size + 1), *committed = NULL;

  fail_unless (dw_config_schema (text, size + 1) == size);
  fail_unless_equals_int ((int)strlen (text), (int)size);
  if (g_getenv ("DOORWARD_UPDATE") != NULL)
    fail_unless (g_file_set_contents (path, text, (gssize)size, NULL));
  fail_unless (g_file_get_contents (path, &committed, NULL, NULL));
  fail_unless (strcmp (text, committed) == 0,
               "config/doorward.schema.json is not what the table says; run "
               "this test with DOORWARD_UPDATE=1 and commit the file");
  g_free (committed);
  g_free (text);
  g_free (path);
}
GST_END_TEST

GST_START_TEST (reference_names_keys_defaults_and_ranges)
{
  const size_t size = dw_config_reference (NULL, 0);
  gchar *text = g_malloc (size + 1);

  fail_unless (dw_config_reference (text, size + 1) == size);
  fail_unless (strstr (text, "cameras.NAME.motion.hold\n    1..60000 ms, such "
                             "as 800ms, 1s or 2m. Default 800ms. ")
               != NULL);
  fail_unless (strstr (text, "cameras.NAME.events[].kind\n") != NULL);
  fail_unless (strstr (text, "policy.police.live\n") != NULL);
  g_free (text);
}
GST_END_TEST

static Suite *
config_suite (void)
{
  Suite *suite = suite_create ("config");
  TCase *tests = tcase_create ("config");

  tcase_add_test (tests, commented_example_is_loaded);
  tcase_add_test (tests, commented_example_shows_the_defaults);
  tcase_add_test (tests, empty_file_is_the_built_in_policy);
  tcase_add_test (tests, times_and_shares_are_read_in_all_their_forms);
  tcase_add_test (tests, secret_is_read_from_a_file_beside_the_configuration);
  tcase_add_test (tests, decimal_comma_of_the_locale_changes_nothing);
  tcase_add_test (tests, committed_schema_is_the_table);
  tcase_add_test (tests, reference_names_keys_defaults_and_ranges);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (config)
