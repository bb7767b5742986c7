/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the ledger's files, never through links. The database itself is
 * never opened here once it is in use: closing any descriptor of it would drop
 * the locks that SQLite holds for this process. */
#include "ledgerfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static DwStatus
fail_errno (DwError *error, const char *path, const char *what)
{
  const int number = errno;

  return dw_error_set (error,
                       number == EACCES || number == EPERM ? DW_ERROR_REFUSED
                                                           : DW_ERROR_IO,
                       "%s: %s: %s", path, what, strerror (number));
}

/* The path is SQLite's: one such as ":memory:" must stay a file's name. Room is
 * left for the longest ending, that of a file in the making. */
static DwStatus
name_files (const char *path, DwLedgerFile *file, DwError *error)
{
  static const char *const endings[DW_LEDGER_N_FILES] = { "", "-wal", "-shm" };
  const char *before = path[0] == '/' ? "" : "./";

  if (path[0] == '\0' || strlen (path) > PATH_MAX - 24)
    return dw_error_set (error, DW_ERROR_INVALID,
                         "the ledger's path is empty or too long");
  for (int i = 0; i < DW_LEDGER_N_FILES; i++)
    snprintf (file->paths[i], PATH_MAX, "%s%s%s", before, path, endings[i]);
  return DW_OK;
}

/* Makes the folders above `path` that are missing, for the owner alone. */
static DwStatus
make_folders (const char *path, DwError *error)
{
  char folder[PATH_MAX];

  for (const char *slash = strchr (path + 1, '/'); slash != NULL;
       slash = strchr (slash + 1, '/'))
    {
      const size_t length = (size_t)(slash - path);

      memcpy (folder, path, length);
      folder[length] = '\0';
      if (mkdir (folder, 0700) != 0 && errno != EEXIST)
        return fail_errno (error, folder, "cannot make the ledger's folder");
    }
  return DW_OK;
}

static DwStatus
check_file (const char *path, const struct stat *status, DwError *error)
{
  if (S_ISLNK (status->st_mode))
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "%s is a link; the ledger must be the file itself",
                         path);
  if (!S_ISREG (status->st_mode))
    return dw_error_set (error, DW_ERROR_REFUSED, "%s is not a file", path);
  if (status->st_uid != geteuid () && geteuid () != 0)
    return dw_error_set (error, DW_ERROR_REFUSED, "%s belongs to another user",
                         path);
  if (status->st_mode & (S_IWGRP | S_IWOTH))
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "others may write to %s; take that away: chmod 600",
                         path);
  return DW_OK;
}

static void
folder_of (const char *path, char out[PATH_MAX])
{
  snprintf (out, PATH_MAX, "%s", path);
  *(strrchr (out, '/') + 1) = '\0';
}

/* Whoever may rename the file may put another in its place. */
static DwStatus
check_folder (const char *path, DwError *error)
{
  char folder[PATH_MAX];
  struct stat status;

  folder_of (path, folder);
  if (stat (folder, &status) != 0)
    return fail_errno (error, folder, "cannot look at the ledger's folder");
  if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
    return dw_error_set (error, DW_ERROR_REFUSED,
                         "anybody may replace files in %s; keep the ledger in "
                         "a folder of your own",
                         folder);
  return DW_OK;
}

DwStatus
dw_ledger_file_open (const char *path, DwLedgerFile *out, DwError *error)
{
  struct stat status;
  DwStatus result;

  memset (out, 0, sizeof *out);
  result = name_files (path, out, error);
  if (result != DW_OK)
    return result;
  if (lstat (out->paths[0], &status) != 0)
    return errno == ENOENT || errno == ENOTDIR
               ? dw_error_set (error, DW_ERROR_NOT_FOUND,
                               "%s: there is no ledger; the first grant makes "
                               "it",
                               path)
               : fail_errno (error, path, "cannot look at the ledger");
  result = check_file (path, &status, error);
  if (result == DW_OK)
    result = check_folder (out->paths[0], error);
  out->devices[0] = status.st_dev;
  out->inodes[0] = status.st_ino;
  return result;
}

DwStatus
dw_ledger_file_begin (const DwLedgerFile *file, DwLedgerFile *making,
                      DwError *error)
{
  char path[PATH_MAX];
  int descriptor;
  DwStatus status = make_folders (file->paths[0], error);

  memset (making, 0, sizeof *making);
  if (status != DW_OK)
    return status;
  snprintf (path, sizeof path, "%.*s.new-XXXXXX", PATH_MAX - 12,
            file->paths[0]);
  descriptor = mkstemp (path);
  if (descriptor < 0)
    return fail_errno (error, file->paths[0], "cannot make the ledger");
  close (descriptor);
  return name_files (path, making, error);
}

/* So that the new name outlives a power cut. */
static DwStatus
sync_folder (const char *path, DwError *error)
{
  char folder[PATH_MAX];
  DwStatus status = DW_OK;
  int descriptor;

  folder_of (path, folder);
  descriptor = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || fsync (descriptor) != 0)
    status = fail_errno (error, folder, "cannot make the ledger");
  if (descriptor >= 0)
    close (descriptor);
  return status;
}

DwStatus
dw_ledger_file_end (const DwLedgerFile *file, const DwLedgerFile *making,
                    bool is_made, DwError *error)
{
  DwStatus status = DW_OK;

  if (is_made && link (making->paths[0], file->paths[0]) != 0
      && errno != EEXIST)
    status = fail_errno (error, file->paths[0], "cannot make the ledger");
  for (int i = 0; i < DW_LEDGER_N_FILES; i++)
    unlink (making->paths[i]);
  if (is_made && status == DW_OK)
    status = sync_folder (file->paths[0], error);
  return status;
}

/* That files[i] is the one remembered. */
static DwStatus
verify_file (const DwLedgerFile *file, int i, DwError *error)
{
  struct stat status;

  if (lstat (file->paths[i], &status) != 0)
    return dw_error_set (error, DW_ERROR_NOT_FOUND, "%s is gone",
                         file->paths[i]);
  if (status.st_dev != file->devices[i] || status.st_ino != file->inodes[i])
    return dw_error_set (error, DW_ERROR_IO,
                         "%s was replaced while it was in use", file->paths[i]);
  return DW_OK;
}

DwStatus
dw_ledger_file_follow (DwLedgerFile *file, DwError *error)
{
  DwStatus result = verify_file (file, 0, error);

  for (int i = 1; i < DW_LEDGER_N_FILES && result == DW_OK; i++)
    {
      struct stat status;

      if (lstat (file->paths[i], &status) != 0)
        return fail_errno (error, file->paths[i], "cannot look at the ledger");
      result = check_file (file->paths[i], &status, error);
      file->devices[i] = status.st_dev;
      file->inodes[i] = status.st_ino;
    }
  return result;
}

DwStatus
dw_ledger_file_verify (const DwLedgerFile *file, DwError *error)
{
  DwStatus result = DW_OK;

  for (int i = 0; i < DW_LEDGER_N_FILES && result == DW_OK; i++)
    result = verify_file (file, i, error);
  return result;
}
