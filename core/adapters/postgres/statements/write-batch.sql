-- write-batch: writes the decisions of a batch and everything that depends on them; see core/database/functions/write_batch.sql.
--   in   topic, partition, expected (the watermark), next_offset, now (microseconds, or null to lock and check here)
--        by sale: sku_nos, seqs, statuses, available, waitlisted, until, first_offsets, last_offsets, units, digests, counters
--        by decision: sales, ords, outcomes, quantities, ids, user_ids, owners, body_hashes
--        by new holder: holder_sales, holders, holder_units; and refused_users, whom the caller assumes to be newcomers
--   out  one row: the moment of the decision, the milliseconds from the arrival of the statement to that moment, which is read
--        under the locks, and by sale: seq, total, reserved and sold now; and the size of a batch that operators chose, which the
--        writer so learns without a round trip of its own
SELECT decided_at::float8, (decided_at - microseconds(statement_timestamp())) / 1000.0::float8 AS lock_wait_ms, seqs, totals, reserved, sold,
       (SELECT value FROM operator_settings WHERE name = 'batch-size') AS batch_size
  FROM write_batch(
    p_topic => $topic::text, p_partition => $partition::int, p_expected => $expected::bigint, p_next => $next_offset::bigint,
    p_now => $now::bigint,
    p_sku_nos => $sku_nos::int[], p_seqs => $seqs::int[], p_statuses => $statuses::text[], p_available => $available::int[],
    p_waitlisted => $waitlisted::int[], p_until => $until::timestamptz[], p_firsts => $first_offsets::bigint[],
    p_lasts => $last_offsets::bigint[], p_units => $units::int[], p_digests => $digests::bytea, p_counters => $counters::int[],
    p_sales => $sales::smallint[], p_ords => $ords::smallint[], p_outcomes => $outcomes::smallint[], p_quantities => $quantities::int[],
    p_ids => $ids::uuid[], p_users => $user_ids::uuid[], p_owners => $owners::int[], p_body_hashes => $body_hashes::int[],
    p_holder_sales => $holder_sales::smallint[], p_holders => $holders::uuid[], p_holder_units => $holder_units::int[],
    p_refused_users => $refused_users::uuid[])
