/* A ring of numbered records on the second partition. Record n lies in block n % blocks. The counter moves only after
 * the disk has acknowledged the record (O_DIRECT, O_DSYNC), so whatever copy of the disk a later boot finds, the
 * newest record in it tells whether something acknowledged was lost, and a hole tells that writes were reordered.
 * The offline reader is src/guest/ring.ts; keep both alike. */
#define _GNU_SOURCE
#include "guest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK 4096
#define BLOCKS 1024
#define CHUNK 256

struct record {
  char magic[8];
  uint64_t number;
  uint32_t boot, blocks;
  uint64_t uptime_us;
  uint8_t fill[BLOCK - 36];
  uint32_t sum; /* of everything before it */
};
_Static_assert(sizeof(struct record) == BLOCK, "a record fills a block");

static uint32_t sum_of(const struct record *r) {
  uint32_t hash = 2166136261u;
  for (const uint8_t *p = (const uint8_t *)r; p < (const uint8_t *)&r->sum; p++) hash = (hash ^ *p) * 16777619u;
  return hash;
}

static int is_record(const struct record *r) { return memcmp(r->magic, "DROVERRC", 8) == 0; }

static off_t place_of(uint64_t number) { return (off_t)(number % BLOCKS) * BLOCK; }

/* Finds the newest record and counts what is wrong with the ones before it. */
static void scan(int disk, struct record *buffer) {
  static uint64_t numbers[BLOCKS];
  uint64_t newest = 0, bad = 0, holes = 0;
  for (int first = 0; first < BLOCKS; first += CHUNK) {
    if (pread(disk, buffer, CHUNK * BLOCK, (off_t)first * BLOCK) != CHUNK * BLOCK) {
      say("DISK cannot read block %d: %s", first, strerror(errno));
      bad++;
      continue;
    }
    for (int i = 0; i < CHUNK; i++) {
      const struct record *r = &buffer[i];
      if (!is_record(r)) continue;
      if (r->sum != sum_of(r) || r->number % BLOCKS != (uint64_t)(first + i)) {
        say("DISK bad record in block %d", first + i);
        bad++;
        continue;
      }
      numbers[first + i] = r->number;
      if (r->number > newest) newest = r->number;
    }
  }
  uint64_t oldest = newest >= BLOCKS ? newest - BLOCKS + 1 : 1;
  for (uint64_t n = oldest; n <= newest; n++)
    if (numbers[n % BLOCKS] != n) holes++;
  guest.disk_counter = newest;
  guest.disk_errors = bad + holes;
  say("DISK counter=%llu bad=%llu holes=%llu", (unsigned long long)newest, (unsigned long long)bad, (unsigned long long)holes);
}

static int write_record(int disk, struct record *r, uint64_t number) {
  memset(r, 0, sizeof *r);
  memcpy(r->magic, "DROVERRC", 8);
  r->number = number;
  r->boot = guest.boot;
  r->blocks = BLOCKS;
  r->uptime_us = now_us();
  memset(r->fill, (int)number, sizeof r->fill);
  r->sum = sum_of(r);
  return pwrite(disk, r, BLOCK, place_of(number)) == BLOCK;
}

static int reads_back(int disk, struct record *r, uint64_t number) {
  return pread(disk, r, BLOCK, place_of(number)) == BLOCK && is_record(r) && r->number == number && r->sum == sum_of(r);
}

void *disk_thread(void *unused) {
  (void)unused;
  int disk = open("/dev/vda2", O_RDWR | O_DIRECT | O_DSYNC);
  if (disk < 0) {
    say("DISK none: %s", strerror(errno));
    return 0;
  }
  struct record *buffer = mmap(0, CHUNK * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  scan(disk, buffer);
  for (uint64_t previous = 0;;) {
    if (guest.hung || !guest.disk_interval_ms) {
      usleep(50000);
      continue;
    }
    uint64_t number = guest.disk_counter + 1, started = now_us();
    if (!write_record(disk, buffer, number)) {
      guest.disk_errors++;
      say("DISK cannot write record %llu: %s", (unsigned long long)number, strerror(errno));
      usleep(500000);
      continue;
    }
    guest.disk_counter = number;
    if (previous && !reads_back(disk, buffer, previous)) {
      guest.disk_errors++;
      say("DISK record %llu does not read back", (unsigned long long)previous);
    }
    previous = number;
    int64_t left_us = guest.disk_interval_ms * 1000ll - (int64_t)(now_us() - started);
    if (left_us > 0) usleep(left_us);
  }
}
