-- admit: admits requests, or refuses them with a reason. It takes one round trip and touches no other key. It judges the requests
-- one by one, in their order: a later request of the same user, id or sale finds what the earlier one left. Begins with
-- primary.lua.
--   KEYS  for each request: sale, bucket of the user, view of the reservation, progress of the partition, bucket of the source
--         ("": not known)
--   ARGV  1 an admitted view's time to live in ms   2 backlog at most
--         3 ms until a flagged client's token is back   4-7 weights of regular, busy, crowd, lately
--         8-17 limits of arrivals, 18-21 of copies: see below
--         22 the first offset of the generation of the log that is in force (core/domain/log-generations.ts);
--         then for each request:
--         1 body hash   2 the view of an admitted request   3 ms until a spent token is back (0: the request costs none)
--         4 quantity   5 "1" if it would join the waitlist   6 the sale's mode, for a Redis that does not know it
--         7 weight of the signals in the request   8 the weight that flags a client   9 the user as 8 hex digits and a semicolon
--         10 a moment, in ms, that PostgreSQL's clock has passed
--         11 the sale's status at that moment, for a Redis that does not know the sale
--   out   for each request: {"admitted", next, rate, behaviour, "1" for a copy} | {"pending", next, rate, behaviour}
--         | {"seen", view, ttl in ms, next, rate} | {"refused", reason, retry after in s, behaviour, "1" if the key is decided}
--         behaviour: the signals seen, a space before each; pending: a copy of the request is on its way into the queue
--   Data that Redis does not have refuses nothing. Stock and closing refuse only while the sale is completely loaded into this
--   primary. Opening and closing go by PostgreSQL's clock, everything else by this server's (ADR 0026). Times in the sale are cut
--   to the ms: the moment must be after them, not at them.
--   A request whose key has a view is a copy. Copies of a key are counted in "<its view>:copies":
--   "<copies> <sends into the queue> <last send at>".
--   A bucket is text: "<full at> <flagged until> <last request at> <gap> <gap> ...", the youngest gap first. The bucket of a
--   source continues with "|<its minute began at> <requests in it> <1: was busy in the minute before>|" and its users as in 9.
local keys_each, args_each, args_common = 5, 11, 22
local view_ttl, max_backlog = ARGV[1], tonumber(ARGV[2])
local suspect_refill = tonumber(ARGV[3])
local regular_weight, busy_weight, crowd_weight, lately_weight = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local max_gaps, least_gaps, least_mean_gap = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local most_even, busy_gaps, busy_ms = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local crowd_users, max_users, busy_requests, busy_per_user = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17])
local free_copies, copies_window = tonumber(ARGV[18]), tonumber(ARGV[19])
local max_sends_at_once, send_interval = tonumber(ARGV[20]), tonumber(ARGV[21])
local first_offset, offsets_per_generation = tonumber(ARGV[22]), 2 ^ 40
local user_width, window = 9, 60000
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- A mark counts only on the primary that it was set on. The primary is read only when the mark would refuse, and once a call: the
-- read costs some microseconds.
local identity, is_asked
local function counts(mark)
  if mark and not is_asked then
    identity, is_asked = primary(), true
  end
  return mark and mark == identity
end

-- Reads a bucket and adds a request that came now (core/domain/arrivals.ts). Returns when the bucket is full, the text of its
-- arrivals, the number, sum and sum of squares of the gaps, whether there are more requests than a person makes, and until when
-- the client is flagged.
local function arrive(bucket)
  local full_at, suspect_until, last, earlier = string.match(bucket or "", "^(%d+) ?(%d*) ?(%d*)([^|]*)")
  full_at, suspect_until, last = tonumber(full_at) or now, tonumber(suspect_until) or 0, tonumber(last)
  if not last then
    return full_at, tostring(now), 0, 0, 0, false, suspect_until
  end
  local gap = math.max(0, now - last)
  local count, sum, squares, busy = 1, gap, gap * gap, false
  for digits in string.gmatch(earlier, "%d+") do
    if count >= max_gaps then
      earlier = string.match(earlier, "^(.*) %d+$")
      break
    end
    local before = tonumber(digits)
    count, sum, squares = count + 1, sum + before, squares + before * before
    busy = busy or (count == busy_gaps and sum <= busy_ms)
  end
  local text = now .. " " .. gap .. earlier
  return full_at, text, count, sum, squares, busy, suspect_until
end

