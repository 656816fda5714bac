/** The key that holds the time of a script with a planted clock, in milliseconds. */
export const clockKey = "planted:now"

/**
 * A script that reads its time from a key instead of the server. Its keys expire by that time, too: a test moves the clock of the
 * data and never sleeps. The commands are those that admit.lua and take-turn.lua use. A key ends with its last millisecond.
 */
export const withPlantedClock = (script: string): string => `
local server, ends = redis, "planted:ends"
local function planted_now()
  return tonumber(server.call("GET", "${clockKey}"))
end
local redis = {
  call = function(command, key, ...)
    local now = planted_now()
    if command == "TIME" then
      return { tostring(math.floor(now / 1000)), tostring(now % 1000 * 1000) }
    end
    local ends_at = tonumber(server.call("HGET", ends, key))
    if ends_at and ends_at <= now then
      server.call("DEL", key)
      server.call("HDEL", ends, key)
    end
    if command == "PTTL" then
      return ends_at - now
    end
    if command == "SET" then
      local value, option, milliseconds = ...
      if option == "PX" then
        server.call("HSET", ends, key, now + milliseconds)
      end
      return server.call("SET", key, value)
    end
    return server.call(command, key, ...)
  end,
}
${script}`
