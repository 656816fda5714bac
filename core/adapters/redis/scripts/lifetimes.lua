-- lifetimes: how long views will live, in ms. One call for many: each would cost a client more than all of them cost here.
--   KEYS  views   out  PTTL of each
local lifetimes = {}
for i, key in ipairs(KEYS) do
  lifetimes[i] = redis.call("PTTL", key)
end
return lifetimes