-- Counts a request of a source and its user. Returns the text of its minute, whether it is busy, and whether it is a crowd.
local function count_source(source, user)
  local since, requests, was_busy, users = string.match(source or "", "|(%d+) (%d+) (%d)|(.*)$")
  since, requests, was_busy, users = tonumber(since) or now, tonumber(requests) or 0, was_busy == "1", users or ""
  local function is_busy()
    local names = #users / user_width
    return was_busy or (names < max_users and requests >= busy_requests and requests >= names * busy_per_user)
  end
  if now - since >= window then
    local busy_before = is_busy()
    since, requests, was_busy, users = now, 0, busy_before, ""
  end
  requests = requests + 1
  if #users < max_users * user_width and not string.find(users, user, 1, true) then
    users = users .. user
  end
  local text = "|" .. since .. " " .. requests .. " " .. (was_busy and 1 or 0) .. "|" .. users
  return text, is_busy(), #users >= crowd_users * user_width
end

local function is_regular(count, sum, squares)
  return count >= least_gaps and sum >= count * least_mean_gap and count * squares <= most_even * sum * sum
end

-- A bucket is the moment at which it is full again (core/domain/token-bucket.ts). Returns that moment after a token is taken, and
-- the ms until there is a token (0 or less: there is one).
local function take(full_at, refill)
  local taken = math.min(math.max(full_at, now), now + window) + refill
  return taken, taken - now - window
end

-- After a minute without a request a bucket is full and its arrivals no longer count, so the key expires.
local function keep(bucket_key, full_at, suspect_until, rest)
  redis.call("SET", bucket_key, string.format("%.0f %.0f ", full_at, suspect_until) .. rest, "PX", window)
end

-- Judges the client and takes a token. Returns the ms until there is a token, the behaviour seen, and a function that writes the
-- buckets, with or without the token spent.
local function charge(bucket_key, source_key, refill, weight, threshold, user)
  local behaviour = ""
  local full_at, came, count, sum, squares, busy, suspect_until = arrive(redis.call("GET", bucket_key))
  local regular = is_regular(count, sum, squares)
  local source_full_at, source_came, crowded
  if source_key ~= "" then
    local source = redis.call("GET", source_key)
    local source_count, source_sum, source_squares, minute, source_busy
    source_full_at, source_came, source_count, source_sum, source_squares = arrive(source)
    regular = regular or is_regular(source_count, source_sum, source_squares)
    minute, source_busy, crowded = count_source(source, user)
    busy, source_came = busy or source_busy, source_came .. minute
  end
  if regular then
    weight, behaviour = weight + regular_weight, " regular"
  end
  if busy then
    weight, behaviour = weight + busy_weight, behaviour .. " busy"
  end
  if crowded then
    weight, behaviour = weight + crowd_weight, behaviour .. " crowd"
  end

  local lately = now < suspect_until
  if weight >= threshold then
    suspect_until = now + window
  end
  if lately then
    weight, behaviour = weight + lately_weight, behaviour .. " lately"
  end

  local spent, missing
  local source_spent, source_missing = source_full_at, 0
  if weight < threshold then
    spent, missing = take(full_at, refill)
  else
    spent, missing = take(full_at, suspect_refill)
    -- The flagged clients of a source share one bucket: otherwise a script would get a new token with each new user name.
    if source_full_at then
      source_spent, source_missing = take(source_full_at, suspect_refill)
    end
  end
  local function settle(spends)
    keep(bucket_key, spends and spent or full_at, suspect_until, came)
    if source_came then
      keep(source_key, spends and source_spent or source_full_at, 0, source_came)
    end
  end
  return math.max(missing, source_missing), behaviour, settle
end

-- Counts a copy of a key (core/domain/copies.ts). Returns its number, and a function that writes the count. With `wants_send`
-- that function counts a send into the queue as well, and returns whether the copy may be sent.
local function count_copy(view_key)
  local copies_key = view_key .. ":copies"
  local copies, sends, sent_at = string.match(redis.call("GET", copies_key) or "", "^(%d+) (%d+) (%d+)$")
  local is_first = not copies
  copies, sends, sent_at = (tonumber(copies) or 0) + 1, tonumber(sends) or 1, tonumber(sent_at)
  -- The first send was when the view was made.
  sent_at = sent_at or now - math.max(0, view_ttl - redis.call("PTTL", view_key))
  return copies, function(wants_send)
    local elapsed = now - sent_at
    local may_send = wants_send and (sends < max_sends_at_once or elapsed >= send_interval or elapsed < 0)
    if may_send then
      sends, sent_at = sends + 1, now
    end
    local counted = string.format("%.0f %.0f %.0f", copies, sends, sent_at)
    if is_first then
      redis.call("SET", copies_key, counted, "PX", copies_window)
    else
      redis.call("SET", copies_key, counted, "KEEPTTL")
    end
    return may_send
  end
