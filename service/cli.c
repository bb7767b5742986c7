/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options and help pages from one table a command. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_OPTIONS 32
#define HELP_COLUMN 26

static void
say (const DwCommand *command, const char *format, va_list arguments)
{
  fprintf (stderr, "doorward %s: ", command->name);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
}

int
dw_cli_wrong_usage (const DwCommand *command, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  say (command, format, arguments);
  va_end (arguments);
  fprintf (stderr, "'doorward %s --help' shows how it is used.\n",
           command->name);
  return DW_EXIT_USAGE;
}

int
dw_cli_refuse (const DwCommand *command, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  say (command, format, arguments);
  va_end (arguments);
  return DW_EXIT_REFUSED;
}

int
dw_cli_finish (const DwCommand *command, int code)
{
  if (fflush (stdout) != 0 || ferror (stdout))
    return dw_cli_refuse (command, "cannot write the answer: %s",
                          strerror (errno));
  return code;
}

/* Each line of `help` in its column, the first beside the option. */
static void
print_option (const char *name, const char *value, const char *help)
{
  int width = printf ("  --%s%s%s", name, value ? " " : "", value ? value : "");

  if (width >= HELP_COLUMN)
    {
      putchar ('\n');
      width = 0;
    }
  for (;;)
    {
      size_t length = strcspn (help, "\n");

      printf ("%*s%.*s\n", HELP_COLUMN - width, "", (int)length, help);
      if (help[length] == '\0')
        return;
      help += length + 1;
      width = 0;
    }
}

static void
print_help (const DwCommand *command, const DwSyntax *syntax)
{
  printf ("Usage: doorward %s %s\n\n%s\n", command->name, syntax->usage,
          syntax->about);
  for (size_t i = 0; i < syntax->n_options; i++)
    {
      const DwOption *option = &syntax->options[i];

      if (option->name == NULL)
        printf ("%s%s\n", i ? "\n" : "", option->help);
      else
        print_option (option->name, option->value, option->help);
    }
  print_option ("help", NULL, "this page");
}

static bool
take_option (const DwCommand *command, const DwOption *option, const char *text,
             int *code)
{
  if (option->flag != NULL)
    *option->flag = true;
  else if (option->texts != NULL)
    {
      if (option->texts->n_texts == DW_OPTION_MAX_TEXTS)
        {
          *code = dw_cli_wrong_usage (command, "too many --%s", option->name);
          return false;
        }
      option->texts->texts[option->texts->n_texts++] = text;
    }
  else if (*option->text != NULL)
    {
      *code
          = dw_cli_wrong_usage (command, "--%s was given twice", option->name);
      return false;
    }
  else
    *option->text = text;
  return true;
}

/* What getopt_long () could not read. */
static int
wrong_option (const DwCommand *command, const struct option *options, int what,
              char **argv)
{
  if (what != ':')
    return dw_cli_wrong_usage (command, "there is no option '%s'",
                               argv[optind - 1]);
  for (; options->name != NULL; options++)
    if (options->val == optopt)
      return dw_cli_wrong_usage (command, "--%s needs a value", options->name);
  return dw_cli_wrong_usage (command, "an option needs a value");
}

bool
dw_cli_parse (const DwCommand *command, const DwSyntax *syntax, int argc,
              char **argv, DwArguments *out)
{
  struct option options[MAX_OPTIONS + 2] = { { 0 } };
  size_t n_options = 0;
  int what;

  *out = (DwArguments){ 0 };

  /* From 1000: not to be mistaken for getopt's own answers. */
  for (size_t i = 0; i < syntax->n_options && n_options < MAX_OPTIONS; i++)
    if (syntax->options[i].name != NULL)
      options[n_options++] = (struct option){
        .name = syntax->options[i].name,
        .has_arg = syntax->options[i].value ? required_argument : no_argument,
        .val = 1000 + (int)i,
      };
  options[n_options] = (struct option){ .name = "help", .val = 'h' };

  optind = 0;
  opterr = 0;
  while ((what = getopt_long (argc, argv, ":h", options, NULL)) != -1)
    {
      if (what == 'h')
        {
          print_help (command, syntax);
          out->code = dw_cli_finish (command, DW_EXIT_DONE);
          return false;
        }
      if (what < 1000)
        {
          out->code = wrong_option (command, options, what, argv);
          return false;
        }
      if (!take_option (command, &syntax->options[what - 1000], optarg,
                        &out->code))
        return false;
    }
  out->texts = argv + optind;
  out->n_texts = argc - optind;
  if (out->n_texts >= syntax->n_min && out->n_texts <= syntax->n_max)
    return true;
  out->code = out->n_texts < syntax->n_min
                  ? dw_cli_wrong_usage (command, "expected %s", syntax->usage)
                  : dw_cli_wrong_usage (command, "what is '%s'?",
                                        out->texts[syntax->n_max]);
  return false;
}
