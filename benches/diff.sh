#!/usr/bin/env bash
# Measures `replank diff` beside `git diff --no-index` on the same two plans of some ten thousand artifacts, of which twenty differ.
# Needs git and GNU time. Builds replank; works in a folder of its own below the system's temporary one, which it removes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

machines=3300
rounds=5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target
cargo build --release --locked --quiet
cargo build --release --locked --quiet --manifest-path benches/Cargo.toml
replank=$target/release/replank

"$target/release/replank-benches" spec k3s-external-etcd "$machines" > "$work/old.yaml"
# Twenty workers are found elsewhere, which each step shows that has to do with them.
awk '/^    w-/ { moves = $1 ~ /^w-(10|20|30|40)?[1-4]:$/ } /^      address:/ && moves { sub(/10\.150\./, "10.200.") } { print }' "$work/old.yaml" > "$work/new.yaml"
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
