/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Broken files and exactly what the user is told. */
#include "configtest.h"

typedef struct
{
  const char *yaml;
  const char *errors;
} Case;

#define CAMERA "cameras:\n  front:\n    location: onvif://h\n"
#define MOTION CAMERA "    motion:\n"

static const Case cases[] = {
  /* Keys */
  { "camras: {}\n",
    "f.yaml:1:1: camras: unknown key; did you mean \"cameras\"?\n" },
  { "weather: sunny\n",
    "f.yaml:1:1: weather: unknown key; known here: ledger, mask, cameras, "
    "recipients, policy\n" },
  { MOTION "      sensivity: 50%\n",
    "f.yaml:5:7: cameras.front.motion.sensivity: unknown key; did you mean "
    "\"sensitivity\"?\n" },
  { "mask:\n  hold: 1s\n  hold: 2s\n",
    "f.yaml:3:3: mask.hold: given twice; first in line 2\n" },
  { CAMERA "  front:\n    location: onvif://i\n",
    "f.yaml:4:3: cameras.front: a second camera of this name\n" },
  { "cameras:\n  front:\n    user: me\n",
    "f.yaml:3:5: cameras.front.location: required, but not given\n" },
  { "cameras:\n  front door:\n    location: onvif://h\n",
    "f.yaml:2:3: cameras.front door: expected a name of 1 to 63 letters, "
    "digits or ._-@, got \"front door\"\n" },
  { "recipients:\n  anna:\n",
    "f.yaml:2:8: recipients.anna.class: required, but not given\n" },

  /* Values */
  { MOTION "      hold: -5ms\n",
    "f.yaml:5:13: cameras.front.motion.hold: expected 1..60000 ms, such as "
    "800ms, 1s or 2m, got \"-5ms\"\n" },
  { MOTION "      hold: 61s\n",
    "f.yaml:5:13: cameras.front.motion.hold: expected 1..60000 ms, such as "
    "800ms, 1s or 2m, got \"61s\"\n" },
  { MOTION "      hold: 800\n",
    "f.yaml:5:13: cameras.front.motion.hold: expected 1..60000 ms, such as "
    "800ms, 1s or 2m, got \"800\"\n" },
  { MOTION "      hold:\n",
    "f.yaml:5:12: cameras.front.motion.hold: expected 1..60000 ms, such as "
    "800ms, 1s or 2m, got nothing\n" },
  { MOTION "      hold: [1s]\n",
    "f.yaml:5:13: cameras.front.motion.hold: expected 1..60000 ms, such as "
    "800ms, 1s or 2m, got a list\n" },
  { MOTION "      sensitivity: 101%\n",
    "f.yaml:5:20: cameras.front.motion.sensitivity: expected 1%..100%, such "
    "as 50% or 0.5, got \"101%\"\n" },
  { MOTION "      sensitivity: \"a\\e[31mb\"\n",
    "f.yaml:5:20: cameras.front.motion.sensitivity: expected 1%..100%, such "
    "as 50% or 0.5, got \"a?[31mb\"\n" },
  { "mask:\n  grow: 1e3\n",
    "f.yaml:2:9: mask.grow: expected 1..4, got \"1e3\"\n" },
  { "mask:\n  grow: 1,5\n",
    "f.yaml:2:9: mask.grow: expected 1..4, got \"1,5\"\n" },
  { "mask:\n  grow: nan\n",
    "f.yaml:2:9: mask.grow: expected 1..4, got \"nan\"\n" },
  { "mask: 3\n", "f.yaml:1:7: mask: expected keys of a mask, got \"3\"\n" },
  { "cameras: [front]\n",
    "f.yaml:1:10: cameras: expected a camera by name, got a list\n" },
  { "recipients:\n  anna:\n    class: neighbor\n",
    "f.yaml:3:12: recipients.anna.class: expected household, neighbour, "
    "community, police, vendor or public, got \"neighbor\"\n" },
  { "recipients:\n  anna:\n    class: none\n",
    "f.yaml:3:12: recipients.anna.class: expected household, neighbour, "
    "community, police, vendor or public, got \"none\"\n" },
  { CAMERA "    events:\n      - {topic: a, kind: ring}\n",
    "f.yaml:5:26: cameras.front.events[0].kind: expected press, motion, "
    "person, vehicle, animal, face, line, package, field, tamper or input, "
    "got \"ring\"\n" },
  { CAMERA "    events:\n      - {topic: a}\n",
    "f.yaml:5:9: cameras.front.events[0].kind: required, but not given\n" },
  { CAMERA "    events: press\n",
    "f.yaml:4:13: cameras.front.events: expected a list of events, got "
    "\"press\"\n" },
  { "cameras:\n  front:\n    location: 192.0.2.7\n",
    "f.yaml:3:15: cameras.front.location: expected a location such as "
    "onvif://HOST, without user and password, got \"192.0.2.7\"\n" },

  /* Polygons */
  { CAMERA "    private-zones: [[[0, 0], [1, 1]]]\n",
    "f.yaml:4:21: cameras.front.private-zones[0]: expected 3 to 16 corners, "
    "got 2\n" },
  { CAMERA "    private-zones: [[[0, 0], [1, 1], [0.5, 0.5]]]\n",
    "f.yaml:4:21: cameras.front.private-zones[0]: the corners enclose no "
    "area\n" },
  { CAMERA "    private-zones: [[[0, 0], [1, 1.5], [0, 1, 2]]]\n",
    "f.yaml:4:34: cameras.front.private-zones[0][1]: expected y from 0 to 1, "
    "got \"1.5\"\n"
    "f.yaml:4:40: cameras.front.private-zones[0][2]: expected a corner "
    "[x, y], got a list of another length\n" },
  { CAMERA "    private-zones: [5]\n",
    "f.yaml:4:21: cameras.front.private-zones[0]: expected a list of 3 to 16 "
    "corners [x, y], got \"5\"\n" },

  /* The policy can only be lowered */
  { "policy:\n  police:\n    live: masked\n",
    "f.yaml:3:11: policy.police.live: the built-in ceiling is nothing; a file "
    "can only lower it, got masked\n" },
  { "policy:\n  police:\n    needs-case: no\n",
    "f.yaml:3:17: policy.police.needs-case: the built-in ceiling is true; a "
    "file can only lower it\n" },
  { "policy:\n  public:\n    audio: yes\n",
    "f.yaml:3:12: policy.public.audio: the built-in ceiling is false; a file "
    "can only lower it\n" },
  { "policy:\n  public:\n    live: maskd\n    audio: maybe\n",
    "f.yaml:3:11: policy.public.live: expected nothing, masked, blurred or "
    "clear, got \"maskd\"\n"
    "f.yaml:4:12: policy.public.audio: expected true or false, got "
    "\"maybe\"\n" },
  { "policy:\n  polise: {}\n",
    "f.yaml:2:3: policy.polise: unknown key; did you mean \"police\"?\n" },

  /* YAML itself */
  { "a: &x 1\n",
    "f.yaml:1:4: anchors (&) and aliases (*) are not allowed; write it "
    "out\n" },
  { "ledger: *x\n",
    "f.yaml:1:9: anchors (&) and aliases (*) are not allowed; write it "
    "out\n" },
  { "ledger: !!str x\n", "f.yaml:1:9: tags (!) are not allowed\n" },
  { "ledger: !x y\n", "f.yaml:1:9: tags (!) are not allowed\n" },
  { "? [a, b]\n: c\n", "f.yaml:1:3: expected a key, a single word\n" },
  { "ledger: a\n---\nledger: b\n",
    "f.yaml:2:1: a second document begins here; a file holds one\n" },
  { "ledger: \"a\\0b\"\n", "f.yaml:1:9: a value must not hold a zero byte\n" },
  { "ledger: 'a\n",
    "f.yaml:2:1: not YAML: found unexpected end of stream while scanning a "
    "quoted scalar\n" },
  { "mask:\n  hold: 1s\n hold: 2s\n",
    "f.yaml:3:2: not YAML: did not find expected key while parsing a block "
    "mapping\n" },
  { "ledger: \x01\n",
    "f.yaml: not YAML: control characters are not allowed at byte 8\n" },
  { "ledger: \xff\n",
    "f.yaml: not YAML: invalid leading UTF-8 octet at byte 8\n" },
  { "- a\n", "f.yaml:1:1: expected keys of a configuration, got a list\n" },

  /* All errors of a file in one go */
  { "camras: 1\nmask:\n  grow: 9\n  hld: 1s\npolicy:\n  vendor:\n"
    "    recorded: clear\n",
    "f.yaml:1:1: camras: unknown key; did you mean \"cameras\"?\n"
    "f.yaml:3:9: mask.grow: expected 1..4, got \"9\"\n"
    "f.yaml:4:3: mask.hld: unknown key; did you mean \"hold\"?\n"
    "f.yaml:7:15: policy.vendor.recorded: the built-in ceiling is masked; a "
    "file can only lower it, got clear\n" },
};

