-- Nearly all comparisons in this index are within one SKU: the column that differs comes first.
ALTER TABLE user_holdings DROP CONSTRAINT user_holdings_pkey, ADD PRIMARY KEY (user_id, sku_no);