end

local function admit(
  sale_key, bucket_key, view_key, progress_key, source_key,
  asked_hash, admitted_view, refill, quantity, joins_waitlist, known_mode, weight, threshold, user, moment, known_status
)
  local progress = redis.call("HMGET", progress_key, "end", "next", "rate")
  local queue_end, next_offset, rate = progress[1], progress[2], progress[3]

  local view = redis.call("GET", view_key)
  if view then
    local status, body_hash = string.match(view, "^([^|]*)|([^|]*)")
    if status == "QUEUED" and first_offset > 0 then
      -- An earlier generation of the log has ended: its writer decided the request, or nothing ever will. A copy in this one is
      -- decided once.
      local offset = tonumber(string.match(view, "^[^|]*" .. string.rep("|[^|]*", 6) .. "|(%d*)"))
      if offset and offset < first_offset then
        status = "ADMITTED"
      end
    end
    local copies, keep_count = count_copy(view_key)
    local behaviour = ""
    if copies > free_copies and refill > 0 then
      local missing, seen_behaviour, settle = charge(bucket_key, source_key, refill, weight, threshold, user)
      behaviour = seen_behaviour
      settle(missing <= 0)
      if missing > 0 then
        keep_count(false)
        local is_decided = status ~= "ADMITTED" and status ~= "QUEUED"
        return { "refused", "rate-limited", math.ceil(missing / 1000), behaviour, is_decided and "1" or "" }
      end
    end
    local may_send = keep_count(status == "ADMITTED" and body_hash == asked_hash)
    if body_hash ~= asked_hash then
      return { "refused", "idempotency-key-reused", 0, behaviour }
    end
    if status ~= "ADMITTED" then
      return { "seen", view, redis.call("PTTL", view_key), next_offset, rate }
    end
    -- The request was admitted, but its record may not be in the queue: it is sent again without a further check. A duplicate is
    -- harmless, a lost request is not.
    return { may_send and "admitted" or "pending", next_offset, rate, behaviour, "1" }
  end

  local sale = redis.call(
    "HMGET", sale_key,
    "mode", "status", "opens_at_ms", "closes_at_ms", "complete", "total", "reserved", "sold", "waitlisted", "waitlist_limit"
  )
  local mode, status, mark = sale[1] or known_mode, sale[2] or known_status, sale[5]
  local opens_at, closes_at = tonumber(sale[3]), tonumber(sale[4])

  if mode == "halted" then
    return { "refused", "sale-halted", 0 }
  end
  if status == "closed" or (closes_at and moment > closes_at) then
    if counts(mark) then
      return { "refused", "sale-closed", 0 }
    end
  elseif status == "draft" and not (opens_at and moment > opens_at) then
    return { "refused", "sale-not-open", 0 }
  end

  local behaviour, settle = "", function() end
  if refill > 0 then
    local missing
    missing, behaviour, settle = charge(bucket_key, source_key, refill, weight, threshold, user)
    if missing > 0 then
      settle(false)
      return { "refused", "rate-limited", math.ceil(missing / 1000), behaviour }
    end
  end

  if mark and sale[6] and sale[6] - sale[7] - sale[8] < quantity then
    local room = joins_waitlist and tonumber(sale[9]) < tonumber(sale[10])
    if not room and counts(mark) then
      settle(true)
      return { "refused", "sold-out", 0, behaviour }
    end
  end
  -- A direct decision needs no queue, so its backlog does not matter.
  -- The watermark of an earlier generation stands for the beginning of this one.
  if mode ~= "direct" and queue_end and next_offset
    and queue_end - math.max(next_offset, queue_end - queue_end % offsets_per_generation) > max_backlog then
    settle(false)
    return { "refused", "temporarily-unavailable", 0, behaviour }
  end

  settle(true)
  redis.call("SET", view_key, admitted_view, "PX", view_ttl)
  return { "admitted", next_offset, rate, behaviour }
end

local answers = {}
for i = 1, #KEYS / keys_each do
  local k, a = (i - 1) * keys_each, args_common + (i - 1) * args_each
  answers[i] = admit(
    KEYS[k + 1], KEYS[k + 2], KEYS[k + 3], KEYS[k + 4], KEYS[k + 5],
    ARGV[a + 1], ARGV[a + 2], tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]), ARGV[a + 5] == "1", ARGV[a + 6],
    tonumber(ARGV[a + 7]), tonumber(ARGV[a + 8]), ARGV[a + 9], tonumber(ARGV[a + 10]), ARGV[a + 11]
  )
end
return answers
