-- The columns of a sale, as SaleRow (rows.ts) names them; of inventory AS i.
i.sku_no, i.partition, i.per_user_limit, i.hold_seconds, i.waitlist_limit, i.max_unpaid_holds,
       i.status, i.mode, i.resume_mode, i.frozen, i.epoch,
       microseconds(i.opens_at) AS opens_at, microseconds(i.closes_at) AS closes_at,
       i.total_stock, i.reserved_count, i.sold_count, i.waitlisted, i.seq
