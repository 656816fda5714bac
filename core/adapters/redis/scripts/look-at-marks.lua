-- look-at-marks: reads up to where sales were shown, and whether every live reservation is loaded. Begins with primary.lua.
--   KEYS   the sales
--   out    for each sale: the ledger sequence up to which all decisions were shown, and 1 if its `complete` mark counts
local identity = primary()
local looks = {}
for i, key in ipairs(KEYS) do
  -- A key that is no hash is an error for its own sale only.
  local known = redis.pcall("HMGET", key, "shown", "complete")
  looks[i] = { tonumber(known[1]) or 0, identity and known[2] == identity and 1 or 0 }
end
return looks
