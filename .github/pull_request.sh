#!/usr/bin/env bash
# The steps of action.yml: annotations for the check; change, cost and picture as the summary and as a comment.
# Its inputs are environment variables: TEMPLATES, BASE, TEMPLATES_REGION, COMMENT, NUMBER.
set -uo pipefail
report="${RUNNER_TEMP:-/tmp}/elasticache-report.md"
region=()
[ -z "${TEMPLATES_REGION:-}" ] || region=(--region "$TEMPLATES_REGION")

elasticache check --format github "${region[@]}" "$TEMPLATES"
checked=$?

# A section whose command finds something still has its text; one that cannot run says why.
section() {
  local title=$1 text status
  shift
  text=$("$@" 2>&1)
  status=$?
  if [ "$status" -gt 1 ]; then
    text="not available: ${text##*$'\n'}"
  fi
  printf '### %s\n\n%s\n\n' "$title" "$text"
}

{
  printf '## ElastiCache\n\n'
  case $checked in
    0) printf 'No errors were found.\n\n' ;;
    1) printf 'ElastiCache would refuse these templates: see the annotations.\n\n' ;;
    *) printf 'The templates could not be read: see the log.\n\n' ;;
  esac
  if [ "$checked" -le 1 ]; then
    if [ -n "${BASE:-}" ]; then
      section Change elasticache picture "$TEMPLATES" --compare "$BASE" --format markdown "${region[@]}"
      section Cost elasticache cost "$TEMPLATES" --against "$BASE" --format markdown "${region[@]}"
    else
      section Picture elasticache picture "$TEMPLATES" --format markdown "${region[@]}"
      section Cost elasticache cost "$TEMPLATES" --format markdown "${region[@]}"
    fi
  fi
} > "$report"

cat "$report" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
echo "report=$report" >> "${GITHUB_OUTPUT:-/dev/null}"
if [ "${COMMENT:-true}" = true ] && [ -n "${NUMBER:-}" ]; then
  # A comment of GitHub holds 65,536 characters. The change comes first; what is left out are lines of the cost.
  comment="${report%.md}-comment.md"
  awk -v left=65000 '{ left -= length($0) + 1
    if (left < 0) { print "\n*The rest is too long for a comment; the summary of the run has it.*"; exit }
    print }' "$report" > "$comment"
  gh pr comment "$NUMBER" --body-file "$comment" --edit-last --create-if-none || exit 1
fi
exit "$checked"
