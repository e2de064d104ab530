#!/bin/bash
# PID 1 of a lab host, in new pid, mount, uts, ipc and network namespaces; SIGKILL for it is a power loss.
#   init.sh <name> <address> <host dir> <run dir> <shared dir>
# The host dir survives (etc lib log cache local agent); the run dir, its /run/libvirt, is as good as RAM.
name=$1 address=$2 dir=$3 run=$4 shared=$5
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root
read -r outer _ </proc/self/stat # /proc still is the machine's: this is our pid as the outside knows it
hostname "$name"

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir /srv/shared /srv/local
mount --bind "$shared" /srv/shared
mount --bind "$dir/local" /srv/local
for what in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt; do
  mount --bind "$dir/${what%%:*}" "${what#*:}"
done
mount --bind "$dir/hosts" /etc/hosts
[ -e /etc/hostname ] && mount --bind "$dir/hostname" /etc/hostname

# /run is new, but /run/libvirt is a directory that the outside can reach too: sockets are used by path.
mount --bind "$run" /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/libvirt /run/lock
mount --move /mnt /run/libvirt

# A /dev without kvm: a node that is there and does not work makes libvirt probe QEMU at every look-up.
mount -t tmpfs -o mode=755,dev,suid tmpfs /mnt
mkdir /mnt/pts /mnt/net /mnt/shm
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "/mnt/${node%:*}" c 1 "${node#*:}"; done
mknod -m 666 /mnt/tty c 5 0
mknod -m 666 /mnt/net/tun c 10 200
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /mnt/pts
mount -t tmpfs tmpfs /mnt/shm
ln -s pts/ptmx /mnt/ptmx
ln -s /proc/self/fd /mnt/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${n%:*}" "/mnt/${n#*:}"; done
if [ -p "$dir/watchdog/device" ]; then
  touch /mnt/watchdog
  mount --bind "$dir/watchdog/device" /mnt/watchdog
fi
mount --move /mnt /dev

mount -t proc proc /proc
mount -t sysfs sysfs /sys # this network namespace's cards; also hides cgroups, without which libvirt runs
if [ -e /dev/watchdog ]; then
  mount -t tmpfs tmpfs /sys/class/watchdog
  mkdir /sys/class/watchdog/watchdog0
  echo 10 >/sys/class/watchdog/watchdog0/timeout
fi
mkdir /run/own-kernel
"${0%/*}/own-kernel.pl" /run/own-kernel # its CPUs and memory are its own, as far as anybody in here can tell
mount --bind /run/own-kernel/stat /proc/stat
mount --bind /run/own-kernel/meminfo /proc/meminfo
echo "$outer" >/run/libvirt/lab-init.pid

ip link set lo up
for _ in $(seq 500); do [ -e /sys/class/net/mgmt0 ] && [ -e /sys/class/net/vm0 ] && break; sleep 0.02; done
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
ip address add "$address/24" dev mgmt0
ip link set mgmt0 up
ip link add br0 type bridge forward_delay 0
ip link set br0 up
ip link set vm0 master br0 up

supervise() { # runs it again half a second after it ends
  while :; do
    "$@"
    echo "$(date +%T) $1 ended with $?"
    sleep 0.5
  done
}
agent() { # what lies in the slot, if anything; the slot appears and goes while the host runs
  [ -x "$dir/agent.slot" ] || return 0
  "$dir/agent.slot" >>"$dir/agent.log" 2>&1 &
  echo $! >/run/libvirt/lab-agent.pid # as known in here
  wait $!
  echo "$(date +%T) agent ended with $?"
}
supervise /usr/sbin/libvirtd --listen &
while :; do agent; sleep 0.5; done &

trap 'kill -TERM $(jobs -p) 2>/dev/null; exit 0' TERM # the power button
while :; do wait -n 2>/dev/null || sleep 1; done
