# shellcheck shell=bash
# Building, when something has changed since the last build. Sourced, never run.

# sources_sum: a digest of every source file's path, size and time.
sources_sum() {
  find src tests benchmarks Smarter.sln ./*.props .editorconfig global.json BannedSymbols.txt \
    -not -path '*/node_modules/*' -not -path '*/bin/*' -not -path '*/obj/*' -type f -printf '%p %s %T@\n' |
    sort | sha256sum | cut -c1-64
}

# is_built SOLUTION: whether the outputs are those of today's sources; a build of the whole is one of the part too.
is_built() {
  local sum built
  sum=$(sources_sum)
  for built in ".run/built-$(basename "$1")" .run/built-Smarter.sln; do
    if [[ $(cat "$built" 2>/dev/null) == "$sum" && -d artifacts/bin/Smarter.Web/release ]]; then return 0; fi
  done
  return 1
}

# build SOLUTION: in Release; quiet, and with the compiler's errors when it fails.
build() {
  local log=.run/log/build.log sum
  sum=$(sources_sum)
  owned_dir 755 .run .run/log
  if ! as_owner dotnet build "$1" -c Release --no-restore -v quiet -nologo -clp:NoSummary >"$log" 2>&1 </dev/null; then
    grep -E 'error|Error' "$log" | sort -u | head -n 20 | cut -c1-200 >&2 || tail -n 20 "$log" >&2
    die "the build failed. The whole log: .run/log/build.log"
  fi
  chown "$OWNER_UID:$OWNER_GID" "$log"
  printf '%s' "$sum" | owned_file 644 ".run/built-$(basename "$1")"
}
