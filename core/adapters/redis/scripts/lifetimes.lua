-- lifetimes: how long views will live, in ms. One call reads many: a call for each view would cost the client more than this
-- script costs for all of them.
--   KEYS  views   out  PTTL of each
local lifetimes = {}
for i, key in ipairs(KEYS) do
  lifetimes[i] = redis.call("PTTL", key)
end
return lifetimes
