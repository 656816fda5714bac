-- project-views: writes the views of reservations. A view is replaced only by one that is at least as new.
--   KEYS   the views
--   ARGV   for each key: the view, its time to live in ms (0: none)
--   A view is status|body_hash|seq|...; an older sequence never replaces a newer one, in any order of the processes that write.
local function seq(view)
  return tonumber(string.match(view, "^[^|]*|[^|]*|(%d+)")) or 0
end
for i, key in ipairs(KEYS) do
  local view, ttl = ARGV[2 * i - 1], tonumber(ARGV[2 * i])
  local current = redis.call("GET", key)
  if not current or seq(current) <= seq(view) then
    if ttl > 0 then
      redis.call("SET", key, view, "PX", ttl)
    else
      redis.call("SET", key, view)
    end
  end
end
return #KEYS
