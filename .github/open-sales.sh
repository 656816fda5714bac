#!/bin/sh
# open-sales: prints the SKUs whose sale is open, from all pages of the catalogue of the shop at $1.
# Exit code 0 only if it read the whole catalogue.
set -eu
cursor=""
while :; do
  page=$(curl --fail --silent --show-error "$1/v1/skus?limit=1000$cursor")
  printf '%s' "$page" | jq --raw-output '.items[] | select(.status == "open") | .sku_id'
  next=$(printf '%s' "$page" | jq --raw-output '.next // empty')
  [ -n "$next" ] || exit 0
  cursor="&cursor=$next"
done
