#!/bin/bash
# What ipmi_sim calls to look at the chassis or to do something to it:
#   chassis.sh <lab> <host> <run dir of the host> <bmc dir> get|set|check <what> [<value>] ...
lab=$1 host=$2 run=$3 dir=$4 verb=$5
shift 5
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
here=$(dirname "$(readlink -f "$0")")
echo "$(date +%T.%3N) $verb $*" >>"$dir/chassis.log"

pid_of_init() { # only if it really is this host's PID 1
  local pid
  pid=$(cat "$run/lab-init.pid" 2>/dev/null) && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF "$run" && echo "$pid"
}
cut_power() {
  local pid
  pid=$(pid_of_init) || return 0
  kill -9 "$pid"
  while [ -e "/proc/$pid" ]; do sleep 0.02; done
}
give_power() {
  cd "$here" && "${DROVER_LAB_NODE:-node}" --import tsx ../src/main.ts --lab "$lab" start "$host" --no-wait >>"$dir/chassis.log" 2>&1
}

case $verb in
  get)
    for what in "$@"; do
      case $what in
        power) pid_of_init >/dev/null && echo power:1 || echo power:0 ;;
        boot) echo boot:default ;;
        *) echo "$what:0" ;;
      esac
    done
    ;;
  set)
    [ -e "$dir/lies" ] && exit 0 # says yes and does nothing
    while [ $# -gt 0 ]; do
      case $1 in
        power) if [ "$2" = 1 ]; then give_power; else cut_power; fi ;;
        reset) cut_power; give_power ;;
        shutdown) pid=$(pid_of_init) && kill -TERM "$pid" ;;
      esac
      shift 2
    done
    echo "$(date +%T.%3N) done" >>"$dir/chassis.log"
    ;;
esac
exit 0
