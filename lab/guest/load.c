/* Load on command: memory that is dirtied at a chosen rate and checked at every pass, and processors kept busy. */
#define _GNU_SOURCE
#include "guest.h"
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_WORDS 512
#define SLICE_MS 20

static void stamp(uint64_t *page, uint64_t pass, uint64_t index) {
  page[0] = pass;
  page[1] = pass ^ index ^ 0x5a5a5a5a;
  page[PAGE_WORDS - 1] = page[1] * 3;
}

static int stamped(const uint64_t *page, uint64_t pass, uint64_t index) {
  return page[0] == pass && page[1] == (pass ^ index ^ 0x5a5a5a5a) && page[PAGE_WORDS - 1] == page[1] * 3;
}

void *dirty_thread(void *unused) {
  (void)unused;
  uint64_t *memory = 0, pages = 0, index = 0, pass = 0;
  for (;;) {
    if (guest.hung || !guest.dirty_mib || !guest.dirty_mib_per_s) {
      usleep(50000);
      continue;
    }
    if (pages != (uint64_t)guest.dirty_mib * 256) {
      if (memory) munmap(memory, pages * 4096);
      pages = (uint64_t)guest.dirty_mib * 256;
      memory = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      index = pass = 0;
      if (memory == MAP_FAILED) {
        say("MEMORY no room for %d MiB", guest.dirty_mib);
        memory = 0;
        pages = 0;
        guest.dirty_mib = 0;
        continue;
      }
    }
    uint64_t started = now_us();
    int batch = guest.dirty_mib_per_s * 256 * SLICE_MS / 1000;
    for (int i = 0; i < (batch ? batch : 1); i++) {
      uint64_t *page = memory + index * PAGE_WORDS;
      if (pass && !stamped(page, pass, index)) {
        guest.memory_errors++;
        say("MEMORY page %llu is not as left", (unsigned long long)index);
      }
      stamp(page, pass + 1, index);
      if (++index == pages) {
        index = 0;
        guest.memory_passes = ++pass;
      }
    }
    int64_t left_us = SLICE_MS * 1000 - (int64_t)(now_us() - started);
    if (left_us > 0) usleep(left_us);
  }
}

static void *burn_thread(void *unused) {
  (void)unused;
  for (;;) {
    int percent = guest.hung ? 0 : guest.burn_percent;
    for (uint64_t until = now_us() + percent * 1000; now_us() < until;)
      for (volatile int i = 0; i < 1000; i++) {}
    if (percent < 100) usleep((100 - percent) * 1000);
  }
}

/* One thread for each processor; together they are busy burn_percent of every tenth of a second. */
void burn_start(void) {
  for (long n = sysconf(_SC_NPROCESSORS_ONLN); n > 0; n--) {
    pthread_t thread;
    pthread_create(&thread, 0, burn_thread, 0);
  }
}
