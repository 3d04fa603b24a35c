# shellcheck shell=bash disable=SC2034
# What the commands of ./smarter share: places, messages, the invoking user, ports, processes. Sourced, never run.

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DEV=$ROOT/deploy/dev
EX_USAGE=64 # of sysexits.h
EX_UNAVAILABLE=69
TENANTS=(nc ca vt)
SERVERS=(postgres rabbitmq epmd memcached mail)
PROCESSES=(loader migrator web workers hpz)
FULL_SERVERS=(sshd) # of ./smarter up --full, beside those above
FULL_PROCESSES=(watcher grabber)
PG_BIN=/usr/lib/postgresql/15/bin

export NUGET_CERT_REVOCATION_MODE=offline DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1 LC_ALL=C.UTF-8
umask 022
CALLER_DIR=${SMARTER_CALLER_DIR:-$PWD} # relative paths in arguments are meant from here
unset SMARTER_CALLER_DIR
cd "$ROOT" || exit

# --- Messages ---------------------------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
step() { printf '• %s\n' "$*"; }
warn() { printf 'smarter: %s\n' "$*" >&2; }

# die MESSAGE [EXIT-CODE]
die() {
  warn "$1"
  exit "${2:-1}"
}

# usage_error MESSAGE: what was typed cannot be understood.
usage_error() { die "$1 \"./smarter $(basename "$0") --help\" shows the form." "$EX_USAGE"; }

# not_yet WHAT ISSUE
not_yet() { die "$1: not yet. It comes with issue $2." "$EX_UNAVAILABLE"; }

# seconds SINCE: whole seconds since an earlier value of $EPOCHREALTIME.
seconds() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f", b - a }'; }

# progress TEXT: one line that is written over on a terminal. In a log, where lines cannot be written over, a line
# appears only when the text differs from the last one and at least ten seconds have passed.
PROGRESS_LAST='' PROGRESS_AT=0
progress() {
  if [[ -t 1 ]]; then
    printf '\r\e[K  %.77s' "$1"
  elif [[ $1 != "$PROGRESS_LAST" ]] && ((SECONDS - PROGRESS_AT >= 10)); then
    printf '  %s\n' "$1"
    PROGRESS_LAST=$1 PROGRESS_AT=$SECONDS
  fi
}
progress_end() { if [[ -t 1 ]]; then printf '\r\e[K'; fi; }

# absolute PATH: seen from the caller's folder; it need not exist.
absolute() { (cd "$CALLER_DIR" && realpath -m -- "$1"); }

# --- The invoking user ------------------------------------------------------------------------------------------------

# need_root ARGS…: runs this command again under sudo when it was started without the rights it needs.
need_root() {
  ((EUID != 0)) || return 0
  command -v sudo >/dev/null || die "this needs root to run PostgreSQL and RabbitMQ as their own users. Run it as root."
  SMARTER_CALLER_DIR=$CALLER_DIR exec sudo \
    --preserve-env=SMARTER_CALLER_DIR,SMARTER_LANDING_DATA,SMARTER_SOAK,CI "$DEV/$(basename "$0")" "$@"
}

OWNER_UID=${SUDO_UID:-$EUID}
OWNER_GID=${SUDO_GID:-$(id -g)}

# as_owner COMMAND…: runs it as the user who called, so that the clone keeps no file of root's.
as_owner() {
  if [[ $OWNER_UID == "$EUID" ]]; then
    "$@"
  else
    local home
    home=$(getent passwd "$OWNER_UID" | cut -d: -f6)
    setpriv --reuid="$OWNER_UID" --regid="$OWNER_GID" --init-groups env HOME="$home" USER="$SUDO_USER" "$@"
  fi
}

# owned_dir MODE DIR…: the folders exist and belong to the invoking user.
owned_dir() { install -d -m "$1" -o "$OWNER_UID" -g "$OWNER_GID" "${@:2}"; }

# owned_file MODE FILE: writes standard input to FILE in one step, readable as MODE says from the first byte on.
owned_file() {
  (umask 077 && cat >"$2.new")
  chown "$OWNER_UID:$OWNER_GID" "$2.new"
  chmod "$1" "$2.new"
  mv "$2.new" "$2"
}

# --- Places -----------------------------------------------------------------------------------------------------------

