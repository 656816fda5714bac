import { transitionStatements } from "../../../core/adapters/postgres/statements.ts"

/**
 * The calls of the previous version to the functions of the database, frozen: by position, under their old names. Only the
 * parameters have today's names, because today's code sends them.
 */
export const oldStatements = {
  ...transitionStatements,
  lockPartition: "SELECT lock_partition($topic, $partition, $expected)",
  extendHolds: "SELECT extend_holds AS id FROM extend_holds($sku_nos::int[])",
  changeStates: "SELECT change_states($ids::uuid[], $from_state::smallint, $to_state::smallint, instant($expires_at::bigint))",
  adjustHoldings: "SELECT adjust_holdings($sku_nos::int[], $user_ids::uuid[], $units::int[])",
  leaveWaitlist: "SELECT leave_waitlist($ids::uuid[])",
  passWaiters: `UPDATE waitlist w
      SET passed = passed + cardinality(s.places) - width_bucket(place_of(w.seq, w.ord), s.places)
     FROM (SELECT array_agg(place_of(seq, ord) ORDER BY seq, ord) AS places, max(seq) AS last_seq
             FROM unnest($seqs::int[], $ords::smallint[]) AS u (seq, ord)) s
    WHERE w.sku_no = $sku_no::int AND w.seq <= s.last_seq AND place_of(w.seq, w.ord) < s.places[cardinality(s.places)]`,
  appendLedger: `SELECT append_ledger($sku_no::int, $seq::int, $kind::text, instant($at::bigint), NULL, NULL, $total_delta::int,
    $reserved_delta::int, $sold_delta::int, $waitlisted_delta::int, NULL, '{}', $moved::uuid[], $amount::bigint)`,
  loadOrders: `SELECT order_id, reservation_id, sku_no, quantity, amount_minor::float8 AS amount_minor, status
    FROM orders WHERE order_id = ANY($order_ids::uuid[])`,
  changeOrders: "UPDATE orders SET status = $status WHERE order_id = ANY($order_ids::uuid[])",
  writeBatch: `SELECT decided_at::float8, seqs, totals, reserved, sold
    FROM write_batch($topic::text, $partition::int, $expected::bigint, $next_offset::bigint, $now::bigint,
      $sku_nos::int[], $seqs::int[], $statuses::text[], $available::int[], $waitlisted::int[], $until::timestamptz[],
      $first_offsets::bigint[], $last_offsets::bigint[], $units::int[], $digests::bytea, $counters::int[],
      $sales::smallint[], $ords::smallint[], $outcomes::smallint[], $quantities::int[], $ids::uuid[], $user_ids::uuid[], $owners::int[],
      $body_hashes::int[], $holder_sales::smallint[], $holders::uuid[], $holder_units::int[], $refused_users::uuid[])`,
  writeDirect: `SELECT write_direct($sku_no::int, $seq::int, $epoch::int, $now::bigint, $outcome::smallint, $quantity::int, $id::uuid,
    $user_id::uuid, $owner::int, $body_hash::int, $is_first_units::boolean, $digest::bytea, $refused::int[])`,
}

/** The calls of the version before that no transition makes. */
export const oldCalls = {
  createSku: "SELECT create_sku($1, $2, 'A thing', 500, 'EUR', $3, 2, 120, 5, NULL, NULL, $4, 50) AS sku_no",
  signOfLife: "SELECT sign_of_life AS sku_no FROM sign_of_life()",
  extendOnce: "SELECT is_same, holds_extended, holds FROM extend_once($1::int, $2::int, $3::uuid, $4::bytea)",
  confirm: "SELECT outcome, made FROM confirm_by_call($1, $2, $3, $4, $5)",
}
