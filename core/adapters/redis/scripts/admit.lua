-- admit: lets requests into the line, or says at once why not. One round trip; touches no other key. Each request is looked at by itself,
-- in its order: one that follows another of the same user, id or sale finds what that one left.
--   KEYS  for each request: sale, bucket of the user, view of the reservation, line of the partition
--   ARGV  1 an admitted view's time to live in ms   2 backlog at most, then for each request:
--         1 body hash   2 the view of an admitted request   3 ms until a spent token is back (0: the request costs none)
--         4 quantity   5 "1" if it would join the waitlist   6 the sale's mode, for a Redis that does not know it
--   out   for each request: {"admitted", next, rate} | {"seen", view, ttl in ms, next, rate} | {"refused", reason, retry after in s}
--   What is not known here lets the request through; stock and closing refuse only while the sale is completely loaded.
local keys_each, args_each, args_common = 4, 6, 2
local view_ttl, max_backlog = ARGV[1], tonumber(ARGV[2])
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function admit(sale_key, bucket_key, view_key, line_key, asked_hash, admitted_view, refill, quantity, joins_waitlist, known_mode)
  local line = redis.call("HMGET", line_key, "end", "next", "rate")
  local line_end, next_offset, rate = line[1], line[2], line[3]

  local view = redis.call("GET", view_key)
  if view then
    local status, body_hash = string.match(view, "^([^|]*)|([^|]*)")
    if body_hash ~= asked_hash then
      return { "refused", "idempotency-key-reused", 0 }
    end
    if status ~= "ADMITTED" then
      return { "seen", view, redis.call("PTTL", view_key), next_offset, rate }
    end
    -- Admitted, and perhaps never in line: it goes there again without asking anything. A duplicate is harmless, a lost request is not.
    return { "admitted", next_offset, rate }
  end

  local sale = redis.call(
    "HMGET", sale_key,
    "mode", "status", "opens_at_ms", "closes_at_ms", "complete", "total", "reserved", "sold", "waitlisted", "waitlist_limit"
  )
  local mode, status, complete = sale[1] or known_mode, sale[2], sale[5]
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
  local window, full_at = 60000, nil
  if refill > 0 then
    local known = tonumber(redis.call("GET", bucket_key)) or now
    full_at = math.min(math.max(known, now), now + window) + refill
    local missing = full_at - now - window
    if missing > 0 then
      return { "refused", "rate-limited", math.ceil(missing / 1000) }
    end
  end
  local function spend()
    if full_at then
      redis.call("SET", bucket_key, string.format("%.0f", full_at), "PX", full_at - now)
    end
  end

  if complete and sale[6] and sale[6] - sale[7] - sale[8] < quantity then
    local room = joins_waitlist and tonumber(sale[9]) < tonumber(sale[10])
    if not room then
      spend()
      return { "refused", "sold-out", 0 }
    end
  end
  if line_end and next_offset and line_end - next_offset > max_backlog then
    return { "refused", "temporarily-unavailable", 0 }
  end

  spend()
  redis.call("SET", view_key, admitted_view, "PX", view_ttl)
  return { "admitted", next_offset, rate }
end

local answers = {}
for i = 1, #KEYS / keys_each do
  local k, a = (i - 1) * keys_each, args_common + (i - 1) * args_each
  answers[i] = admit(
    KEYS[k + 1], KEYS[k + 2], KEYS[k + 3], KEYS[k + 4],
    ARGV[a + 1], ARGV[a + 2], tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]), ARGV[a + 5] == "1", ARGV[a + 6]
  )
end
return answers
