/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that must not be repeated, and the paths that lead to them. */
#pragma once

#include "values.h"

/* `${NAME}`, looked up in the environment. */
void dw_secret_read (DwLoader *loader, const DwRow *row, const DwNode *node,
                     char *out);

/* The first line of a regular file. */
void dw_secret_file_read (DwLoader *loader, const DwRow *row,
                          const DwNode *node, char *out);

/* A path of the file, from the file's folder where it is not absolute; false
 * when it does not fit. */
bool dw_path_resolve (const DwLoader *loader, const char *text, char *out,
                      size_t size);
