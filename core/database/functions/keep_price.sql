-- keep_price (trigger): the price of a product stays once its sale has left draft, or its opening time has passed: shoppers hold
-- units at this price, and every amount is computed from it. A draft that opens by its time counts as open from then on, before
-- any transaction records it.
--   raises  FS007
--   locks   the inventory row
CREATE OR REPLACE FUNCTION keep_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The lock of the SKU: an opening that is under way comes first, and the price of an open sale stays.
  PERFORM FROM inventory WHERE sku_id = OLD.sku_id FOR UPDATE;
  IF EXISTS (SELECT FROM inventory
              WHERE sku_id = OLD.sku_id AND (status <> 'draft' OR opens_at <= clock_timestamp())) THEN
    RAISE EXCEPTION 'the sale of % has left draft: its price stays', OLD.sku_id USING ERRCODE = 'FS007';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER price_stays BEFORE UPDATE ON products FOR EACH ROW
  WHEN ((NEW.price_minor, NEW.currency, NEW.sku_id) IS DISTINCT FROM (OLD.price_minor, OLD.currency, OLD.sku_id))
  EXECUTE FUNCTION keep_price();
