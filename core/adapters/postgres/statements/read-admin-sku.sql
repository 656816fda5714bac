-- read-admin-sku: a SKU for its administrator, with its counters.
--   in   sku_id, topic of the requests
SELECT {{admin-sku-columns}}, p.definition_hash, i.partition, g.next_offset::float8 AS next_offset,
       EXISTS (SELECT FROM inventory o
                WHERE o.partition = i.partition AND o.sku_no <> i.sku_no
                  AND (o.status <> 'draft' OR o.opens_at <= statement_timestamp())) AS shares_partition,
       i.decided_reserved::float8 AS decided_reserved, i.decided_waitlisted::float8 AS decided_waitlisted,
       i.refused_sold_out::float8 AS "sold-out", i.refused_user_limit::float8 AS "user-limit-reached",
       i.refused_sale_not_open::float8 AS "sale-not-open", i.refused_sale_closed::float8 AS "sale-closed",
       i.refused_invalid::float8 AS invalid, i.refused_hold_limit::float8 AS "hold-limit-reached"
  FROM inventory i
  JOIN products p ON p.sku_id = i.sku_id
  LEFT JOIN partition_progress g ON g.topic = $topic AND g.partition = i.partition
 WHERE i.sku_id = $sku_id
