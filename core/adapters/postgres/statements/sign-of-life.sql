-- sign-of-life: notes that the server lives, and an outage that ended.
--   out  the SKUs whose holds are to be extended before they may expire
SELECT sign_of_life AS sku_no FROM sign_of_life()
