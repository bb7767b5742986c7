/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict slot. The epoch itself is the lock's sequence: it is odd while
 * the writer writes, so a writer that dies there leaves the share closed.
 *
 * The algorithm is that of H.-J. Boehm, "Can Seqlocks Get Along With
 * Programming Language Memory Models?" (2012), with the payload stored by
 * releasing and loaded by acquiring words in place of fences: whoever sees one
 * word of a new payload also sees the odd epoch that was stored before it. */
#include "slot.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WORD sizeof (uint64_t)
#define N_WORDS (sizeof (DwTerms) / WORD)

/* Long enough for a writer that is not preempted (19 kB, about 2 us). */
#define MAX_TRIES 2000
#define MAX_COPIES 16

static_assert (sizeof (DwTerms) % WORD == 0, "the payload is whole words");
static_assert (offsetof (DwTerms, n_terms) == 0 && sizeof (size_t) <= WORD,
               "the count is in the first word");

struct DwSlot
{
  atomic_uint n_refs;
  _Atomic uint64_t epoch;
  /* BOOTTIME at which what is published stops to hold. A reader that finds it
   * passed sets it to 0, so that no renewal can bring the epoch back. */
  _Atomic int64_t deadline_ns;
  atomic_bool is_writing; /* only tells readers whether trying again may help */
  int64_t change_ns;      /* the writer's own */
  _Atomic uint64_t words[N_WORDS];
};

static size_t
words_of (size_t n_terms)
{
  return (offsetof (DwTerms, terms) + n_terms * sizeof (DwTerm) + WORD - 1)
         / WORD;
}

static int64_t
earlier (int64_t a, int64_t b)
{
  return a < b ? a : b;
}

DwSlot *
dw_slot_new (void)
{
  DwSlot *slot = calloc (1, sizeof *slot);

  if (slot == NULL)
    return NULL;
  atomic_init (&slot->n_refs, 1);
  atomic_init (&slot->epoch, 1);
  return slot;
}

DwSlot *
dw_slot_ref (DwSlot *slot)
{
  atomic_fetch_add_explicit (&slot->n_refs, 1, memory_order_relaxed);
  return slot;
}

void
dw_slot_unref (DwSlot *slot)
{
  if (slot != NULL
      && atomic_fetch_sub_explicit (&slot->n_refs, 1, memory_order_acq_rel)
             == 1)
    free (slot);
}

void
dw_slot_publish (DwSlot *slot, const DwTerms *terms, int64_t lease_until_ns,
                 int64_t change_ns)
{
  const uint64_t epoch
      = atomic_load_explicit (&slot->epoch, memory_order_relaxed) | 1;
  const size_t n_terms = terms->n_terms <= DW_MAX_TERMS ? terms->n_terms : 0;
  const size_t n_words = words_of (n_terms);

  atomic_store_explicit (&slot->is_writing, true, memory_order_relaxed);
  atomic_store_explicit (&slot->epoch, epoch, memory_order_relaxed);
  for (size_t i = 0; i < n_words; i++)
    {
      uint64_t word;

      memcpy (&word, (const char *)terms + i * WORD, WORD);
      if (i == 0)
        word = n_terms;
      atomic_store_explicit (&slot->words[i], word, memory_order_release);
    }
  slot->change_ns = change_ns;
  atomic_store_explicit (&slot->deadline_ns,
                         earlier (lease_until_ns, change_ns),
                         memory_order_release);
  atomic_store_explicit (&slot->epoch, epoch + 1, memory_order_release);
  atomic_store_explicit (&slot->is_writing, false, memory_order_release);
}

bool
dw_slot_renew (DwSlot *slot, int64_t now_ns, int64_t lease_until_ns)
{
  int64_t deadline_ns
      = atomic_load_explicit (&slot->deadline_ns, memory_order_relaxed);

  if (atomic_load_explicit (&slot->epoch, memory_order_relaxed) & 1)
    return false;
  if (now_ns <= 0 || now_ns >= deadline_ns)
    return false;
  /* Fails only where a reader has just found the lease run out. */
  return atomic_compare_exchange_strong_explicit (
      &slot->deadline_ns, &deadline_ns,
      earlier (lease_until_ns, slot->change_ns), memory_order_release,
      memory_order_relaxed);
}

void
dw_slot_close (DwSlot *slot)
{
  atomic_fetch_or_explicit (&slot->epoch, 1, memory_order_release);
}

/* The epoch in force for one consistent pair of epoch and deadline. */
static uint64_t
epoch_in_force (DwSlot *slot, int64_t now_ns)
{
  uint64_t epoch = 1;

  for (int i = 0; i < MAX_TRIES; i++)
    {
      int64_t deadline_ns;

      epoch = atomic_load_explicit (&slot->epoch, memory_order_acquire);
      if (epoch & 1)
        {
          if (!atomic_load_explicit (&slot->is_writing, memory_order_relaxed))
            break;
          continue;
        }
      deadline_ns
          = atomic_load_explicit (&slot->deadline_ns, memory_order_acquire);
      if (atomic_load_explicit (&slot->epoch, memory_order_relaxed) != epoch)
        continue;
      if (now_ns > 0 && now_ns < deadline_ns)
        return epoch;
      /* A clock that cannot be read is this reader's doubt, not the slot's. */
      if (now_ns > 0)
        atomic_compare_exchange_strong_explicit (
            &slot->deadline_ns, &deadline_ns, 0, memory_order_relaxed,
            memory_order_relaxed);
      break;
    }
  return epoch | 1;
}

/* False when the writer was met. */
static bool
copy_terms (DwSlot *slot, uint64_t epoch, DwTerms *out)
{
  uint64_t word = atomic_load_explicit (&slot->words[0], memory_order_acquire);
  size_t n_words = words_of (word <= DW_MAX_TERMS ? (size_t)word : 0);

  for (size_t i = 0; i < n_words; i++)
    {
      word = atomic_load_explicit (&slot->words[i], memory_order_acquire);
      memcpy ((char *)out + i * WORD, &word, WORD);
    }
  return atomic_load_explicit (&slot->epoch, memory_order_relaxed) == epoch;
}

uint64_t
dw_slot_epoch (DwSlot *slot, int64_t now_ns)
{
  return epoch_in_force (slot, now_ns);
}

uint64_t
dw_slot_read (DwSlot *slot, int64_t now_ns, DwSlotCopy *copy)
{
  uint64_t epoch = 1;

  for (int i = 0; i < MAX_COPIES; i++)
    {
      epoch = epoch_in_force (slot, now_ns);
      if (epoch == copy->epoch)
        return epoch;
      if (epoch & 1)
        break;
      if (copy_terms (slot, epoch, &copy->terms))
        {
          copy->epoch = epoch;
          return epoch;
        }
    }
  copy->epoch = epoch | 1;
  copy->terms.n_terms = 0;
  return copy->epoch;
}