# use_stack NAME: "demo" is the stack of up and demo; "test" a second one, so that tests never disturb the first.
use_stack() {
  local hash
  STACK=$1
  hash=$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)
  RUN=$ROOT/.run
  VAR=/var/lib/smarter-$(basename "$ROOT" | tr -cd 'A-Za-z0-9-' | cut -c1-20)-$hash
  if [[ $STACK == test ]]; then
    RUN=$RUN/test
    VAR=$VAR-test
  fi
  KEYS=$VAR/keys
  ZONES=$RUN/zones/landing
  CHECKS=$RUN/zones/checks
  export PGPASSFILE=$RUN/secrets/pgpass
  # shellcheck source=deploy/dev/landing.sh
  . "$DEV/landing.sh"
  if is_full; then add_full; fi
  # shellcheck source=/dev/null
  if [[ -f $RUN/ports ]]; then . "$RUN/ports"; fi
}

# is_full: whether the stack was started with --full, until it is stopped.
is_full() { [[ $STACK == demo && -f $RUN/full ]]; }

# add_full: from here on the servers and programs of the full stack belong to it.
add_full() {
  if [[ " ${PROCESSES[*]} " == *" ${FULL_PROCESSES[0]} "* ]]; then return; fi
  SERVERS+=("${FULL_SERVERS[@]}")
  PROCESSES+=("${FULL_PROCESSES[@]}")
}

# make_places: the folders of the stack. Data of other users' servers and the keys lie below /var/lib (the clone may be
# where other users cannot enter, and an agent's socket needs a short path); .run holds links to them.
make_places() {
  owned_dir 755 "$ROOT/.run" "$RUN"
  owned_dir 700 "$RUN"/{secrets,config,zones}
  owned_dir 755 "$RUN"/{pid,log}
  owned_dir 750 "$ZONES" "$CHECKS"
  install -d -m 755 "$VAR"
  install -d -m 700 -o postgres -g postgres "$VAR/postgres"
  install -d -m 700 -o rabbitmq -g rabbitmq "$VAR/rabbitmq"
  ln -sfn "$VAR" "$RUN/var"
}

# hold_lock NAME ARGS…: runs this command again with ARGS, holding the lock called NAME; at most one at a time in this
# clone. The lock lies on a script of the repository, which is there also while .run is made or removed; flock -o keeps
# it from servers that are started meanwhile.
hold_lock() {
  local name=$1 mark=SMARTER_HOLDS_${1^^}
  shift
  if [[ -n ${!mark:-} ]]; then return; fi
  flock -n "$DEV/$name" true || say "  waiting: another ./smarter of this clone is at work"
  exec env "$mark=1" SMARTER_CALLER_DIR="$CALLER_DIR" flock -o "$DEV/$name" "$DEV/$(basename "$0")" "$@"
}

# --- Secrets ----------------------------------------------------------------------------------------------------------

# secret NAME: prints the random password of this name, made on first use.
secret() {
  local file=$RUN/secrets/$1
  [[ -s $file ]] || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | owned_file 600 "$file"
  cat "$file"
}

# --- Ports ------------------------------------------------------------------------------------------------------------

PORT_NAMES=(POSTGRES RABBITMQ RABBITMQ_API RABBITMQ_DIST EPMD MEMCACHED LOADER MIGRATOR WEB WORKERS HPZ MAIL
  SSHD WATCHER GRABBER)
PORT_BLOCK=20

# choose_ports: a block of ports of this clone's own, below those that the system hands out (32768), kept in .run/ports.
choose_ports() {
  local attempt first port name busy
  if [[ -s $RUN/ports ]]; then
    add_ports
    return
  fi
  busy=$(ss -ltnH | awk '{ sub(/.*:/, "", $4); print $4 }'
    cat /var/lib/smarter-*/ports 2>/dev/null | cut -d= -f2 || true)
  first=$((0x$(printf '%s' "$RUN" | sha256sum | cut -c1-6)))
  for attempt in {0..599}; do
    port=$((20000 + (first + attempt) % 600 * PORT_BLOCK))
    if ! awk -v low="$port" -v n="$PORT_BLOCK" '$1 >= low && $1 < low + n { found = 1 } END { exit !found }' <<<"$busy"; then
      break
    fi
  done
  for name in "${PORT_NAMES[@]}"; do
    printf 'PORT_%s=%d\n' "$name" "$((port++))"
  done | tee "$VAR/ports" | owned_file 644 "$RUN/ports"
  # shellcheck source=/dev/null
  . "$RUN/ports"
}

# add_ports: a name that came after .run/ports was written takes the next port of the block.
add_ports() {
  local name port
  port=$(cut -d= -f2 "$RUN/ports" | sort -n | tail -n 1)
  for name in "${PORT_NAMES[@]}"; do
    if [[ -z $(port_of "$name") ]]; then printf 'PORT_%s=%d\n' "$name" "$((++port))"; fi
  done | tee -a "$VAR/ports" >>"$RUN/ports"
  # shellcheck source=/dev/null
  . "$RUN/ports"
}

