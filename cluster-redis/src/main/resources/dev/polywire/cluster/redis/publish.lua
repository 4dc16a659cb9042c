-- Publishes one message. KEYS: 4 the channel of pub/sub, 5 the record of a repeat, if any.
-- ARGV: candidate epoch, message, bytes it counts for, size, age, bytes kept in all, newest (1 or 0), key with a prefix, dedupe window,
-- publish command. Returns {epoch, offset, duplicate}; offset 0 when it is not stored.
local size = tonumber(ARGV[4])
local age = tonumber(ARGV[5])
if KEYS[5] then
  local before = redis.call('GET', KEYS[5])
  if before then
    -- A write, so that waiting for the replicas after it means something: the first may not have got there.
    redis.call('PEXPIRE', KEYS[5], ARGV[9])
    local epoch, at = string.match(before, '^(%S+) (%d+)$')
    return {epoch, tonumber(at), 1}
  end
end
local epoch = '-'
local at = 0
if size > 0 then
  local c = open(ARGV[1])
  c.o = c.o + 1
  at = c.o
  epoch = c.e
  local time = now()
  local bytes = tonumber(ARGV[3])
  if ARGV[7] == '1' then
    local before = redis.call('HGET', KEYS[3], ARGV[8])
    if before then
      local old = redis.call('XRANGE', KEYS[2], before .. '-0', before .. '-0')[1]
      if old then
        drop(c, old, false)
      end
    end
  end
  if bytes <= tonumber(ARGV[6]) then
    local id = string.format('%.0f-0', at)
    if ARGV[7] == '1' then
      redis.call('XADD', KEYS[2], id, 't', time, 'n', bytes, 'm', ARGV[2], 'k', ARGV[8])
      redis.call('HSET', KEYS[3], ARGV[8], string.format('%.0f', at))
    else
      redis.call('XADD', KEYS[2], id, 't', time, 'n', bytes, 'm', ARGV[2])
    end
    c.b = c.b + bytes
    trim(c, size, tonumber(ARGV[6]), age, time)
  else
    trim(c, 0, 0, age, time)
  end
  close(c, age)
end
local stamp = epoch .. ' ' .. string.format('%.0f', at)
if KEYS[5] then
  redis.call('SET', KEYS[5], stamp, 'PX', ARGV[9])
end
redis.call(ARGV[10], KEYS[4], stamp .. '\n' .. ARGV[2])
return {epoch, at, 0}
