# shellcheck shell=bash disable=SC2034
# The settings of each process (.run/config), the addresses for scripts (.run/env) and the demo people. Sourced.

declare -A STATE_CODES=([nc]=NC [ca]=CA [vt]=VT) STATE_NAMES=([nc]='North Carolina' [ca]=California [vt]=Vermont)
declare -A MIN_CELL_SIZES=([nc]=2 [ca]=10 [vt]=10) # the real files of nc hold few students a school

# npgsql DATABASE ROLE: its connection string in Npgsql's form.
npgsql() {
  printf 'Host=127.0.0.1;Port=%s;Database=%s;Username=%s;Password=%s' "$PORT_POSTGRES" "$1" "$2" "$(secret "$2")"
}

# tenants_of ROLE [PURPOSE…]: the section Database:Tenants with the databases that the role uses.
tenants_of() {
  local role=$1 tenant purpose
  shift
  for tenant in "${TENANTS[@]}"; do
    printf '%s\tStateCode\t%s\n' "$tenant" "${STATE_CODES[$tenant]}"
    for purpose in "$@"; do
      printf '%s\t%s\t%s\n' "$tenant" "$purpose" "$(npgsql "${tenant}_${purpose,,}" "$role")"
    done
  done | jq -Rn '[inputs / "\t"] | reduce .[] as [$tenant, $key, $value] ({}; .[$tenant][$key] = $value)'
}

# write_settings: one file per process, readable by its user only. Each process connects as its own role and is told
# only of what it uses (architecture.md §1).
write_settings() {
  local loader migrator web workers bus
  bus=$(jq -n --argjson port "$PORT_RABBITMQ" --arg password "$(secret rabbitmq)" \
    '{Bus: {Host: "127.0.0.1", Port: $port, User: "smarter", Password: $password}}')
  loader=$(database_section smarter_loader udl2 edware_stats Production Staging)
  migrator=$(database_section smarter_migrator '' edware_stats Production Staging)
  web=$(database_section smarter_web '' edware_stats Production)
  workers=$(database_section smarter_extract '' edware_stats Production)

  database_section smarter_owner udl2 edware_stats Production Staging | write_process schema ''
  jq -n --arg zone "$ZONES" --arg keys "$KEYS" --arg checks "$CHECKS" --argjson bus "$bus" --argjson database "$loader" '
    $bus + $database + {
      Zones: {Landing: $zone},
      Arrival: {ScanInterval: "00:00:01", RejectAfter: "00:01:00"},
      Gpg: {Home: $keys, PassphraseFile: ($keys + "/passphrase")},
      Checks: {Folder: $checks}
    }' | write_process loader "$PORT_LOADER"
  jq -n --argjson mail "$PORT_MAIL" --argjson bus "$bus" --argjson database "$migrator" '
    $bus + $database + {
      Migrate: {
        Conductor: {PollInterval: "00:00:01"},
        Notification: {
          PollInterval: "00:00:01", RetryInterval: "00:00:05", AllowedHosts: ["127.0.0.1", "localhost"],
          MailServer: "127.0.0.1", MailPort: $mail, MailSender: "no-reply@example.org", Tls: "None"
        }
      }
    }' | write_process migrator "$PORT_MIGRATOR"
  jq -n --arg people "$RUN/people.json" --arg zone "$ZONES" --arg checks "$CHECKS" \
    --arg cache "127.0.0.1:$PORT_MEMCACHED" --argjson bus "$bus" --argjson database "$web" '
    $bus + $database + {
      DemoSignIn: {PeopleFile: $people},
      Zones: {Landing: $zone},
      Checks: {Folder: $checks},
      Cache: {Servers: [$cache]}
    }' | write_process web "$PORT_WEB"
  jq -n --argjson bus "$bus" --argjson database "$workers" '$bus + $database' | write_process workers "$PORT_WORKERS"
  jq -n '{}' | write_process hpz "$PORT_HPZ"
  if is_full; then write_landing_settings "$loader"; fi
}

