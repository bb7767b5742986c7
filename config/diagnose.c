/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of errors in a file. */
#include "diagnose.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_WORD 63

void
dw_diagnose (DwDiagnostics *diagnostics, int line, int column, const char *path,
             const char *format, ...)
{
  const size_t limit
      = sizeof diagnostics->errors / sizeof diagnostics->errors[0];
  va_list arguments;
  DwDiagnostic *error;

  if (diagnostics->n_errors++ >= limit)
    return;
  error = &diagnostics->errors[diagnostics->n_errors - 1];
  error->line = line;
  error->column = column;
  snprintf (error->path, sizeof error->path, "%s", path);
  va_start (arguments, format);
  vsnprintf (error->text, sizeof error->text, format, arguments);
  va_end (arguments);
}

char *
dw_quote (const char *text, char out[DW_QUOTED])
{
  /* Room for "..." and both quotation marks. */
  const size_t limit = DW_QUOTED - 6;
  size_t n = strlen (text), at = 0;
  const bool is_cut = n > limit;

  if (is_cut)
    for (n = limit; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
      n--; /* not within a character of UTF-8 */
  out[at++] = '"';
  for (size_t i = 0; i < n; i++)
    {
      const unsigned char byte = (unsigned char)text[i];

      out[at++] = (char)(byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
  out[at++] = '"';
  snprintf (out + at, DW_QUOTED - at, "%s", is_cut ? "..." : "");
  return out;
}

static int
smallest (int a, int b, int c)
{
  int least = a < b ? a : b;

  return least < c ? least : c;
}

/* Wagner and Fischer, one row at a time. */
int
dw_word_distance (const char *a, const char *b)
{
  const size_t n_a = strlen (a), n_b = strlen (b);
  int row[MAX_WORD + 1];

  if (n_a > MAX_WORD || n_b > MAX_WORD)
    return INT_MAX;
  for (size_t i = 0; i <= n_b; i++)
    row[i] = (int)i;
  for (size_t i = 0; i < n_a; i++)
    {
      int diagonal = row[0];

      row[0] = (int)i + 1;
      for (size_t j = 0; j < n_b; j++)
        {
          int change = diagonal + (a[i] != b[j]);

          diagonal = row[j + 1];
          row[j + 1] = smallest (change, row[j] + 1, row[j + 1] + 1);
        }
    }
  return row[n_b];
}

bool
dw_word_is_near (const char *word, int distance)
{
  const int length = (int)strlen (word);

  return distance <= (length < 6 ? 2 : 3) && distance < length;
}

void
dw_diagnostic_format (const char *file, const DwDiagnostic *diagnostic,
                      char *out, size_t size)
{
  char place[32] = "";

  if (diagnostic->line > 0)
    snprintf (place, sizeof place, ":%d:%d", diagnostic->line,
              diagnostic->column);
  snprintf (out, size, "%s%s: %s%s%s", file, place, diagnostic->path,
            diagnostic->path[0] ? ": " : "", diagnostic->text);
}
