/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sub-commands: one file each, one row each in main.c. */
#pragma once

#include "cli.h"

int dw_command_discover (const DwCommand *command, int argc, char **argv);
int dw_command_check (const DwCommand *command, int argc, char **argv);
int dw_command_grant (const DwCommand *command, int argc, char **argv);
int dw_command_revoke (const DwCommand *command, int argc, char **argv);
int dw_command_grants (const DwCommand *command, int argc, char **argv);
int dw_command_show (const DwCommand *command, int argc, char **argv);
int dw_command_demo (const DwCommand *command, int argc, char **argv);
