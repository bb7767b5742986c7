/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetEventProperties: the topics as a tree of XML elements, one a path
 * segment, each leaf with what its messages hold. */
#include "server-call.h"

#include <stdlib.h>
#include <string.h>

#define T(text) dw_server_text (text)
#define CONCRETE_SET                                                           \
  "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
#define CONCRETE "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
#define ITEM_FILTER                                                            \
  "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
#define TOPIC_SET_SIZE 65536

typedef struct
{
  char *text;
  size_t size, room;
  bool is_cut;
} Writer;

static void
put (Writer *writer, const char *text, size_t size)
{
  if (size >= writer->room - writer->size)
    {
      writer->is_cut = true;
      return;
    }
  memcpy (writer->text + writer->size, text, size);
  writer->size += size;
  writer->text[writer->size] = 0;
}

static void
put_text (Writer *writer, const char *text)
{
  put (writer, text, strlen (text));
}

/* As an attribute's value. */
static void
put_value (Writer *writer, const char *text)
{
  for (; *text; text++)
    if (*text == '&')
      put_text (writer, "&amp;");
    else if (*text == '<')
      put_text (writer, "&lt;");
    else if (*text == '"')
      put_text (writer, "&quot;");
    else
      put (writer, text, 1);
}

static const char *
type_of (const char *value)
{
  if (strcmp (value, "true") == 0 || strcmp (value, "false") == 0)
    return "xsd:boolean";
  return value[0] && value[strspn (value, "0123456789")] == 0 ? "xsd:int"
                                                              : "xsd:string";
}

static void
put_item (Writer *writer, const char *list, const char *name, const char *type)
{
  if (name[0] == 0)
    return;
  put_text (writer, "<tt:");
  put_text (writer, list);
  put_text (writer, "><tt:SimpleItemDescription Name=\"");
  put_value (writer, name);
  put_text (writer, "\" Type=\"");
  put_text (writer, type);
  put_text (writer, "\"/></tt:");
  put_text (writer, list);
  put_text (writer, ">");
}

/* How much of two paths is the same, in whole segments with their slash. */
static size_t
common_path (const char *a, const char *b)
{
  size_t same = 0;

  for (size_t i = 0;; i++)
    {
      const bool ends_a = a[i] == 0 || a[i] == '/';
      const bool ends_b = b[i] == 0 || b[i] == '/';

      if (ends_a && ends_b)
        same = a[i] && b[i] ? i + 1 : i;
      if (a[i] != b[i] || a[i] == 0)
        return same;
    }
}

/* Closes the elements of `path` from its end down to its first `keep` bytes. */
static void
close_path (Writer *writer, const char *path, size_t keep)
{
  size_t end = strlen (path);

  while (end > keep)
    {
      size_t start = end;

      while (start > keep && path[start - 1] != '/')
        start--;
      put_text (writer, "</");
      put (writer, path + start, end - start);
      put_text (writer, ">");
      end = start > keep ? start - 1 : keep;
    }
}

static void
open_path (Writer *writer, const char *path, size_t from)
{
  const char *name = path + from;

  while (*name == '/')
    name++;
  while (*name)
    {
      const size_t size = strcspn (name, "/");

      put_text (writer, "<");
      put (writer, name, size);
      put_text (writer, name[size] ? ">" : " wstop:topic=\"true\">");
      name += size + (name[size] == '/');
    }
}

/* Paths in the order of a tree: a parent before its children. */
static int
compare_topics (const void *a, const void *b)
{
  const char *x = ((const DwHubMessage *)a)->topic;
  const char *y = ((const DwHubMessage *)b)->topic;

  while (*x && *x == *y)
    {
      x++;
      y++;
    }
  return (*x == '/' ? 1 : (unsigned char)*x)
         - (*y == '/' ? 1 : (unsigned char)*y);
}

static void
write_topics (Writer *writer, DwHubMessage *topics, size_t n_topics)
{
  const char *open = "";

  qsort (topics, n_topics, sizeof *topics, compare_topics);
  for (size_t i = 0; i < n_topics; i++)
    {
      const DwHubMessage *topic = &topics[i];
      const size_t same = common_path (open, topic->topic);

      close_path (writer, open, same);
      open_path (writer, topic->topic, same);
      put_text (writer, "<tt:MessageDescription IsProperty=\"");
      put_text (writer, topic->operation == DW_HUB_PULSE ? "false" : "true");
      put_text (writer, "\">");
      put_item (writer, "Source", topic->source_name, "tt:ReferenceToken");
      put_item (writer, "Data", topic->data_name, type_of (topic->data_value));
      put_text (writer, "</tt:MessageDescription>");
      open = topic->topic;
    }
  close_path (writer, open, 0);
}

bool
dw_server_get_event_properties (DwServerCall *call)
{
  DwHubMessage topics[DW_HUB_PROPERTIES];
  const size_t n_topics
      = dw_hub_topics (call->state->hub, topics, DW_HUB_PROPERTIES);
  Writer writer = { .text = malloc (TOPIC_SET_SIZE), .room = TOPIC_SET_SIZE };
  char *locations[]
      = { T ("http://www.onvif.org/onvif/ver10/topics/topicns.xml") };
  char *schemas[] = { T ("http://www.onvif.org/onvif/ver10/schema/onvif.xsd") };
  char *dialects[] = { T (CONCRETE), T (CONCRETE_SET) };
  char *filters[] = { T (ITEM_FILTER) };
  struct wstop__TopicSetType set = { .__size = 1, .__any = &writer.text };
  struct _tev__GetEventPropertiesResponse response
      = { .__sizeTopicNamespaceLocation = 1,
          .TopicNamespaceLocation = locations,
          .wsnt__FixedTopicSet = T ("true"),
          .wstop__TopicSet = &set,
          .__sizeTopicExpressionDialect = 2,
          .wsnt__TopicExpressionDialect = dialects,
          .__sizeMessageContentFilterDialect = 1,
          .MessageContentFilterDialect = filters,
          .__sizeMessageContentSchemaLocation = 1,
          .MessageContentSchemaLocation = schemas };
  bool is_answered;

  if (writer.text == NULL)
    return false;
  writer.text[0] = 0;
  write_topics (&writer, topics, n_topics);
  is_answered = !writer.is_cut && dw_server_reply (call, &response);
  free (writer.text);
  return is_answered;
}
