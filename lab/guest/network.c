/* The address follows from the network card: 52:54:00:xx:yy:zz is 10.78.yy.zz, so that every VM on the lab's network
 * can be asked without anybody handing out addresses. src/guest/address.ts knows the same rule. */
#define _GNU_SOURCE
#include "guest.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_address(int s, const char *card, int request, const char *address) {
  struct ifreq r = {0};
  strncpy(r.ifr_name, card, IFNAMSIZ - 1);
  struct sockaddr_in *a = (void *)&r.ifr_addr;
  a->sin_family = AF_INET;
  inet_aton(address, &a->sin_addr);
  if (ioctl(s, request, &r)) say("NET %s: %s", address, strerror(errno));
}

static void set_up(int s, const char *card) {
  struct ifreq r = {0};
  strncpy(r.ifr_name, card, IFNAMSIZ - 1);
  ioctl(s, SIOCGIFFLAGS, &r);
  r.ifr_flags |= IFF_UP;
  if (ioctl(s, SIOCSIFFLAGS, &r)) say("NET %s: %s", card, strerror(errno));
}

void network_up(void) {
  char text[32];
  unsigned mac[6];
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  set_up(s, "lo");
  if (read_text("/sys/class/net/eth0/address", text, sizeof text) > 0 &&
      sscanf(text, "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) == 6) {
    snprintf(guest.address, sizeof guest.address, "10.78.%u.%u", mac[4] & 255, mac[5] & 255);
    set_address(s, "eth0", SIOCSIFADDR, guest.address);
    set_address(s, "eth0", SIOCSIFNETMASK, "255.255.0.0");
    set_up(s, "eth0");
  }
  close(s);
}

/* Any datagram is a command (possibly one that means nothing), and is answered with the status before obeying it. */
void *network_thread(void *unused) {
  (void)unused;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(STATUS_PORT)};
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(s, (void *)&here, sizeof here)) say("NET bind: %s", strerror(errno));
  for (;;) {
    char command[200], line[512];
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(s, command, sizeof command - 1, 0, (void *)&peer, &length);
    if (n < 0 || guest.hung) continue;
    command[n] = 0;
    int size = status_line(line, sizeof line);
    sendto(s, line, size, 0, (void *)&peer, length);
    obey(command);
  }
}
