# shellcheck shell=bash
# PostgreSQL, RabbitMQ, memcached and a mail server of one stack: private instances on 127.0.0.1, run as Debian's users for them.
# Sourced, never run. Each start does nothing when the server runs, and picks up after a kill -9 or a reboot.

# as USER COMMAND…: in a folder that the user may enter, with nothing of our environment but the path.
as() {
  setpriv --reuid="$1" --regid="$1" --init-groups env -i -C / PATH="$PATH" LC_ALL=C.UTF-8 "${@:2}"
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------------

start_postgres() {
  local data=$VAR/postgres/data
  if pid_of postgres >/dev/null; then return; fi
  check_port_free postgres
  if [[ ! -s $data/PG_VERSION ]]; then create_cluster "$data"; fi
  write_postgres_settings "$data"
  pgpass
  # After a kill -9 its children live on for a second or two. PostgreSQL itself tells by its pid file and shared memory
  # when they are gone, and does not start before.
  local deadline=$((SECONDS + 20))
  until launch_postgres "$data" || ((SECONDS >= deadline)); do sleep 0.5; done
  await postgres 60 db template1 -c 'SELECT 1'
}

# launch_postgres DATA: fails when it ends at once, because what is left of an earlier one still holds the data.
launch_postgres() {
  start postgres setpriv --reuid=postgres --regid=postgres --init-groups \
    env -i -C "$VAR/postgres" LC_ALL=C.UTF-8 "$PG_BIN/postgres" -D "$1"
  local patience=$((SECONDS + 60))
  until db template1 -c 'SELECT 1' >/dev/null 2>&1; do
    if ! pid_of postgres >/dev/null; then return 1; fi
    if ((SECONDS >= patience)); then return 0; fi
    sleep 0.1
  done
}

create_cluster() {
  local password=$VAR/postgres/password
  rm -rf "$1"
  secret smarter_owner | install -m 600 -o postgres -g postgres /dev/stdin "$password"
  as postgres "$PG_BIN/initdb" -D "$1" -U smarter_owner -A scram-sha-256 --pwfile="$password" \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums >>"$RUN/log/postgres.log" 2>&1 ||
    die "the PostgreSQL cluster cannot be created. See: ./smarter logs postgres"
  rm -f "$password"
  printf "include 'smarter.conf'\n" >>"$1/postgresql.conf"
}

# write_postgres_settings DATA: for 2 cores and 24 GB, less on a smaller machine. The stack for tests gives up safety
# against a power cut, which no test can cause, and keeps its disk use small.
write_postgres_settings() {
  local memory shared=1024 fsync=on wal=4GB
  memory=$(awk '/^MemTotal/ { printf "%d", $2 / 1024 }' /proc/meminfo)
  if [[ $STACK == test ]]; then shared=256 fsync=off wal=512MB; fi
  if ((shared > memory / 8)); then shared=$((memory / 8)); fi
  install -m 600 -o postgres -g postgres /dev/stdin "$1/smarter.conf" <<TEXT
# Written at every start by deploy/dev/services.sh.
listen_addresses = '127.0.0.1'
port = $PORT_POSTGRES
unix_socket_directories = '$VAR/postgres'
cluster_name = 'smarter-$STACK'
max_connections = 300
shared_buffers = ${shared}MB
effective_cache_size = $((memory / 2))MB
work_mem = 32MB
maintenance_work_mem = $((shared / 2))MB
wal_level = replica
wal_compression = lz4
min_wal_size = 128MB
max_wal_size = $wal
checkpoint_timeout = 15min
fsync = $fsync
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
TEXT
}

# pgpass: lets psql in without a password in its arguments or environment.
pgpass() {
  printf '127.0.0.1:%s:*:smarter_owner:%s\n' "$PORT_POSTGRES" "$(secret smarter_owner)" |
    owned_file 600 "$RUN/secrets/pgpass"
}

# stop_postgres: SIGINT is its "fast" shutdown: sessions are cut, transactions rolled back, data written.
stop_postgres() { stop postgres INT 60; }

# --- RabbitMQ ---------------------------------------------------------------------------------------------------------

VIRTUAL_HOSTS=(services edextract edudl edmigrate)

start_rabbitmq() {
  local dir=$VAR/rabbitmq pid_file=$VAR/rabbitmq/node.pid
  start_epmd
  if pid_of rabbitmq >/dev/null; then return; fi
  check_port_free rabbitmq
  check_port_free rabbitmq_api
  write_rabbitmq_settings "$dir"
  rm -f "$pid_file"
  start rabbitmq setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups env -i -C "$dir" \
    PATH="$PATH" LC_ALL=C.UTF-8 HOME="$dir" \
    RABBITMQ_NODENAME="smarter-$STACK@localhost" RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_GENERATED_CONFIG_DIR="$dir/generated" \
    RABBITMQ_PID_FILE="$pid_file" RABBITMQ_DIST_PORT="$PORT_RABBITMQ_DIST" \
    ERL_EPMD_PORT="$PORT_EPMD" ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
  # What was started is Debian's shell script; the process to remember and to stop is the node, its child.
  await rabbitmq 60 test -s "$pid_file"
  remember rabbitmq "$(tr -d ' \n' <"$pid_file")"
  await rabbitmq 60 rabbitmq_is_ready
}

# start_epmd: Erlang's name server, which a node would otherwise start by itself and leave behind.
start_epmd() {
  if pid_of epmd >/dev/null; then return; fi
  check_port_free epmd
  start epmd setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups env -i -C "$VAR/rabbitmq" \
    /usr/bin/epmd -address 127.0.0.1 -port "$PORT_EPMD"
}

write_rabbitmq_settings() {
  install -d -m 700 -o rabbitmq -g rabbitmq "$1"/{data,log,generated}
  if [[ ! -s $1/.erlang.cookie ]]; then
    secret erlang_cookie | install -m 400 -o rabbitmq -g rabbitmq /dev/stdin "$1/.erlang.cookie"
  fi
  printf '[rabbitmq_management].\n' | install -m 600 -o rabbitmq -g rabbitmq /dev/stdin "$1/enabled_plugins"
  secret rabbitmq >/dev/null
  jq -n --rawfile password "$RUN/secrets/rabbitmq" '
    {
      users: [{name: "smarter", password: $password, tags: "administrator"}],
      vhosts: ($ARGS.positional | map({name: .})),
      permissions: ($ARGS.positional | map({user: "smarter", vhost: ., configure: ".*", write: ".*", read: ".*"}))
    }' --args / "${VIRTUAL_HOSTS[@]}" |
    install -m 600 -o rabbitmq -g rabbitmq /dev/stdin "$1/definitions.json"
  install -m 600 -o rabbitmq -g rabbitmq /dev/stdin "$1/rabbitmq.conf" <<TEXT
# Written at every start by deploy/dev/services.sh.
listeners.tcp.1 = 127.0.0.1:$PORT_RABBITMQ
management.tcp.ip = 127.0.0.1
management.tcp.port = $PORT_RABBITMQ_API
load_definitions = $1/definitions.json
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 500MB
log.file = false
log.console = true
log.console.level = info
TEXT
}

# rabbitmq_api PATH: an answer of its management interface.
rabbitmq_api() {
  printf 'user = "smarter:%s"\n' "$(secret rabbitmq)" |
    curl -sf -m 5 -K - "http://127.0.0.1:$PORT_RABBITMQ_API/api/$1"
}

# rabbitmq_is_ready: it takes connections, and the last virtual host is there.
rabbitmq_is_ready() { rabbitmq_api "vhosts/${VIRTUAL_HOSTS[-1]}" && rabbitmq_api health/checks/port-listener/"$PORT_RABBITMQ"; }

# stop_rabbitmq: SIGTERM to the node is an orderly shutdown.
stop_rabbitmq() {
  stop rabbitmq TERM 30
  stop epmd
}

# --- memcached --------------------------------------------------------------------------------------------------------

start_memcached() {
  if pid_of memcached >/dev/null; then return; fi
  check_port_free memcached
  start memcached setpriv --reuid=memcache --regid=memcache --init-groups env -i -C / \
    /usr/bin/memcached -l 127.0.0.1 -p "$PORT_MEMCACHED" -U 0 -m 64
  await memcached 10 memcached_is_ready
}

memcached_is_ready() {
  local answer
  exec 8<>"/dev/tcp/127.0.0.1/$PORT_MEMCACHED" || return 1
  printf 'version\r\nquit\r\n' >&8
  read -r -t 2 answer <&8
  exec 8<&-
  [[ $answer == VERSION* ]]
}

# --- Mail -------------------------------------------------------------------------------------------------------------

# start_mail: a server that takes every e-mail and delivers none; each lies as a file in .run/mail/new.
start_mail() {
  if pid_of mail >/dev/null; then return; fi
  check_port_free mail
  start mail setpriv --reuid="$OWNER_UID" --regid="$OWNER_GID" --init-groups env -i -C / PATH="$PATH" LC_ALL=C.UTF-8 \
    /usr/bin/aiosmtpd -n -c aiosmtpd.handlers.Mailbox -l "127.0.0.1:$PORT_MAIL" "$RUN/mail"
  await mail 10 mail_is_ready
}

mail_is_ready() { [[ -n $(ss -ltnH "sport = :$PORT_MAIL") ]]; }
