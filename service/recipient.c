/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cameras and recipients by name, and the hash of a written consent. */
#include "recipient.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int
hash_file (const DwCommand *command, const char *path, char *out, size_t size)
{
  unsigned char digest[crypto_hash_sha256_BYTES], chunk[4096];
  crypto_hash_sha256_state state;
  size_t n_read, n_bytes = 0;
  FILE *file = fopen (path, "rb");
  bool has_failed;

  if (file == NULL)
    return dw_cli_refuse (command, "%s: %s", path, strerror (errno));
  crypto_hash_sha256_init (&state);
  while ((n_read = fread (chunk, 1, sizeof chunk, file)) > 0)
    {
      crypto_hash_sha256_update (&state, chunk, n_read);
      n_bytes += n_read;
    }
  has_failed = ferror (file) != 0;
  fclose (file);
  if (has_failed)
    return dw_cli_refuse (command, "%s cannot be read", path);
  if (n_bytes == 0)
    return dw_cli_refuse (command, "%s is empty: no consent is written there",
                          path);
  crypto_hash_sha256_final (&state, digest);
  sodium_bin2hex (out, size, digest, sizeof digest);
  return DW_EXIT_DONE;
}

/* A typing error must not become a grant that nobody uses. */
static int
check_camera (const DwCommand *command, const DwHome *home, const char *camera)
{
  if (!dw_name_is_valid (camera))
    return dw_cli_wrong_usage (command,
                               "'%s' is no camera's name: letters, digits, "
                               ". _ - @ only",
                               camera);
  if (home->config.n_cameras > 0
      && dw_config_camera (&home->config, camera) == NULL)
    return dw_cli_refuse (command, "%s knows no camera '%s'", home->path,
                          camera);
  return DW_EXIT_DONE;
}

static int
find_class (const DwCommand *command, const DwHome *home,
            const DwShareWords *words, DwRecipientClass *out)
{
  const DwRecipientConfig *known;

  if (!dw_name_is_valid (words->recipient))
    return dw_cli_wrong_usage (command,
                               "'%s' is no recipient's name: letters, digits, "
                               ". _ - @ only",
                               words->recipient);
  known = dw_config_recipient (&home->config, words->recipient);
  if (words->recipient_class == NULL)
    {
      if (known == NULL)
        return dw_cli_wrong_usage (
            command,
            "who is '%s'? Say --class, or list the recipient in the "
            "configuration",
            words->recipient);
      *out = known->recipient_class;
      return DW_EXIT_DONE;
    }
  if (dw_class_parse (words->recipient_class, out) != DW_OK)
    return dw_cli_wrong_usage (command, "there is no class '%s'",
                               words->recipient_class);
  if (known != NULL && known->recipient_class != *out)
    return dw_cli_refuse (command, "%s says that %s is of class %s, not %s",
                          home->path, words->recipient,
                          dw_class_text (known->recipient_class),
                          words->recipient_class);
  return DW_EXIT_DONE;
}

bool
dw_share_resolve (const DwCommand *command, const DwHome *home,
                  const DwShareWords *words, DwShareKey *out, int *code)
{
  memset (out, 0, sizeof *out);
  out->is_live = words->is_live;
  *code = check_camera (command, home, words->camera);
  if (*code == DW_EXIT_DONE)
    *code = find_class (command, home, words, &out->recipient_class);
  if (*code == DW_EXIT_DONE && words->purpose != NULL
      && !dw_name_is_valid (words->purpose))
    *code = dw_cli_wrong_usage (command, "the purpose must be one word");
  if (*code == DW_EXIT_DONE && words->case_number != NULL
      && !dw_case_is_valid (words->case_number))
    *code = dw_cli_wrong_usage (command, "'%s' is no case number",
                                words->case_number);
  if (*code == DW_EXIT_DONE && words->consent_file != NULL)
    *code = hash_file (command, words->consent_file, out->consent_hash,
                       sizeof out->consent_hash);
  if (*code != DW_EXIT_DONE)
    return false;
  snprintf (out->camera, sizeof out->camera, "%s", words->camera);
  snprintf (out->recipient, sizeof out->recipient, "%s", words->recipient);
  snprintf (out->purpose, sizeof out->purpose, "%s",
            words->purpose ? words->purpose : "");
  snprintf (out->case_number, sizeof out->case_number, "%s",
            words->case_number ? words->case_number : "");
  return true;
}
