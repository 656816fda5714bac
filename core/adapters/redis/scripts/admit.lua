-- admit: lets a request into the line, or says at once why not. One round trip; touches no other key.
--   KEYS  sale, bucket of the user, view of the reservation, line of the partition
--   ARGV  1 body hash   2 the view of an admitted request   3 its time to live in ms
--         4 ms until a spent token is back (0: the request costs none)   5 quantity   6 "1" if it would join the waitlist
--         7 backlog at most   8 the sale's mode, for a Redis that does not know it
--   out   {"admitted", next, rate} | {"seen", view, ttl in ms, next, rate} | {"refused", reason, retry after in s}
--   What is not known here lets the request through; stock and closing refuse only while the sale is completely loaded.
local line = redis.call("HMGET", KEYS[4], "end", "next", "rate")
local line_end, next_offset, rate = line[1], line[2], line[3]

local view = redis.call("GET", KEYS[3])
if view then
  local status, body_hash = string.match(view, "^([^|]*)|([^|]*)")
  if body_hash ~= ARGV[1] then
    return { "refused", "idempotency-key-reused", 0 }
  end
  if status ~= "ADMITTED" then
    return { "seen", view, redis.call("PTTL", KEYS[3]), next_offset, rate }
  end
  -- Admitted, and perhaps never in line: it goes there again without asking anything. A duplicate is harmless, a lost request is not.
  return { "admitted", next_offset, rate }
end

local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local sale = redis.call(
  "HMGET", KEYS[1],
  "mode", "status", "opens_at_ms", "closes_at_ms", "complete", "total", "reserved", "sold", "waitlisted", "waitlist_limit"
)
local mode, status, complete = sale[1] or ARGV[8], sale[2], sale[5]
local opens_at, closes_at = tonumber(sale[3]), tonumber(sale[4])

if mode == "halted" then
  return { "refused", "sale-halted", 0 }
end
if status == "closed" or (closes_at and now >= closes_at) then
  if complete then
    return { "refused", "sale-closed", 0 }
  end
elseif status == "draft" and not (opens_at and now >= opens_at) then
  return { "refused", "sale-not-open", 0 }
end

-- A bucket is the moment at which it is full again (core/domain/token-bucket.ts).
local window, refill, full_at = 60000, tonumber(ARGV[4]), nil
if refill > 0 then
  local known = tonumber(redis.call("GET", KEYS[2])) or now
  full_at = math.min(math.max(known, now), now + window) + refill
  local missing = full_at - now - window
  if missing > 0 then
    return { "refused", "rate-limited", math.ceil(missing / 1000) }
  end
end
local function spend()
  if full_at then
    redis.call("SET", KEYS[2], string.format("%.0f", full_at), "PX", full_at - now)
  end
end

if complete and sale[6] and sale[6] - sale[7] - sale[8] < tonumber(ARGV[5]) then
  local room = ARGV[6] == "1" and tonumber(sale[9]) < tonumber(sale[10])
  if not room then
    spend()
    return { "refused", "sold-out", 0 }
  end
end
if line_end and next_offset and line_end - next_offset > tonumber(ARGV[7]) then
  return { "refused", "temporarily-unavailable", 0 }
end

spend()
redis.call("SET", KEYS[3], ARGV[2], "PX", ARGV[3])
return { "admitted", next_offset, rate }
