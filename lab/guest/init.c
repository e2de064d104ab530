/* PID 1: mounts, loads the few modules, starts the threads, and counts. */
#define _GNU_SOURCE
#include "guest.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct guest guest = {.disk_interval_ms = 200};
static int serial = 1, screen = -1;

uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

void say(const char *format, ...) {
  char line[600];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line - 1, format, args);
  va_end(args);
  if (n > (int)sizeof line - 2) n = sizeof line - 2;
  line[n++] = '\n';
  if (write(serial, line, n) < 0) return;
}

int read_text(const char *path, char *text, size_t size) {
  int f = open(path, O_RDONLY);
  if (f < 0) return -1;
  ssize_t n = read(f, text, size - 1);
  close(f);
  if (n < 0) n = 0;
  while (n > 0 && text[n - 1] == '\n') n--;
  text[n] = 0;
  return n;
}

int status_line(char *line, size_t size) {
  struct sysinfo memory;
  sysinfo(&memory);
  return snprintf(line, size,
    "uuid=%s boot=%08x tick=%llu up_ms=%llu disk=%llu disk_errors=%llu passes=%llu memory_errors=%llu memory=%llu cpus=%ld",
    guest.uuid, guest.boot, (unsigned long long)guest.tick, (unsigned long long)now_us() / 1000,
    (unsigned long long)guest.disk_counter, (unsigned long long)guest.disk_errors,
    (unsigned long long)guest.memory_passes, (unsigned long long)guest.memory_errors,
    (unsigned long long)memory.totalram * memory.mem_unit, sysconf(_SC_NPROCESSORS_ONLN));
}

void power_down(int how) {
  guest.hung = 1; /* no tick, record or answer after this */
  usleep(150000);
  say("DOWN %s", how == RB_AUTOBOOT ? "reboot" : "power off");
  sync();
  reboot(how);
}

void obey(const char *command) {
  int a, b;
  if (sscanf(command, "dirty %d %d", &a, &b) == 2) guest.dirty_mib = a, guest.dirty_mib_per_s = b;
  else if (sscanf(command, "burn %d", &a) == 1) guest.burn_percent = a < 0 ? 0 : a > 100 ? 100 : a;
  else if (sscanf(command, "disk %d", &a) == 1) guest.disk_interval_ms = a;
  else if (sscanf(command, "deaf %d", &a) == 1) guest.deaf = a;
  else if (!strncmp(command, "poweroff", 8)) power_down(RB_POWER_OFF);
  else if (!strncmp(command, "reboot", 6)) power_down(RB_AUTOBOOT);
  else if (!strncmp(command, "hang", 4)) guest.hung = 1;
  else if (!strncmp(command, "crash", 5)) {
    int f = open("/proc/sysrq-trigger", O_WRONLY);
    if (write(f, "c", 1) < 0) say("CRASH: %s", strerror(errno));
  }
}

static void *button_thread(void *unused) {
  (void)unused;
  struct pollfd events[8];
  int n = 0;
  for (int i = 0; i < 8; i++) {
    char path[32];
    snprintf(path, sizeof path, "/dev/input/event%d", i);
    int f = open(path, O_RDONLY);
    if (f >= 0) events[n++] = (struct pollfd){.fd = f, .events = POLLIN};
  }
  for (;;) {
    poll(events, n, -1);
    for (int i = 0; i < n; i++) {
      struct input_event event;
      if (!events[i].revents || read(events[i].fd, &event, sizeof event) != sizeof event) continue;
      if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1 && !guest.deaf && !guest.hung)
        power_down(RB_POWER_OFF);
    }
  }
}

static void *console_thread(void *unused) {
  (void)unused;
  for (;;) {
    char command[256];
    ssize_t n = read(serial, command, sizeof command - 1);
    if (n <= 0) {
      usleep(200000);
      continue;
    }
    command[n] = 0;
    obey(command);
  }
}

static void load_module(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/modules/%s.ko", name);
  int f = open(path, O_RDONLY);
  if (f < 0) return;
  if (syscall(SYS_finit_module, f, "", 0) && errno != EEXIST) say("MODULE %s: %s", name, strerror(errno));
  close(f);
}

static void load_modules(void) {
  /* The build writes them in the order in which they need each other. */
  char list[1024];
  if (read_text("/modules/order", list, sizeof list) < 0) return;
  for (char *name = strtok(list, "\n"); name; name = strtok(0, "\n")) load_module(name);
}

static void mounts(void) {
  const char *what[][2] = {{"/proc", "proc"}, {"/sys", "sysfs"}, {"/dev", "devtmpfs"}};
  for (int i = 0; i < 3; i++) {
    mkdir(what[i][0], 0755);
    mount(what[i][1], what[i][0], what[i][1], 0, 0);
  }
}

static void consoles(void) {
  serial = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
  if (serial < 0) serial = open("/dev/console", O_RDWR);
  for (int f = 0; f < 3; f++) dup2(serial, f);
  struct termios t;
  if (!tcgetattr(serial, &t)) {
    t.c_lflag &= ~ECHO;
    tcsetattr(serial, TCSANOW, &t);
  }
  screen = open("/dev/tty1", O_WRONLY | O_NOCTTY);
}

static void show(void) {
  char line[512], text[1024];
  status_line(line, sizeof line);
  say("TICK %s", line);
  if (screen < 0) return;
  int n = snprintf(text, sizeof text,
    "\033[2J\033[H\033[1;37m  Lab guest %s\033[0m\n\n  address       %s\n  boot          %08x\n"
    "  tick          %llu\n  disk counter  %llu, %llu errors\n  memory        %llu passes, %llu errors\n",
    guest.uuid, guest.address, guest.boot, (unsigned long long)guest.tick, (unsigned long long)guest.disk_counter,
    (unsigned long long)guest.disk_errors, (unsigned long long)guest.memory_passes, (unsigned long long)guest.memory_errors);
  if (write(screen, text, n) < 0) screen = -1;
}

int main(void) {
  mounts();
  consoles();
  uint64_t entered = now_us();
  getrandom(&guest.boot, sizeof guest.boot, GRND_INSECURE);
  guest.boot ^= (uint32_t)time(0) * 2654435761u;
  read_text("/sys/class/dmi/id/product_uuid", guest.uuid, sizeof guest.uuid);
  load_modules();
  network_up();
  say("BOOT uuid=%s boot=%08x address=%s kernel_ms=%llu ready_ms=%llu", guest.uuid, guest.boot, guest.address,
      (unsigned long long)entered / 1000, (unsigned long long)now_us() / 1000);
  void *(*threads[])(void *) = {disk_thread, dirty_thread, network_thread, button_thread, console_thread};
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    pthread_create(&thread, 0, threads[i], 0);
  }
  burn_start();
  for (uint64_t next = now_us();;) {
    next += TICK_MS * 1000;
    int64_t left_us = (int64_t)(next - now_us());
    if (left_us > 0) usleep(left_us);
    else if (left_us < -5000000) next = now_us(); /* stopped for long: no burst of ticks afterwards */
    if (guest.hung) continue;
    if (++guest.tick % (1000 / TICK_MS) == 0) show();
    while (waitpid(-1, 0, WNOHANG) > 0) {}
  }
}
