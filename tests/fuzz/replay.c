/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds every file of the given folders to a fuzz target: the corpus as an
 * ordinary test, for every compiler. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define MAX_BYTES (4 << 20)

static void
replay_file (const char *path)
{
  uint8_t *data = malloc (MAX_BYTES), *exact;
  FILE *file = fopen (path, "rb");
  size_t size;

  FUZZ_ASSERT (data != NULL && file != NULL);
  size = fread (data, 1, MAX_BYTES, file);
  fclose (file);
  /* In memory of its own size, so that a sanitizer sees reads past it. */
  exact = malloc (size > 0 ? size : 1);
  FUZZ_ASSERT (exact != NULL);
  memcpy (exact, data, size);
  free (data);
  LLVMFuzzerTestOneInput (exact, size);
  free (exact);
}

static int
replay_folder (const char *path)
{
  DIR *folder = opendir (path);
  const struct dirent *entry;
  int n = 0;

  if (folder == NULL)
    {
      fprintf (stderr, "%s: no such folder\n", path);
      return 0;
    }
  while ((entry = readdir (folder)) != NULL)
    {
      char file[4096];

      if (entry->d_name[0] == '.')
        continue;
      snprintf (file, sizeof file, "%s/%s", path, entry->d_name);
      /* Said before, so that a crash names its input. */
      printf ("%s\n", file);
      fflush (stdout);
      replay_file (file);
      n++;
    }
  closedir (folder);
  return n;
}

int
main (int argc, char **argv)
{
  int n = 0;

  for (int i = 1; i < argc; i++)
    n += replay_folder (argv[i]);
  printf ("%d inputs\n", n);
  return n > 0 ? 0 : 1;
}
