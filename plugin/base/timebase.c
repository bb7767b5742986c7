/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks, and times as people write them. */
#include "timebase.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
clock_ns (clockid_t clock)
{
  struct timespec now;

  if (clock_gettime (clock, &now) != 0)
    return 0;
  return (int64_t)now.tv_sec * DW_SECOND_NS + now.tv_nsec;
}

int64_t
dw_time_boot_ns (void)
{
  return clock_ns (CLOCK_BOOTTIME);
}

int64_t
dw_time_utc_ns (void)
{
  return clock_ns (CLOCK_REALTIME);
}

/* Days from 1970-01-01 of a civil date, and back: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". Own code, because the C
 * library's timegm () is no part of C11 and normalises impossible dates. */
static int64_t
days_from_civil (int64_t year, int month, int day)
{
  int64_t era, year_of_era, day_of_year;

  year -= month <= 2;
  era = (year >= 0 ? year : year - 399) / 400;
  year_of_era = year - era * 400;
  day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
         + day_of_year - 719468;
}

static void
civil_from_days (int64_t days, int *year, int *month, int *day)
{
  int64_t era, day_of_era, year_of_era, day_of_year, shifted;

  days += 719468;
  era = (days >= 0 ? days : days - 146096) / 146097;
  day_of_era = days - era * 146097;
  year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                 - day_of_era / 146096)
                / 365;
  day_of_year
      = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  shifted = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
  *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

char *
dw_time_format (int64_t utc_ns, char out[DW_TIME_TEXT])
{
  int64_t seconds = utc_ns / DW_SECOND_NS;
  int64_t rest = utc_ns % DW_SECOND_NS;
  int64_t days, second_of_day;
  int year, month, day;

  if (rest < 0)
    {
      rest += DW_SECOND_NS;
      seconds--;
    }
  days = seconds / 86400;
  second_of_day = seconds % 86400;
  if (second_of_day < 0)
    {
      second_of_day += 86400;
      days--;
    }
  civil_from_days (days, &year, &month, &day);
  snprintf (out, DW_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year,
            month, day, (int)(second_of_day / 3600),
            (int)(second_of_day / 60 % 60), (int)(second_of_day % 60),
            (int)(rest / DW_MILLISECOND_NS));
  return out;
}

/* Exactly `n` digits; moves `text` on. */
static bool
read_digits (const char **text, int n, int *out)
{
  *out = 0;
  for (int i = 0; i < n; i++)
    {
      if (!isdigit ((unsigned char)**text))
        return false;
      *out = *out * 10 + (**text - '0');
      (*text)++;
    }
  return true;
}

static bool
read_char (const char **text, char wanted)
{
  if (**text != wanted)
    return false;
  (*text)++;
  return true;
}

static bool
read_fraction (const char **text, int64_t *out_ns)
{
  int64_t unit = DW_SECOND_NS / 10;

  *out_ns = 0;
  if (!read_char (text, '.'))
    return true;
  if (!isdigit ((unsigned char)**text))
    return false;
  for (; isdigit ((unsigned char)**text); (*text)++)
    {
      *out_ns += unit * (**text - '0');
      unit /= 10;
    }
  return true;
}

static bool
read_zone (const char **text, int64_t *out_seconds)
{
  int sign = **text == '-' ? -1 : 1;
  int hours, minutes;

  *out_seconds = 0;
  if (read_char (text, 'Z'))
    return true;
  if (!read_char (text, '+') && !read_char (text, '-'))
    return false;
  if (!read_digits (text, 2, &hours) || !read_char (text, ':')
      || !read_digits (text, 2, &minutes) || hours > 14 || minutes > 59)
    return false;
  *out_seconds = (int64_t)sign * (hours * 3600 + minutes * 60);
  return true;
}

static bool
date_exists (int year, int month, int day)
{
  static const int lengths[]
      = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

  return year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1
         && day <= lengths[month - 1] + (month == 2 && is_leap);
}

static bool
read_absolute (const char *text, int64_t *out_ns)
{
  int year, month, day, hour, minute, second = 0;
  int64_t fraction = 0, zone;

  if (!read_digits (&text, 4, &year) || !read_char (&text, '-')
      || !read_digits (&text, 2, &month) || !read_char (&text, '-')
      || !read_digits (&text, 2, &day))
    return false;
  if (!read_char (&text, 'T') && !read_char (&text, ' '))
    return false;
  if (!read_digits (&text, 2, &hour) || !read_char (&text, ':')
      || !read_digits (&text, 2, &minute))
    return false;
  if (read_char (&text, ':')
      && (!read_digits (&text, 2, &second)
          || !read_fraction (&text, &fraction)))
    return false;
  if (!read_zone (&text, &zone) || *text != '\0')
    return false;
  if (!date_exists (year, month, day) || hour > 23 || minute > 59
      || second > 59)
    return false;
  *out_ns = (days_from_civil (year, month, day) * 86400 + hour * 3600
             + minute * 60 + second - zone)
                * DW_SECOND_NS
            + fraction;
  return true;
}

static bool
read_offset (const char *text, int64_t now_ns, int64_t *out_ns)
{
  static const struct
  {
    char unit;
    int64_t seconds;
  } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
  int sign = *text == '-' ? -1 : 1;
  int64_t count = 0;

  if (*text != '+' && *text != '-')
    return false;
  text++;
  if (!isdigit ((unsigned char)*text))
    return false;
  for (; isdigit ((unsigned char)*text); text++)
    {
      count = count * 10 + (*text - '0');
      if (count > 1000000)
        return false;
    }
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (text[0] == units[i].unit && text[1] == '\0')
      {
        int64_t seconds = count * units[i].seconds;

        if (seconds > INT64_C (200) * 366 * 86400)
          return false;
        *out_ns = now_ns + sign * seconds * DW_SECOND_NS;
        return true;
      }
  return false;
}

DwStatus
dw_time_parse (const char *text, int64_t now_ns, int64_t *out_ns)
{
  *out_ns = 0;
  if (text == NULL)
    return DW_ERROR_INVALID;
  if (strcmp (text, "now") == 0)
    *out_ns = now_ns;
  else if (!read_absolute (text, out_ns) && !read_offset (text, now_ns, out_ns))
    return DW_ERROR_INVALID;
  return DW_OK;
}
