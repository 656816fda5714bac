-- The columns of a SKU as AdminSkuListRow (admin-skus.ts) names them, numbers as numbers; of inventory AS i and products AS p.
i.sku_no, i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds,
       i.status, i.mode, i.frozen, microseconds(i.opens_at)::float8 AS opens_at, microseconds(i.closes_at)::float8 AS closes_at,
       microseconds(statement_timestamp())::float8 AS now, i.seq
