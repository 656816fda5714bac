-- look-at-marks: how far sales were shown, and whether everything that lives is loaded. Begins with primary.lua.
--   KEYS   the sales
--   out    for each: ledger sequence up to which all decisions were shown, 1 if its `complete` mark counts
local identity = primary()
local looks = {}
for i, key in ipairs(KEYS) do
  -- A key that is no hash fails the sale that it stands for, and no other.
  local known = redis.pcall("HMGET", key, "shown", "complete")
  looks[i] = { tonumber(known[1]) or 0, identity and known[2] == identity and 1 or 0 }
end
return looks
