#!/bin/sh
# checks-passed: asks GitHub whether the workflow `checks` passed for the commit $1 on the branch $2, as it was pushed there. The
# run of a pull request does not count: it was another commit.
# Exit code 0 only if it did. GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN are those of the workflow.
set -eu
runs=$(curl --fail --silent --show-error \
  --header "Authorization: Bearer $GITHUB_TOKEN" --header "Accept: application/vnd.github+json" \
  "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/actions/workflows/checks.yml/runs?head_sha=$1&branch=$2&event=push&per_page=100")
passed=$(printf '%s' "$runs" | jq --arg sha "$1" --arg branch "$2" '[.workflow_runs[]
  | select(.head_sha == $sha and .head_branch == $branch and .event == "push" and .conclusion == "success")] | length')
[ "$passed" -gt 0 ] || { echo "the checks of $1 on $2 have not passed" >&2; exit 1; }
