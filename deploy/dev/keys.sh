# shellcheck shell=bash
# The gpg keys of one stack: the loader's (with a passphrase), one submitter's per tenant, and the ring of keys that is
# trusted for each tenant. Sourced, never run.

# gnupg HOME ARGUMENTS…: gpg as the invoking user, never asking and never looking anything up.
gnupg() {
  as_owner gpg --homedir "$1" --batch --yes --quiet --no-tty --no-auto-key-locate --trust-model always "${@:2}"
}

# fingerprint_of HOME: of the secret key in this gpg home; empty when there is none.
fingerprint_of() { gnupg "$1" --with-colons --list-secret-keys 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }'; }

# create_keys: what is missing; the pairs are made side by side, because each takes seconds. About 10 s the first time.
create_keys() {
  local tenant home job jobs=()
  owned_dir 700 "$KEYS" "$KEYS/submitters" "$KEYS/tenants"
  ln -sfn "$KEYS" "$RUN/keys"
  if [[ -f $KEYS/complete ]]; then return; fi
  if [[ ! -s $KEYS/passphrase ]]; then secret gpg_passphrase | owned_file 600 "$KEYS/passphrase"; fi
  create_key "$KEYS" 'Smarter loader' loader@smarter.invalid "Passphrase: $(cat "$KEYS/passphrase")" &
  jobs+=($!)
  for tenant in "${TENANTS[@]}"; do
    home=$(submitter_home "$tenant")
    owned_dir 700 "$home"
    create_key "$home" "Submitter of $tenant" "submitter-$tenant@smarter.invalid" '%no-protection' &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job" || die "a gpg key cannot be created; gpg's message is above."; done
  for tenant in "${TENANTS[@]}"; do trust "$tenant"; done
  touch "$KEYS/complete"
}

# create_key HOME NAME ADDRESS PROTECTION: an RSA 3072 pair to sign with, and a subkey to encrypt to.
create_key() {
  if [[ -n $(fingerprint_of "$1") ]]; then return; fi
  gnupg "$1" --pinentry-mode loopback --generate-key <<TEXT
Key-Type: RSA
Key-Length: 3072
Key-Usage: sign
Subkey-Type: RSA
Subkey-Length: 3072
Subkey-Usage: encrypt
Name-Real: $2
Name-Email: $3
Expire-Date: 0
$4
%commit
TEXT
}

# trust TENANT: the loader trusts the tenant's submitter, for this tenant only; the submitter knows the loader's key.
trust() {
  local home ring=$KEYS/tenants/$1.kbx
  home=$(submitter_home "$1")
  gnupg "$home" --export | gnupg "$KEYS" --no-default-keyring --keyring "$ring" --import
  gnupg "$KEYS" --export | gnupg "$home" --import
}

# stop_agents: gpg starts an agent per home and leaves it running; each is asked through its own socket.
stop_agents() {
  local home
  for home in "$KEYS" "$KEYS"/submitters/*; do
    if [[ -d $home ]]; then as_owner gpgconf --homedir "$home" --kill all 2>/dev/null || true; fi
  done
}
