/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the loader says what is wrong: positions, values quoted so that they
 * cannot break a terminal, and the word that was probably meant. */
#pragma once

#include "configuration.h"

/* Room for a quoted value. */
#define DW_QUOTED 64

/* Adds an error, see DwDiagnostic. A text that is too long is cut. */
void dw_diagnose (DwDiagnostics *diagnostics, int line, int column,
                  const char *path, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

/* The text in quotation marks, cut and with control characters replaced.
 * Returns `out`. Never for a secret. */
char *dw_quote (const char *text, char out[DW_QUOTED]);

/* How many characters must be added, taken away or changed to make `a` of
 * `b`; words over 63 characters count as far away. */
int dw_word_distance (const char *a, const char *b);

/* True when `distance` is near enough to offer `word` as what was meant. */
bool dw_word_is_near (const char *word, int distance);
