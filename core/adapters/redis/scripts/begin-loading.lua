-- begin-loading: notes that a sale is being loaded into this primary. Begins with primary.lua.
--   KEYS   the sale
--   ARGV   a token
redis.call("HSET", KEYS[1], "loading", ARGV[1] .. " " .. (primary() or ""))
return 1
