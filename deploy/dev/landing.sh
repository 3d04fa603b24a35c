# shellcheck shell=bash disable=SC2034
# The SFTP landing zone of the full stack: sshd, its users, and the drop as a submitter does it. Sourced, never run.
# Users and groups belong to the whole machine: theirs begin with the hash of this clone.

SFTP_GROUP=smarter-${VAR##*-}
SFTP_GRABBER=$SFTP_GROUP-grab
SSH=$VAR/ssh
SFTP_STAGING=$VAR/staging

# sftp_user_of TENANT: its submitter.
sftp_user_of() { printf '%s-%s' "$SFTP_GROUP" "$1"; }

# ssh_key_of NAME: the private key of a tenant's submitter, or of "grabber".
ssh_key_of() { printf '%s/%s_ed25519' "$SSH" "$1"; }

# create_ssh_keys: the host key, root's; and one key for each who signs in, the invoking user's.
create_ssh_keys() {
  local name
  install -d -m 755 "$SSH" "$VAR/grabber"
  if [[ ! -s $SSH/host_ed25519 ]]; then ssh-keygen -q -t ed25519 -N '' -C smarter-host -f "$SSH/host_ed25519"; fi
  for name in grabber "${TENANTS[@]}"; do
    if [[ -s $(ssh_key_of "$name").pub ]]; then continue; fi
    rm -f "$(ssh_key_of "$name")"
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$(ssh_key_of "$name")"
    chown "$OWNER_UID:$OWNER_GID" "$(ssh_key_of "$name")"
  done
  printf '[127.0.0.1]:%s %s\n' "$PORT_SSHD" "$(cut -d' ' -f1,2 "$SSH/host_ed25519.pub")" >"$SSH/known_hosts"
}

# write_sshd_settings: the sample of deploy/sshd with the places and names of this clone.
write_sshd_settings() {
  sed -e "s|^Port .*|Port $PORT_SSHD|" -e 's|^ListenAddress .*|ListenAddress 127.0.0.1|' \
    -e "s|^HostKey .*|HostKey $SSH/host_ed25519|" -e "s|/sftp/%h|$VAR/jails/%h|" \
    -e "s|smarter-grabber|$SFTP_GRABBER|" -e "s|edwaredataadmin|$SFTP_GROUP|" \
    "$ROOT/deploy/sshd/sshd_config" >"$SSH/sshd_config"
}

start_sshd() {
  if pid_of sshd >/dev/null; then return; fi
  check_port_free sshd
  write_sshd_settings
  install -d -m 755 /run/sshd # of its unprivileged half; a machine without an sshd of its own has none
  start sshd /usr/sbin/sshd -D -e -f "$SSH/sshd_config"
  await sshd 10 sshd_is_ready
}

sshd_is_ready() {
  local answer
  exec 7<>"/dev/tcp/127.0.0.1/$PORT_SSHD" || return 1
  read -r -t 2 answer <&7
  exec 7<&-
  [[ $answer == SSH-2.0-* ]]
}

# sftp_command ARGUMENTS…: the operators' command of the landing zone, which needs root. It prints only when it fails.
sftp_command() {
  local output
  if ! output=$(SMARTER_CONFIG=$RUN/config/sftp.json \
    dotnet artifacts/bin/Smarter.Loader/release/Smarter.Loader.dll sftp "$@" 2>&1); then
    tail -n 5 <<<"$output" >&2
    die "the landing zone cannot be made: sftp $1 failed."
  fi
}

# create_landing_zone: folders, group, tenants, one submitter each, and the grabber's account; what is there is kept.
create_landing_zone() {
  local tenant user
  if [[ -f $VAR/landing-zone ]]; then return; fi
  sftp_command init
  for tenant in "${TENANTS[@]}"; do
    user=$(sftp_user_of "$tenant")
    sftp_command add-tenant --tenant "$tenant"
    if [[ ! -d $VAR/jails$VAR/homes/arrivals/$tenant/$user/file_drop ]]; then
      sftp_command add-user --user "$user" --tenant "$tenant" --role sftparrivals \
        --ssh-key-file "$(ssh_key_of "$tenant").pub"
    fi
  done
  create_grabber_account
  touch "$VAR/landing-zone"
}

create_grabber_account() {
  if ! getent passwd "$SFTP_GRABBER" >/dev/null; then
    useradd --no-create-home --home-dir "$VAR/grabber" --gid "$SFTP_GROUP" --shell /bin/sh --password '*' "$SFTP_GRABBER"
  fi
  install -d -m 755 "$VAR/grabber/.ssh"
  printf 'restrict %s\n' "$(cat "$(ssh_key_of grabber).pub")" >"$VAR/grabber/.ssh/authorized_keys"
}

# remove_accounts: the users and the group of this clone, and no others. Their folders go with the clone's in /var/lib.
remove_accounts() {
  local user
  while read -r user; do
    pkill -KILL -U "$user" || true
    userdel "$user"
  done < <(getent passwd | cut -d: -f1 | grep "^$SFTP_GROUP-" || true)
  if getent group "$SFTP_GROUP" >/dev/null; then groupdel "$SFTP_GROUP"; fi
}

# drop_sftp FILE TENANT: as "drop" of data.sh, with the sftp client as the tenant's submitter. Prints the checksum.
drop_sftp() {
  local name=${1##*/} md5 done_file=$SCRATCH/done log=$SCRATCH/sftp.log
  if [[ $name == *[\"\\]* ]]; then die "a name with \" or \\ cannot be sent with --sftp."; fi
  md5=$(md5sum "$1" | cut -d' ' -f1)
  printf '%s %s\n' "$md5" "$name" | owned_file 640 "$done_file"
  as_owner sftp -q -b - -F none -P "$PORT_SSHD" -i "$(ssh_key_of "$2")" -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$SSH/known_hosts" \
    "$(sftp_user_of "$2")@127.0.0.1" >"$log" 2>&1 <<TEXT || sftp_failed "$log"
cd file_drop
put "$1" "$name.partial"
rename "$name.partial" "$name"
put "$done_file" "$name.done.partial"
rename "$name.done.partial" "$name.done"
TEXT
  printf '%s' "$md5"
}

sftp_failed() {
  tail -n 3 "$1" >&2
  die "the file cannot be sent. See: ./smarter logs sshd"
}