GST_START_TEST (broken_file_is_explained)
{
  const Case *broken = &cases[__i__];
  Load *load = load_text (broken->yaml, strlen (broken->yaml));
  gchar *errors = load_errors (load);

  fail_unless_equals_string (errors, broken->errors);
  fail_unless (load->status != DW_OK);
  fail_unless (is_zero (&load->config, sizeof load->config));
  g_free (errors);
  g_free (load);
}
GST_END_TEST

/* Wherever a secret is written in the wrong way, it is not repeated. */
GST_START_TEST (secret_is_never_echoed)
{
  static const char *const files[]
      = { CAMERA "    password: hunter2\n",
          CAMERA "    password: [hunter2]\n",
          CAMERA "    password: ${hunter2\n",
          CAMERA "    password: x${hunter2}\n",
          CAMERA "    passwort: hunter2\n",
          CAMERA "    password: ${FRONT_PASSWORD}\n    password: hunter2\n",
          "cameras:\n  a:\n    location: rtsp://me:hunter2@host/\n",
          "cameras:\n  a:\n    location: me:hunter2@host\n" };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      Load *load = load_text (files[i], strlen (files[i]));
      gchar *errors = load_errors (load);

      fail_unless (load->status == DW_ERROR_INVALID, "%s", files[i]);
      fail_unless (strlen (errors) > 0);
      fail_unless (strstr (errors, "hunter2") == NULL, "%s", errors);
      fail_unless (strstr (errors, TEST_SECRET) == NULL, "%s", errors);
      fail_unless (is_zero (&load->config, sizeof load->config));
      g_free (errors);
      g_free (load);
    }
}
GST_END_TEST

