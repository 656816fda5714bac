-- append-ledger: moves the balances of a SKU and writes the ledger entry of the move. write-batch writes the entries of
-- decisions.
--   in      sku_no, seq, kind, at (microseconds), the deltas of the balances, the ids that moved, amount
--   raises  FS003 when the ledger has moved on
SELECT append_ledger(
  p_sku_no => $sku_no::int, p_seq => $seq::int, p_kind => $kind::text, p_at => instant($at::bigint), p_first_offset => NULL, p_last_offset => NULL,
  p_total_delta => $total_delta::int, p_reserved_delta => $reserved_delta::int, p_sold_delta => $sold_delta::int,
  p_waitlisted_delta => $waitlisted_delta::int, p_digest => NULL, p_refused => '{}', p_moved => $moved::uuid[], p_amount => $amount::bigint)
