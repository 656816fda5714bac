#!/bin/sh
# open-sales: prints the SKUs whose sale is open, by the catalogue of the shop at $1, page by page. Ends with another code than 0 when the
# catalogue cannot be read to its end.
set -eu
cursor=""
while :; do
  page=$(curl --fail --silent --show-error "$1/v1/skus?limit=1000$cursor")
  printf '%s' "$page" | jq --raw-output '.items[] | select(.status == "open") | .sku_id'
  next=$(printf '%s' "$page" | jq --raw-output '.next // empty')
  [ -n "$next" ] || exit 0
  cursor="&cursor=$next"
done
