/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every sub-command shares: its row in the table, its options (which are
 * its help page as well), and how it says that something is wrong. */
#pragma once

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

#define DW_EXIT_DONE 0
#define DW_EXIT_REFUSED 1
#define DW_EXIT_USAGE 2

typedef struct DwCommand DwCommand;
struct DwCommand
{
  const char *name;
  const char *help; /* one line */
  /* argv[0] is the command's name; returns the exit code. */
  int (*run) (const DwCommand *command, int argc, char **argv);
};

/* A value that may be given several times. */
#define DW_OPTION_MAX_TEXTS 8
typedef struct
{
  size_t n_texts;
  const char *texts[DW_OPTION_MAX_TEXTS];
} DwOptionTexts;

/* One of flag, text and texts is where the option goes; a row without a name
 * is a heading of the help page. */
typedef struct
{
  const char *name;  /* without "--" */
  const char *value; /* "TIME"; NULL for a flag */
  const char *help;  /* lines of at most 48 columns */
  bool *flag;
  const char **text;
  DwOptionTexts *texts;
} DwOption;

typedef struct
{
  const char *usage; /* "CAMERA RECIPIENT --level LEVEL" */
  const char *about; /* paragraphs and examples above the options */
  int n_min, n_max;  /* of arguments that are no options */
  const DwOption *options;
  size_t n_options;
} DwSyntax;

/* What is no option; `code` only where there is nothing to go on with. */
typedef struct
{
  char **texts;
  int n_texts;
  int code;
} DwArguments;

/* Reads the command line. True: go on with `out`, which holds n_min to n_max
 * texts. False: help was asked for or something is wrong and was said; leave
 * with out->code. */
bool dw_cli_parse (const DwCommand *command, const DwSyntax *syntax, int argc,
                   char **argv, DwArguments *out);

/* "doorward grant: ..." on the standard error; both return the exit code. */
int dw_cli_wrong_usage (const DwCommand *command, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
int dw_cli_refuse (const DwCommand *command, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Ends the standard output; a full disk is a refusal. */
int dw_cli_finish (const DwCommand *command, int code);
