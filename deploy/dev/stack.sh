# shellcheck shell=bash
# The stack as a whole: databases, roles, zones, and the five programs. Sourced, never run.

. "$DEV/services.sh"
. "$DEV/keys.sh"
. "$DEV/settings.sh"

# start_services: PostgreSQL, RabbitMQ, memcached, mail and the keys, side by side.
start_services() {
  local job jobs=()
  start_postgres &
  jobs+=($!)
  start_rabbitmq &
  jobs+=($!)
  create_keys &
  jobs+=($!)
  if [[ $STACK == demo ]]; then
    start_memcached &
    jobs+=($!)
    start_mail &
    jobs+=($!)
  fi
  for job in "${jobs[@]}"; do wait "$job" || exit 1; done
}

create_databases() {
  local name existing
  existing=$(db postgres -c 'SELECT datname FROM pg_database')
  for name in udl2 edware_stats "${TENANTS[@]/%/_production}" "${TENANTS[@]/%/_staging}"; do
    if ! grep -qx "$name" <<<"$existing"; then db postgres -c "CREATE DATABASE \"$name\""; fi
  done
}

# apply_schema: every schema script, then the right to log in for the roles that the scripts made.
apply_schema() {
  local role output
  if ! output=$(SMARTER_CONFIG=$RUN/config/schema.json program Loader schema 2>&1); then
    tail -n 5 <<<"$output" >&2
    die "the schema scripts cannot be applied."
  fi
  for role in smarter_loader smarter_migrator smarter_web smarter_extract; do
    printf "ALTER ROLE %s LOGIN PASSWORD '%s';\n" "$role" "$(secret "$role")"
  done | db postgres
}

# write_tenant_metadata: name and smallest shown group of each demo state, where there is none yet.
write_tenant_metadata() {
  local tenant
  for tenant in "${TENANTS[@]}"; do
    jq -nc --arg name "${STATE_NAMES[$tenant]}" --argjson cell "${MIN_CELL_SIZES[$tenant]}" '{
        min_cell_size: $cell,
        branding: {image: null, display: $name, higherEdLink: null},
        subjects: {Math: {colors: null}, ELA: {colors: null}}
      }' | db "${tenant}_production" -v state="${STATE_CODES[$tenant]}" -v metadata="$(cat)" -f <(
      cat <<'SQL'
INSERT INTO edware_prod.custom_metadata (state_code, asmt_custom_metadata)
VALUES (:'state', :'metadata') ON CONFLICT (state_code) DO NOTHING;
SQL
    )
  done
}

make_zones() {
  local tenant
  for tenant in "${TENANTS[@]}"; do
    owned_dir 750 "$ZONES"/{arrivals,work,history,departures} \
      "$ZONES"/{arrivals,departures}/"$tenant"{,/demo} "$ZONES"/{work,history}/"$tenant" \
      "$(arrivals_of "$tenant")" "$(departures_of "$tenant")"
  done
}

# program PROJECT ARGUMENTS…: runs a built program of ours in the foreground, as the invoking user.
program() {
  as_owner dotnet "artifacts/bin/Smarter.$1/release/Smarter.$1.dll" "${@:2}"
}

# start_process NAME: one of PROCESSES, unless it runs.
start_process() {
  local name=$1 project=Smarter.${1^} role=() launch=() groups=(--init-groups)
  if pid_of "$name" >/dev/null; then return; fi
  check_port_free "$name"
  case $name in
    watcher)
      project=Smarter.Loader role=(watch)
      # Drop folders are the group's, but a client may upload files that only their user can read.
      groups=(--groups "$(id -G "$OWNER_UID" | tr ' ' ,),$(getent group "$SFTP_GROUP" | cut -d: -f3)"
        --inh-caps=+dac_read_search,+fowner --ambient-caps=+dac_read_search,+fowner)
      ;;
    grabber) project=Smarter.Loader role=(grab) ;;
  esac
  if [[ $OWNER_UID != "$EUID" ]]; then
    launch=(setpriv --reuid="$OWNER_UID" --regid="$OWNER_GID" "${groups[@]}")
  fi
  start "$name" "${launch[@]}" env -C "$ROOT" SMARTER_CONFIG="$RUN/config/$name.json" \
    HOME="$(getent passwd "$OWNER_UID" | cut -d: -f6)" \
    DOTNET_ENVIRONMENT=Development ASPNETCORE_ENVIRONMENT=Development \
    dotnet "artifacts/bin/$project/release/$project.dll" "${role[@]}"
}

start_processes() {
  local name
  for name in "${PROCESSES[@]}"; do start_process "$name"; done
  for name in "${PROCESSES[@]}"; do await "$name" 60 is_ready "$(port_of "$name")"; done
}

# is_server_ready NAME: a service or program runs and answers.
is_server_ready() {
  pid_of "$1" >/dev/null || return 1
  case $1 in
    postgres) db template1 -c 'SELECT 1' ;;
    rabbitmq) rabbitmq_is_ready ;;
    memcached) memcached_is_ready ;;
    mail) mail_is_ready ;;
    sshd) sshd_is_ready ;;
    epmd) [[ -n $(ss -ltnH "sport = :$PORT_EPMD") ]] ;;
    *) is_ready "$(port_of "$1")" ;;
  esac >/dev/null 2>&1
}

stop_processes() {
  local name jobs=()
  for name in "${PROCESSES[@]}"; do
    stop "$name" TERM 20 &
    jobs+=($!)
  done
  wait "${jobs[@]}"
}

# stop_stack: all of it, the programs first. Each only if the pid is still the process that we started.
stop_stack() {
  local jobs=()
  stop_processes
  stop_postgres &
  jobs+=($!)
  stop_rabbitmq &
  jobs+=($!)
  stop memcached &
  jobs+=($!)
  stop mail &
  jobs+=($!)
  stop sshd &
  jobs+=($!)
  stop_agents &
  jobs+=($!)
  wait "${jobs[@]}"
  rm -f "$RUN/full"
}

# purge_stack: its data, keys, settings and SFTP users. The clone's logs of building and installing go with them.
purge_stack() {
  if [[ $STACK == demo ]]; then remove_accounts; fi
  if [[ $VAR == /var/lib/smarter-?* ]]; then rm -rf "$VAR"; fi
  rm -rf "$RUN"
}
