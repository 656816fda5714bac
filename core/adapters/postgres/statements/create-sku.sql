-- create-sku: see create_sku; the number of the new SKU, or null if it exists.
SELECT create_sku($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS sku_no
