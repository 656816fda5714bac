-- report-ledger: the entries of a sale in a window, added up by interval and kind, with the refusals by reason.
--   in   sku_no, since (microseconds), seconds of an interval, intervals
--   out  by interval (0 is the first) and kind: entries, the sum of their amounts, refusals in the order of the reasons, and the
--        balances after the last entry of the kind; the kind with the interval's last entry comes last
--   `at` does not decrease with `seq`, so that the window is one range of the ledger.
WITH entries AS (
  SELECT seq, kind, amount, refused, total_after, reserved_after, sold_after,
         floor((microseconds(at) - $since::bigint) / (1000000.0 * $seconds::int))::int AS interval
    FROM ledger
   WHERE sku_no = $sku_no::int AND at >= instant($since::bigint)
     AND at < instant($since::bigint + 1000000::bigint * $seconds::int * $intervals::int)
),
refusals AS (
  SELECT interval, kind, array_agg(requests ORDER BY reason) AS refused
    FROM (SELECT interval, kind, reason, sum(requests)::int AS requests
            FROM entries, unnest(refused) WITH ORDINALITY AS counted (requests, reason)
           GROUP BY interval, kind, reason) by_reason
   GROUP BY interval, kind
),
sums AS (
  SELECT interval, kind, count(*)::int AS entries, sum(amount)::float8 AS amount, max(seq) AS last_seq,
         max(greatest(0, reserved_after + sold_after - total_after)) AS oversold
    FROM entries
   GROUP BY interval, kind
)
SELECT s.interval, s.kind, s.entries, s.amount, s.oversold, coalesce(r.refused, '{}') AS refused,
       l.total_after AS total, l.reserved_after AS reserved, l.sold_after AS sold
  FROM sums s
  JOIN ledger l ON l.sku_no = $sku_no::int AND l.seq = s.last_seq
  LEFT JOIN refusals r ON r.interval = s.interval AND r.kind = s.kind
 ORDER BY s.interval, s.last_seq