GST_START_TEST (secret_that_is_not_there_is_named)
{
  static const Case secrets[] = {
    { CAMERA "    password: ${NOWHERE}\n",
      "f.yaml:4:15: cameras.front.password: the environment variable NOWHERE "
      "is not set\n" },
    { CAMERA "    password: ${EMPTY}\n",
      "f.yaml:4:15: cameras.front.password: the environment variable EMPTY is "
      "not set\n" },
    { CAMERA "    password-file: /nonexistent/x\n",
      "f.yaml:4:20: cameras.front.password-file: cannot read the file "
      "\"/nonexistent/x\"\n" },
    { CAMERA "    password-file: /dev/zero\n",
      "f.yaml:4:20: cameras.front.password-file: cannot read the file "
      "\"/dev/zero\"\n" },
    { CAMERA "    password: ${FRONT_PASSWORD}\n    password-file: x\n",
      "f.yaml:5:5: cameras.front.password-file: give password or "
      "password-file, not both\n" },
    { CAMERA "    password: plain\n",
      "f.yaml:4:15: cameras.front.password: expected ${NAME}, the environment "
      "variable that holds it; a secret does not belong into this file\n" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      Load *load = load_text (secrets[i].yaml, strlen (secrets[i].yaml));
      gchar *errors = load_errors (load);

      fail_unless_equals_string (errors, secrets[i].errors);
      g_free (errors);
      g_free (load);
    }
}
GST_END_TEST

static void
assert_status (const GString *yaml, DwStatus status, const char *error)
{
  Load *load = load_text (yaml->str, yaml->len);
  gchar *errors = load_errors (load);

  fail_unless (load->status == status && strstr (errors, error) != NULL,
               "%d: %s", load->status, errors);
  fail_unless (is_zero (&load->config, sizeof load->config));
  g_free (errors);
  g_free (load);
}

GST_START_TEST (bounds_of_a_file_hold)
{
  GString *yaml = g_string_new (NULL);

  for (int i = 0; i < 100; i++)
    g_string_append (yaml, "[");
  assert_status (yaml, DW_ERROR_LIMIT, "nested too deep");
  g_string_truncate (yaml, 0);
  for (int i = 0; i < 100000; i++)
    g_string_append (yaml, "[[[[[[[[");
  assert_status (yaml, DW_ERROR_LIMIT, "nested too deep");
  g_string_assign (yaml, "ledger: [");
  for (int i = 0; i < 70000; i++)
    g_string_append (yaml, "a,");
  assert_status (yaml, DW_ERROR_LIMIT, "too many values");
  g_string_truncate (yaml, 0);
  while (yaml->len <= 1 << 20)
    g_string_append (yaml, "# a comment is a part of the file as well\n");
  assert_status (yaml, DW_ERROR_LIMIT, "larger than 1 MiB");
  g_string_assign (yaml, "cameras:\n");
  for (int i = 0; i < 33; i++)
    g_string_append_printf (yaml, "  c%d: {location: 'rtsp://h'}\n", i);
  assert_status (yaml, DW_ERROR_INVALID,
                 "f.yaml:34:3: cameras.c32: too many, 32 at most");
  g_string_assign (yaml, CAMERA "    private-zones:\n");
  for (int i = 0; i < 17; i++)
    g_string_append (yaml, "    - [[0, 0], [1, 0], [1, 1]]\n");
  assert_status (yaml, DW_ERROR_INVALID, "too many, 16 at most");
  g_string_free (yaml, TRUE);
}
GST_END_TEST

GST_START_TEST (more_errors_than_fit_are_counted)
{
  GString *yaml = g_string_new (NULL);
  Load *load;

  for (int i = 0; i < 100; i++)
    g_string_append_printf (yaml, "unknown%d: 1\n", i);
  load = load_text (yaml->str, yaml->len);
  fail_unless (load->status == DW_ERROR_INVALID);
  fail_unless_equals_int ((int)load->diagnostics.n_errors, 100);
  fail_unless_equals_int (load->diagnostics.errors[63].line, 64);
  g_free (load);
  g_string_free (yaml, TRUE);
}
GST_END_TEST

GST_START_TEST (file_cut_anywhere_is_whole_or_nothing)
{
  gchar *path = g_build_filename (g_getenv ("DOORWARD_SOURCE"), "config",
                                  "doorward.yaml", NULL);
  gchar *text;
  gsize length;

  fail_unless (g_file_get_contents (path, &text, &length, NULL));
  for (gsize size = 0; size < length; size += 7)
    {
      gchar *cut = g_memdup2 (text, size);
      Load *load = load_text (cut, size);
      const DwPolicy *policy = &load->config.policy;

      if (load->status != DW_OK)
        fail_unless (is_zero (&load->config, sizeof load->config)
                     && load->diagnostics.n_errors > 0);
      else
        fail_unless (policy->ceilings[DW_CLASS_POLICE].max_live
                     == DW_LEVEL_NOTHING);
      g_free (load);
      g_free (cut);
    }
  g_free (text);
  g_free (path);
}
GST_END_TEST

static Suite *
diagnostics_suite (void)
{
  Suite *suite = suite_create ("diagnostics");
  TCase *tests = tcase_create ("diagnostics");

  tcase_add_loop_test (tests, broken_file_is_explained, 0,
                       (int)G_N_ELEMENTS (cases));
  tcase_add_test (tests, secret_is_never_echoed);
  tcase_add_test (tests, secret_that_is_not_there_is_named);
  tcase_add_test (tests, bounds_of_a_file_hold);
  tcase_add_test (tests, more_errors_than_fit_are_counted);
  tcase_add_test (tests, file_cut_anywhere_is_whole_or_nothing);
  suite_add_tcase (suite, tests);
  return suite;
}

GST_CHECK_MAIN (diagnostics)
