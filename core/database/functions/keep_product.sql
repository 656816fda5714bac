-- keep_product (trigger): a SKU keeps its product; another product would change its price as well. It fires only for statements
-- that name the column.
--   raises  FS007
CREATE OR REPLACE FUNCTION keep_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'SKU % stays the product it is', OLD.sku_id USING ERRCODE = 'FS007';
END $$;

CREATE OR REPLACE TRIGGER product_stays BEFORE UPDATE OF sku_id ON inventory FOR EACH ROW
  WHEN (NEW.sku_id IS DISTINCT FROM OLD.sku_id) EXECUTE FUNCTION keep_product();
