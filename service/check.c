/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doorward check: all that is wrong with a configuration file. */
#include "commands.h"
#include "home.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>

static const char *
look_up (const char *name)
{
  return getenv (name);
}

static void
print_errors (const char *path, const DwDiagnostics *diagnostics,
              size_t n_listed)
{
  char line[1024];

  for (size_t i = 0; i < n_listed; i++)
    {
      dw_diagnostic_format (path, &diagnostics->errors[i], line, sizeof line);
      printf ("%s\n", line);
    }
  if (diagnostics->n_errors > n_listed)
    printf ("%s: and %zu more\n", path, diagnostics->n_errors - n_listed);
}

static void
print_json (const char *path, const DwConfig *config,
            const DwDiagnostics *diagnostics, size_t n_listed, bool is_right)
{
  DwJson json = { .out = stdout };

  dw_json_begin_object (&json, NULL);
  dw_json_text (&json, "file", path);
  dw_json_bool (&json, "right", is_right);
  dw_json_number (&json, "cameras", (int64_t)config->n_cameras);
  dw_json_number (&json, "recipients", (int64_t)config->n_recipients);
  dw_json_number (&json, "n_errors", (int64_t)diagnostics->n_errors);
  dw_json_begin_array (&json, "errors");
  for (size_t i = 0; i < n_listed; i++)
    {
      const DwDiagnostic *diagnostic = &diagnostics->errors[i];

      dw_json_begin_object (&json, NULL);
      dw_json_number (&json, "line", diagnostic->line);
      dw_json_number (&json, "column", diagnostic->column);
      dw_json_text (&json, "key", diagnostic->path);
      dw_json_text (&json, "text", diagnostic->text);
      dw_json_end_object (&json);
    }
  dw_json_end_array (&json);
  dw_json_end_object (&json);
}

static int
check_file (const DwCommand *command, const char *path, bool is_json)
{
  DwDiagnostics *diagnostics = calloc (1, sizeof *diagnostics);
  DwConfig *config = calloc (1, sizeof *config);
  int code = DW_EXIT_REFUSED;

  if (diagnostics == NULL || config == NULL)
    dw_cli_refuse (command, "out of memory");
  else
    {
      const size_t room
          = sizeof diagnostics->errors / sizeof *diagnostics->errors;
      const bool is_right
          = dw_config_load (path, look_up, config, diagnostics) == DW_OK;
      const size_t n_listed
          = diagnostics->n_errors < room ? diagnostics->n_errors : room;

      code = is_right ? DW_EXIT_DONE : DW_EXIT_REFUSED;
      if (is_json)
        print_json (path, config, diagnostics, n_listed, is_right);
      else if (is_right)
        printf ("%s is right: %zu camera%s, %zu recipient%s.\n", path,
                config->n_cameras, config->n_cameras == 1 ? "" : "s",
                config->n_recipients, config->n_recipients == 1 ? "" : "s");
      else
        print_errors (path, diagnostics, n_listed);
      dw_config_wipe (config);
      code = dw_cli_finish (command, code);
    }
  free (config);
  free (diagnostics);
  return code;
}

int
dw_command_check (const DwCommand *command, int argc, char **argv)
{
  bool is_json = false;
  const DwOption options[] = {
    { .name = "json", .help = "answer as JSON", .flag = &is_json },
  };
  const DwSyntax syntax = {
    .usage = "[FILE]",
    .about = "Reads a configuration and says all that is wrong with it, one "
             "line each:\nFILE:LINE:COLUMN: KEY: what was expected. Without "
             "FILE, the one that would be\nused: $DOORWARD_CONFIG, "
             "./doorward.yaml or ~/.config/doorward/doorward.yaml.\n",
    .n_max = 1,
    .options = options,
    .n_options = sizeof options / sizeof *options,
  };
  char path[4096];
  DwArguments arguments;

  if (!dw_cli_parse (command, &syntax, argc, argv, &arguments))
    return arguments.code;
  dw_home_find_config (arguments.n_texts > 0 ? arguments.texts[0] : NULL, path,
                       sizeof path);
  if (path[0] == '\0')
    return dw_cli_wrong_usage (command, "which FILE? There is none in the "
                                        "usual places");
  return check_file (command, path, is_json);
}
