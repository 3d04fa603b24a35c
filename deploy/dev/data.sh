# shellcheck shell=bash
# Packing landing files, dropping them as a submitter would, and following them. Sourced, never run.

# pack SOURCE TENANT TARGET: the one .csv and .json of a folder (or a .tar.gz) as a signed and encrypted TARGET.
pack() {
  local home target=$3
  home=$(submitter_home "$2")
  case $1 in
    *.tar.gz) seal "$home" "$target" <"$1" ;;
    *) archive_of "$1" | seal "$home" "$target" ;;
  esac || die "$1 cannot be packed; the message above says why."
}

# archive_of FOLDER: a .tar.gz of its .json, .csv and .err, on standard output, with nothing of this machine in it. The
# .json comes first: the loader then needs no plain copy of the .csv.
archive_of() {
  local names=()
  mapfile -t names < <(cd "$1" && find . -maxdepth 1 \( -name '*.json' ! -name '*.planted.json' \) &&
    find . -maxdepth 1 \( -name '*.csv' -o -name '*.err' \))
  tar -C "$1" --owner=0 --group=0 --numeric-owner -czf - -- "${names[@]#./}"
}

# check_folder FOLDER: it holds exactly one .csv and one .json, beside the generator's list of planted errors.
check_folder() {
  local kind count
  for kind in csv json; do
    count=$(find "$1" -maxdepth 1 -name "*.$kind" ! -name '*.planted.json' | wc -l)
    ((count == 1)) || die "$1 must hold exactly one .$kind file; it holds $count." "$EX_USAGE"
  done
}

# seal HOME TARGET: signs and encrypts standard input. The archive is compressed already.
seal() {
  gnupg "$1" --compress-algo none --sign --recipient loader@smarter.invalid --encrypt --output "$2" -
}

# drop FILE TENANT: puts a .tar.gz.gpg into the tenant's arrivals; the .done with its checksum comes last. Prints the
# checksum.
drop() {
  local name=${1##*/} arrivals md5
  arrivals=$(arrivals_of "$2")
  [[ -d $arrivals ]] || die "there is no landing zone yet. Start the stack: ./smarter up"
  if [[ -e $arrivals/$name || -e $arrivals/$name.done ]]; then
    die "a file of this name still lies in the landing zone. Does the loader run? ./smarter status"
  fi
  owned_file 640 "$arrivals/$name.partial" <"$1"
  md5=$(md5sum "$arrivals/$name.partial" | cut -d' ' -f1)
  mv "$arrivals/$name.partial" "$arrivals/$name"
  printf '%s %s\n' "$md5" "$name" | owned_file 640 "$arrivals/$name.done.partial"
  mv "$arrivals/$name.done.partial" "$arrivals/$name.done"
  printf '%s' "$md5"
}

# now_in_database: the moment from which a drop is looked for.
now_in_database() { db udl2 -c 'SELECT clock_timestamp()'; }

# batch_of TENANT NAME MD5 SINCE: the batch guid that the loader gave a dropped file; empty while it has none.
batch_of() {
  db udl2 -v tenant="$1" -v name="$2" -v md5="$3" -v since="$4" -f - <<'SQL'
SELECT guid_batch FROM udl2.load_file
 WHERE tenant = :'tenant' AND file_name = :'name' AND md5 = :'md5' AND arrived_at >= :'since'::timestamptz - interval '5 s'
 ORDER BY arrived_at DESC LIMIT 1;
SQL
}

# state_of BATCH: one word: the batch's load_status; or "duplicate", or "failed" when there is no such row.
state_of() {
  local outcome status
  status=$(db edware_stats -v guid="$1" -f - <<<"SELECT load_status FROM edware_stats.udl_stats WHERE batch_guid = :'guid';")
  outcome=$(db udl2 -v guid="$1" -f - <<<"SELECT outcome FROM udl2.load_file WHERE guid_batch = :'guid'::uuid;")
  if [[ $outcome == duplicate ]]; then
    printf duplicate
  elif [[ -z $status && $outcome == failed ]]; then
    printf udl.failed
  else
    printf '%s' "${status:-arriving}"
  fi
}

# original_of BATCH: the batch that a duplicate repeats.
original_of() { db udl2 -v guid="$1" -f - <<<"SELECT duplicate_of FROM udl2.load_file WHERE guid_batch = :'guid'::uuid;"; }

# receipt_of TENANT BATCH: the path of its receipt; empty while there is none.
receipt_of() { find "$ZONES/departures/$1" -name "*.$2.receipt.json" 2>/dev/null | head -n 1; }

# progress_of BATCH: what table submission says of it, as one line; empty when it says nothing.
progress_of() {
  db edware_stats -v guid="$1" -f - <<'SQL'
SELECT concat_ws(', ', percent || ' %', nullif(rows_read, 0) || ' rows', rows_per_second || ' rows/s',
                 seconds_left || ' s left', 'waits: ' || delayed_by)
  FROM edware_stats.submission WHERE submission_id = :'guid'::uuid AND stage <> 'ended';
SQL
}

# print_receipt FILE: its receipts for people, in 80 columns; names in them cannot command the terminal.
print_receipt() {
  jq -r '
    def grouped: tostring | [match("(^[0-9]{1,3}|[0-9]{3})(?=([0-9]{3})*$)"; "g").string] | join(",");
    def figure: if . == null then "-" else grouped end;
    def shown: walk(if type == "string" then gsub("[\\p{Cc}\\p{Cf}]"; "?") else . end);
    def right($width): tostring | " " * ([$width - length, 0] | max) + .;
    def left($width): tostring | . + " " * ($width - length);
    def wrapped($indent): [match("\\S{66}|.{1,66}(\\s|$)"; "g").string | sub("\\s+$"; "")] | join("\n" + " " * $indent);
    def mended: .mend // "" | if . == "" then empty else "           Mend: \(wrapped(11))" end;
    def causes($title): select(length > 0) | "", "  \($title | left(6)) code       rows  column",
      (.[] | "  \(.code | right(11)) \(.rows | figure | right(10))  \(.column // "the whole row")",
        "           \(.reason // "" | wrapped(11))", mended,
        "           Rows: \(.first_rows // [] | map(tostring) | join(", ") | wrapped(11))\(
          if .rows > (.first_rows // [] | length) then " ..." else "" end)");
    shown |
    "",
    "  file       \(.file_name | wrapped(13))",
    (.batch_guid // empty | "  batch      \(.)"),
    "  outcome    \(.outcome)\(if .duplicate_of then " of " + .duplicate_of else "" end)",
    (.fault // empty | "  fault      \("\(.code): \(.reason)" | wrapped(13))",
      (.mend // empty | "             Mend: \(wrapped(13))")),
    "  arrived    \(.arrived_at)",
    "  ended      \(.ended_at)",
    (.rows // {} | "  rows       received \(.received | figure), loaded \(.loaded | figure)",
      "             rejected \(.rejected | figure), superseded \(.superseded | figure)"),
    (.errors // [] | causes("errors")),
    (.notes // [] | causes("notes"))
  ' "$1"
}
