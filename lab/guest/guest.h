/* The lab's guest: PID 1 of a small Linux that does nothing but tell on whoever mistreats it. */
#pragma once
#include <stdint.h>
#include <stdio.h>

#define TICK_MS 100
#define STATUS_PORT 7777

/* Shared by the threads; each field has one writer, and 64-bit stores are atomic here. */
struct guest {
  char uuid[40];
  char address[16];
  uint32_t boot;              /* random, new at every boot */
  volatile uint64_t tick;
  volatile uint64_t disk_counter, disk_errors;
  volatile uint64_t memory_passes, memory_errors;
  volatile int disk_interval_ms, dirty_mib, dirty_mib_per_s, burn_percent;
  volatile int hung;          /* answers nothing, counts nothing */
  volatile int deaf;          /* ignores the power button */
};
extern struct guest guest;

uint64_t now_us(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int status_line(char *line, size_t size);
void obey(const char *command);
void power_down(int how);
int read_text(const char *path, char *text, size_t size);

void *disk_thread(void *unused);
void *dirty_thread(void *unused);
void burn_start(void);
void network_up(void);
void *network_thread(void *unused);