# port_of NAME: the port of a process or server.
port_of() {
  local variable=PORT_${1^^}
  printf '%s' "${!variable:-}"
}

# --- Processes --------------------------------------------------------------------------------------------------------

# fingerprint PID: what tells this process from a later one with the same number: boot and start time.
fingerprint() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086 # the fields of stat are to be split
  set -- $stat
  [[ $1 != Z ]] || return 1
  printf '%s %s' "$(</proc/sys/kernel/random/boot_id)" "${20}"
}

# remember NAME PID: keeps the pid and its fingerprint; fails when the process has already ended.
remember() {
  local print
  print=$(fingerprint "$2") || return 1
  printf '%s %s\n' "$2" "$print" | owned_file 644 "$RUN/pid/$1"
}

# pid_of NAME: the pid of a process that we started and that still runs; fails when there is none.
pid_of() {
  local pid print
  [[ -s $RUN/pid/$1 ]] || return 1
  read -r pid print <"$RUN/pid/$1"
  [[ $(fingerprint "$pid") == "$print" ]] && printf '%s' "$pid"
}

# start NAME COMMAND…: runs a server in a session of its own, its output at the end of .run/log/NAME.log.
start() {
  local name=$1 log=$RUN/log/$1.log
  shift
  if [[ -f $log && $(stat -c %s "$log") -gt 50000000 ]]; then mv "$log" "$log.1"; fi
  touch "$log"
  chown "$OWNER_UID:$OWNER_GID" "$log"
  printf '\n=== started %(%F %T)T ===\n' -1 >>"$log"
  setsid "$@" </dev/null >>"$log" 2>&1 &
  remember "$name" $! || return 1
  disown $!
}

# stop NAME [SIGNAL [SECONDS]]: asks the process to end and waits; after SECONDS (default 15) it is killed.
stop() {
  local pid deadline=$((SECONDS + ${3:-15}))
  if pid=$(pid_of "$1"); then
    kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
    while pid_of "$1" >/dev/null; do
      if ((SECONDS >= deadline)); then
        warn "$1 (pid $pid) did not end; killing it"
        kill -KILL "$pid" 2>/dev/null || true
        sleep 0.2
        break
      fi
      sleep 0.1
    done
  fi
  rm -f "$RUN/pid/$1"
}

# await NAME SECONDS COMMAND…: until COMMAND succeeds. Ends with the log's last lines when NAME ends or time is up.
await() {
  local name=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! pid_of "$name" >/dev/null; then
      tail -n 12 "$RUN/log/$name.log" | cut -c1-160 >&2 || true
      die "$name ended at its start. Its log: ./smarter logs $name"
    fi
    if ((SECONDS >= deadline)); then
      tail -n 12 "$RUN/log/$name.log" | cut -c1-160 >&2 || true
      die "$name is not ready in time. Its log: ./smarter logs $name"
    fi
    sleep 0.1
  done
}

# is_ready PORT: whether the process on this port answers /readyz with 200.
is_ready() { curl -sf -m 3 -o /dev/null "http://127.0.0.1:$1/readyz"; }

# check_port_free NAME: ends when another program took the port since it was chosen.
check_port_free() {
  local port
  port=$(port_of "$1")
  if [[ -n $(ss -ltnH "sport = :$port") ]]; then
    ss -ltnpH "sport = :$port" | cut -c1-160 >&2
    die "port $port, which $1 needs, is taken. End that program, or \"./smarter down --purge\" and start again."
  fi
}

# --- Databases --------------------------------------------------------------------------------------------------------

# db DATABASE PSQL-ARGUMENTS…: psql as the owner of everything; bare values, and the first error ends it.
db() {
  "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PORT_POSTGRES" -U smarter_owner -d "$1" "${@:2}"
}

# libpq DATABASE: its connection string in libpq's form, as the owner.
libpq() {
  printf 'host=127.0.0.1 port=%s dbname=%s user=smarter_owner password=%s' "$PORT_POSTGRES" "$1" "$(secret smarter_owner)"
}

# --- Tenants ----------------------------------------------------------------------------------------------------------

# check_tenant NAME
check_tenant() {
  [[ " ${TENANTS[*]} " == *" $1 "* ]] || usage_error "there is no tenant \"$1\"; there are ${TENANTS[*]}."
}

arrivals_of() { printf '%s/arrivals/%s/demo/file_drop' "$ZONES" "$1"; }
departures_of() { printf '%s/departures/%s/demo/reports' "$ZONES" "$1"; }
submitter_home() { printf '%s/submitters/%s' "$KEYS" "$1"; }
