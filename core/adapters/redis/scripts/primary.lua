-- primary: the beginning of other scripts, and no script by itself.
-- Returns the identity of this server as a primary; nil when it is a replica or does not say. A replica that is promoted takes a new one,
-- and so does a server that starts again: whatever was tied to the old one counts no more, however much of the data is still there.
local function primary()
  local info = redis.call("INFO", "replication")
  return string.find(info, "role:master", 1, true) and string.match(info, "master_replid:(%x+)") or nil
end
