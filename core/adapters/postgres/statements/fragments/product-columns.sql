-- The columns of a product; of inventory AS i and products AS p.
i.sku_id, p.name, p.price_minor::float8 AS price_minor, p.currency
