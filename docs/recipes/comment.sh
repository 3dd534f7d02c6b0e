#!/usr/bin/env bash
# Prints the comment of a pull request: what its branch does to a plan, or why there is nothing to compare.
#
#   comment.sh BASE HEAD SPEC PLAN
#
# Copy it to scripts/replank-comment.sh, where the recipes call it. BASE and HEAD are ids of commits: where the branch began, and its head. SPEC and
# PLAN are paths from the top of the repository. REPLANK_BUDGET is how many bytes the difference may have.
#
# It prints a whole comment or nothing: what it cannot tell for sure fails. It writes nothing into the work tree, where a branch may have put a link
# in the place of any file.
set -euo pipefail
export LC_ALL=C.UTF-8

fail() {
  printf 'replank-comment: %s\n' "$1" >&2
  exit 1
}

# Runs replank, and sets `ended` to how it ended. What it prints lies in $scratch/out and $scratch/said.
run() {
  ended=0
  replank "$@" > "$scratch/out" 2> "$scratch/said" || ended=$?
}

# Fails with what replank said, which nobody has seen yet.
fail_with() {
  cat -- "$scratch/said" >&2
  fail "replank $1 ended with $ended"
}

# What lies at the path of the spec in a commit. Only an empty listing is evidence that nothing does: every failure ends the run.
spec_at() {
  local entry
  entry=$(git ls-tree "$1" -- "$spec") || fail "git does not list $1"
  case $entry in
    '') echo absent ;;
    100*) echo file ;;
    *) fail "$spec is no file at $1, but a link or a folder: name the file itself" ;;
  esac
}

# Code within a line, whatever it holds.
code() {
  local ticks='`' pad=''
  while [[ $1 == *"$ticks"* ]]; do
    ticks+='`'
    pad=' '
  done
  printf '%s' "$ticks$pad$1$pad$ticks"
}

# The findings about the spec of the branch, errors first, in a fence longer than any that they hold.
findings() {
  local shown line fence='```'
  shown=$({ grep -F ': error[' "$scratch/findings" || true; grep -vF ': error[' "$scratch/findings" || true; } | while IFS= read -r line; do
    if [[ $line == '<stdin>'* ]]; then line=$spec${line#'<stdin>'}; fi
    printf '%s\n' "${line:0:500}"
  done)
  while [[ $shown == *"$fence"* ]]; do fence+='`'; done
  printf '%s\n' "$fence"
  head -n 20 <<< "$shown"
  printf '%s\n' "$fence"
  if [ "$(wc -l <<< "$shown")" -gt 20 ]; then printf '\n%s more: see the run.\n' "$(($(wc -l <<< "$shown") - 20))"; fi
}

# Whether the spec of the branch alone compiles to a plan: sets `checked`, 0 where it does.
check_head() {
  git cat-file blob "$head:$spec" > "$scratch/spec" || fail "git does not give $head:$spec"
  run check - --format short < "$scratch/spec"
  checked=$ended
  case $checked in
    0) ;;
    3 | 4) cp -- "$scratch/said" "$scratch/findings" ;;
    *) fail_with check ;;
  esac
}

no_plan() {
  printf '### No plan\n\nThe spec of this branch compiles to none:\n\n'
  findings
}

compared() {
  local difference
  run diff "git:$base:$spec" "git:$head:$spec" --format markdown --budget "${REPLANK_BUDGET:-60000}"
  difference=$ended
  case $difference in
    0) cat -- "$scratch/out" ;;
    3 | 4)
      check_head
      if [ "$checked" != 0 ]; then
        no_plan
      else
        printf '### A plan, and none before\n\nThe spec of before compiles to no plan: there is nothing to compare with. Read %s.\n' "$(code "$plan/REVIEW.md")"
      fi
      ;;
    *) fail_with diff ;;
  esac
}

added() {
  check_head
  if [ "$checked" != 0 ]; then
    no_plan
  else
    printf '### A new plan\n\nRead %s first.\n' "$(code "$plan/REVIEW.md")"
  fi
}

# What is wrong with the work tree, in bold: the plan that lies there is not the one that the comment tells of.
warned() {
  local mend files
  if [ ! -e "$spec" ]; then
    if [ -e "$plan" ]; then printf '**%s is left without its spec %s: remove it, too.**\n\n' "$(code "$plan")" "$(code "$spec")"; fi
    return
  fi
  run verify "$plan" --spec "$spec" --format short
  mend=$(sed -n '/^mend it with:$/{n;s/^ *//p;}' "$scratch/said")
  files=$(sed -n 's/^error: .*: \([0-9]* files\{0,1\} differs\{0,1\}\)$/\1/p' "$scratch/said")
  case $ended in
    0) ;;
    5) printf '**%s is not what %s compiles to: %s. Mend it with %s**\n\n' "$(code "$plan")" "$(code "$spec")" "${files:-it holds no plan}" "$(code "$mend")" ;;
    3 | 4)
      # Where the branch alone compiles, what is checked out is merged with more than the branch knows.
      if [ "$checked" = 0 ]; then printf '**Merged with its base, the spec compiles to no plan: see the run.**\n\n'; fi
      ;;
    1)
      if [ -e "$plan" ]; then fail_with verify; fi
      if [ "$checked" = 0 ]; then printf '**There is no %s. Write it with %s**\n\n' "$(code "$plan")" "$(code "$mend")"; fi
      ;;
    *) fail_with verify ;;
  esac
}

[ "$#" -eq 4 ] || fail 'expected BASE HEAD SPEC PLAN'
base=$1 head=$2 spec=$3 plan=$4
top=$(git rev-parse --show-toplevel)
cd -- "$top"
for commit in "$base" "$head"; do
  git cat-file -e "$commit^{commit}" || fail "the commit \`$commit\` is not in this clone: fetch the whole history"
done
scratch=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/replank.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

before=$(spec_at "$base")
after=$(spec_at "$head")
checked=0
{
  case $before-$after in
    file-file) compared ;;
    absent-file) added ;;
    file-absent) printf '### The migration is removed\n\n%s is gone with this branch.\n' "$(code "$spec")" ;;
    absent-absent) printf '### No migration\n\nThere is no %s, neither before nor with this branch.\n' "$(code "$spec")" ;;
  esac
  printf '\n<sub>At %s.</sub>\n' "$head"
} > "$scratch/body"
warned > "$scratch/warning"
printf '<!-- replank: %s -->\n' "$spec"
cat -- "$scratch/warning" "$scratch/body"
