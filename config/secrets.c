/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets come from the environment or a file. No text of theirs may get into
 * an error, nor what stands where one is expected. */
#include "secrets.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_EXPECTED                                                        \
  "expected ${NAME}, the environment variable that holds it; a secret does "   \
  "not belong into this file"

/* A path of the file, from the file's folder where it is not absolute. */
bool
dw_path_resolve (const DwLoader *loader, const char *text, char *out,
                 size_t size)
{
  int n;

  if (text[0] == '/' || loader->folder == NULL || loader->folder[0] == '\0')
    n = snprintf (out, size, "%s", text);
  else
    n = snprintf (out, size, "%s/%s", loader->folder, text);
  return n >= 0 && (size_t)n < size;
}

void
dw_secret_read (DwLoader *loader, const DwRow *row, const DwNode *node,
                char *out)
{
  const size_t length = strlen (node->text);
  const char *value;
  char name[64];

  if (length < 4 || length - 3 >= sizeof name
      || strncmp (node->text, "${", 2) != 0 || node->text[length - 1] != '}')
    {
      dw_loader_complain (loader, node, SECRET_EXPECTED);
      return;
    }
  memcpy (name, node->text + 2, length - 3);
  name[length - 3] = '\0';
  if (strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                    "0123456789_")
      != length - 3)
    {
      dw_loader_complain (loader, node, SECRET_EXPECTED);
      return;
    }
  value = loader->lookup != NULL ? loader->lookup (name) : NULL;
  if (value == NULL || value[0] == '\0')
    dw_loader_complain (loader, node, "the environment variable %s is not set",
                        name);
  else if (!dw_text_set (row, value, out))
    dw_loader_complain (loader, node,
                        "the environment variable %s holds more than %d "
                        "characters, or control characters",
                        name, (int)row->max);
}

/* The first line of a regular file: a pipe or a device could keep us waiting
 * for ever. Unbuffered, so that no copy of the secret stays behind. */
static bool
read_first_line (const char *path, char *line, size_t size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat about;
  ssize_t n = -1;

  if (fd < 0)
    return false;
  if (fstat (fd, &about) == 0 && S_ISREG (about.st_mode))
    n = read (fd, line, size - 1);
  close (fd);
  if (n < 0)
    return false;
  line[n] = '\0';
  line[strcspn (line, "\r\n")] = '\0';
  return true;
}

void
dw_secret_file_read (DwLoader *loader, const DwRow *row, const DwNode *node,
                     char *out)
{
  char path[2 * DW_CONFIG_TEXT], line[DW_CONFIG_TEXT + 1];
  char quoted[DW_QUOTED];

  if (!dw_path_resolve (loader, node->text, path, sizeof path)
      || !read_first_line (path, line, sizeof line))
    {
      dw_loader_complain (loader, node, "cannot read the file %s",
                          dw_quote (node->text, quoted));
      return;
    }
  if (!dw_text_set (row, line, out))
    dw_loader_complain (loader, node,
                        "expected the secret in the file's first line, 1 to %d"
                        " characters",
                        (int)row->max);
  explicit_bzero (line, sizeof line);
}
