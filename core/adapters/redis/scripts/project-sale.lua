-- project-sale: the balances and status of a sale as of ledger sequence ARGV[1], unless Redis knows a later one.
--   KEYS   the sale
--   ARGV   seq, then field, value, field, value, ... ; an empty value removes the field
local known = tonumber(redis.call("HGET", KEYS[1], "seq"))
if known and known > tonumber(ARGV[1]) then
  return 0
end
redis.call("HSET", KEYS[1], "seq", ARGV[1])
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == "" then
    redis.call("HDEL", KEYS[1], ARGV[i])
  else
    redis.call("HSET", KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