# write_landing_settings DATABASE: of the SFTP landing zone: the operators' command, the watcher, the grabber.
write_landing_settings() {
  local sftp
  sftp=$(jq -n --arg var "$VAR" --arg group "$SFTP_GROUP" --arg staging "$SFTP_STAGING" '
    {Sftp: {
      BaseDir: ($var + "/jails" + $var + "/homes"), UserHomeBaseDir: ($var + "/homes"), StagingDir: $staging,
      Group: $group, FileStatWatchInterval: "00:00:00.5", FileStatWatchPeriod: "00:00:01",
      FileSystemScanDelay: "00:00:01"
    }}')
  write_process sftp '' <<<"$sftp"
  jq -n --argjson sftp "$sftp" --argjson database "$1" '$sftp + $database' | write_process watcher "$PORT_WATCHER"
  owned_dir 700 "$RUN/archive"
  jq -n --arg zone "$ZONES" --arg user "$SFTP_GRABBER" --arg port "$PORT_SSHD" --arg key "$(ssh_key_of grabber)" \
    --arg hosts "$SSH/known_hosts" --arg staging "$SFTP_STAGING" --arg archive "$RUN/archive" --argjson database "$1" '
    $database + {
      Zones: {Landing: $zone},
      FileGrabber: {lz: {
        RemoteUser: $user, RemoteHost: "127.0.0.1", RemotePort: $port, RemoteDir: $staging,
        PrivateKey: $key, KnownHosts: $hosts, Archive: $archive, Schedule: "0/2 * * * * ?"
      }}
    }' | write_process grabber "$PORT_GRABBER"
}

# database_section ROLE UDL STATS PURPOSE…: UDL and STATS are database names, or empty when the role has no use for them.
database_section() {
  local role=$1 udl=$2 stats=$3
  shift 3
  jq -n --arg udl "${udl:+$(npgsql "$udl" "$role")}" --arg stats "${stats:+$(npgsql "$stats" "$role")}" \
    --argjson tenants "$(tenants_of "$role" "$@")" '
    {Database: ({Udl: $udl, Stats: $stats} | with_entries(select(.value != "")) + {Tenants: $tenants})}'
}

# write_process NAME PORT: adds address and log to the settings on standard input and writes .run/config/NAME.json. A
# process that runs with other settings is stopped, so that it starts again with these.
write_process() {
  local file=$RUN/config/$1.json settings
  settings=$(jq --arg port "$2" --arg log "$RUN/log" '
    (if $port == "" then {} else {Urls: ("http://127.0.0.1:" + $port)} end)
    + {Log: {Directory: $log, Level: "Information"}} + .')
  if [[ -f $file && $(cat "$file") != "$settings" ]]; then stop "$1"; fi
  printf '%s\n' "$settings" | owned_file 600 "$file"
}

# write_env: shell lines with every address, connection string, user and password of the stack.
write_env() {
  local tenant prefix
  {
    say "# The addresses of this clone's stack \"$STACK\"; written by ./smarter. Read it with: . .run/env"
    if [[ $STACK == demo ]]; then
      line SMARTER_SITE_URL "http://127.0.0.1:$PORT_WEB"
      line SMARTER_STATS_DB "$(libpq edware_stats)"
      line SMARTER_UDL_DB "$(libpq udl2)"
      for tenant in "${TENANTS[@]}"; do
        prefix=SMARTER_${tenant^^}
        line "${prefix}_PRODUCTION_DB" "$(libpq "${tenant}_production")"
        line "${prefix}_STAGING_DB" "$(libpq "${tenant}_staging")"
        line "${prefix}_ARRIVALS" "$(arrivals_of "$tenant")"
        line "${prefix}_DEPARTURES" "$(departures_of "$tenant")"
        line "${prefix}_KEYS" "$(submitter_home "$tenant")"
      done
      line SMARTER_LOADER_KEY "$(fingerprint_of "$KEYS")"
      line SMARTER_RABBITMQ_URL "amqp://smarter:$(secret rabbitmq)@127.0.0.1:$PORT_RABBITMQ/"
      line SMARTER_CACHE "127.0.0.1:$PORT_MEMCACHED"
      line SMARTER_SMTP "127.0.0.1:$PORT_MAIL"
      line SMARTER_MAIL_DIR "$RUN/mail/new"
      if is_full; then write_sftp_env; fi
    fi
    line SMARTER_TEST_DB "$(libpq postgres)"
    line SMARTER_TEST_RABBITMQ "amqp://smarter:$(secret rabbitmq)@127.0.0.1:$PORT_RABBITMQ/"
    line SMARTER_TEST_RABBITMQ_API "http://127.0.0.1:$PORT_RABBITMQ_API"
  } | owned_file 600 "$RUN/env"
}

# write_sftp_env: how to reach the SFTP landing zone, and as whom.
write_sftp_env() {
  local tenant
  line SMARTER_SFTP_HOST 127.0.0.1
  line SMARTER_SFTP_PORT "$PORT_SSHD"
  line SMARTER_SFTP_KNOWN_HOSTS "$SSH/known_hosts"
  for tenant in "${TENANTS[@]}"; do
    line "SMARTER_${tenant^^}_SFTP_USER" "$(sftp_user_of "$tenant")"
    line "SMARTER_${tenant^^}_SFTP_KEY" "$(ssh_key_of "$tenant")"
  done
}

# line NAME VALUE
line() { printf "export %s='%s'\n" "$1" "$2"; }
