#!/usr/bin/env bash
# Measures `replank diff` beside `git diff --no-index` on the same two plans of some ten thousand artifacts, of which twenty differ.
# Needs git and GNU time. Builds replank; works in a folder of its own below the system's temporary one, which it removes.
set -euo pipefail
cd "$(dirname "$0")/.."

workers=3300
rounds=5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --release --locked --quiet
replank=${CARGO_TARGET_DIR:-target}/release/replank

# The example with six physical machines, and a fleet of workers beside them.
awk -v workers="$workers" '
  { spec = $0 }
  /^    phy-6:/ { for (n = 0; n < workers; n++) spec = spec sprintf("\n    w-%d: {address: 10.100.%d.%d}", n, int((n + 2) / 256), (n + 2) % 256) }
  /^    workers: \[phy-4/ { sub(/]$/, "", spec); for (n = 0; n < workers; n++) spec = spec ", w-" n; spec = spec "]" }
  { print spec }' examples/k3s-external-etcd/migration.yaml > "$work/old.yaml"
# Twenty of them are found elsewhere, which each step shows that has to do with them.
awk '/^    w-(10|20|30|40)?[1-4]:/ { sub(/10\.100\./, "10.200.") } { print }' "$work/old.yaml" > "$work/new.yaml"
"$replank" compile "$work/old.yaml" -o "$work/old" > /dev/null
"$replank" compile "$work/new.yaml" -o "$work/new" > /dev/null
# The same without a new address: twenty files are edited.
cp -r "$work/old" "$work/edited"
for number in 1 2 3 4 101 102 103 104 201 202 203 204 301 302 303 304 401 402 403 404; do
  echo '# edited' >> "$work/edited/steps/60-add-workers/w-$number/config.yaml"
done

# The median of the seconds that a command takes, and the most memory in MB.
measured() {
  for _ in $(seq "$rounds"); do
    env time -f '%e %M' -o "$work/one" "$@" > /dev/null || true
    tail -n 1 "$work/one"
  done | sort -n | awk '{ seconds[NR] = $1; if ($2 > most) most = $2 } END { print seconds[int((NR + 1) / 2)], int(most / 1024) }'
}

artifacts=$(find "$work/old/steps" -type f | wc -l)
echo "$artifacts artifacts, $(du -sm "$work/old" | cut -f 1) MB; median of $rounds runs"
for other in edited new; do
  read -r git git_memory <<< "$(measured git diff --no-index "$work/old" "$work/$other")"
  read -r own own_memory <<< "$(measured "$replank" diff "$work/old" "$work/$other")"
  ratio=$(awk -v own="$own" -v git="$git" 'BEGIN { printf "%.2f", own / git }')
  echo "$other: git $git s, $git_memory MB; replank $own s, $own_memory MB; ratio $ratio"
done
