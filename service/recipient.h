/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which share the words of a command line mean. */
#pragma once

#include "home.h"

typedef struct
{
  const char *camera, *recipient;
  const char *recipient_class; /* NULL: as configured */
  const char *purpose, *case_number;
  const char *consent_file; /* its SHA-256 is the consent's hash */
  bool is_live;
} DwShareWords;

/* The rows of an option table that fill DwShareWords `words`. */
#define DW_SHARE_OPTIONS(words)                                                \
  { .name = "class",                                                           \
    .value = "CLASS",                                                          \
    .help = "household, neighbour, community, police,\n"                       \
            "vendor or public; default: what the\n"                            \
            "configuration says of RECIPIENT",                                 \
    .text = &(words).recipient_class },                                        \
      { .name = "purpose",                                                     \
        .value = "WORD",                                                       \
        .help = "what it is for",                                              \
        .text = &(words).purpose },                                            \
      { .name = "case",                                                        \
        .value = "NUMBER",                                                     \
        .help = "the case number; police need one",                            \
        .text = &(words).case_number },                                        \
  {                                                                            \
    .name = "consent-file", .value = "FILE",                                   \
    .help = "the written consent, kept as its SHA-256;\n"                      \
            "vendors need one",                                                \
    .text = &(words).consent_file                                              \
  }

/* The rows that say where configuration and ledger are. */
#define DW_PLACE_OPTIONS(config, ledger)                                       \
  { .name = "config",                                                          \
    .value = "FILE",                                                           \
    .help = "the configuration; default:\n"                                    \
            "$DOORWARD_CONFIG, ./doorward.yaml,\n"                             \
            "~/.config/doorward/doorward.yaml",                                \
    .text = &(config) },                                                       \
  {                                                                            \
    .name = "ledger", .value = "FILE",                                         \
    .help = "the ledger; default: the configuration's,\n"                      \
            "else ~/.local/share/doorward/ledger.db",                          \
    .text = &(ledger)                                                          \
  }

/* False when something is wrong and was said; leave with `*code`. */
bool dw_share_resolve (const DwCommand *command, const DwHome *home,
                       const DwShareWords *words, DwShareKey *out, int *code);
