-- wake_sale (trigger): a change of a sale at rest puts it in motion again, whether a function or an operator makes the change.
CREATE OR REPLACE FUNCTION wake_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.resting_since := NULL;
  RETURN NEW;
END $$;

-- PostgreSQL checks the condition without a call of the function: a sale in motion costs that check and no more.
CREATE OR REPLACE TRIGGER wake_sale BEFORE UPDATE ON inventory FOR EACH ROW
  WHEN (OLD.resting_since IS NOT NULL AND NEW.resting_since IS NOT NULL) EXECUTE FUNCTION wake_sale();
