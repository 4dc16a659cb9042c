-- Shared by the scripts of a channel. KEYS: 1 the record, 2 the stream, 3 the newest offset of each key.
-- Record: e epoch, o last offset, r what run.lua compares, s where the epoch began, p the epoch before it,
-- l the highest offset that is lost and was not replaced, b bytes kept.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Returns the record, with a new epoch when there is none or the server may have lost its tail since it was written.
local function open(candidate)
  local f = redis.call('HMGET', KEYS[1], 'e', 'o', 'r', 's', 'p', 'l', 'b')
  if f[1] and goes_on(f[3]) then
    return {e = f[1], o = tonumber(f[2]), s = tonumber(f[4]), p = f[5], l = tonumber(f[6]), b = tonumber(f[7])}
  end
  local c = {e = candidate, o = 0, s = 0, p = '', l = 0, b = 0}
  if f[1] then
    c.o = tonumber(f[2])
    c.s = c.o
    c.p = f[1]
    c.l = tonumber(f[6])
    c.b = tonumber(f[7])
  else
    redis.call('DEL', KEYS[2], KEYS[3])
  end
  redis.call('HSET', KEYS[1], 'e', c.e, 'o', c.o, 'r', run, 's', c.s, 'p', c.p, 'l', c.l, 'b', c.b)
  return c
end

local function field(entry, name)
  local f = entry[2]
  for i = 1, #f, 2 do
    if f[i] == name then
      return f[i + 1]
    end
  end
  return nil
end

local function offset(entry)
  return tonumber(string.match(entry[1], '^%d+'))
end

local function drop(c, entry, lost)
  redis.call('XDEL', KEYS[2], entry[1])
  c.b = math.max(0, c.b - tonumber(field(entry, 'n')))
  c.changed = true
  if lost then
    c.l = math.max(c.l, offset(entry))
    local key = field(entry, 'k')
    if key and tonumber(redis.call('HGET', KEYS[3], key)) == offset(entry) then
      redis.call('HDEL', KEYS[3], key)
    end
  end
end

-- Lets go of the oldest while there are too many of them, or they are too large or too old.
local function trim(c, size, bytes, age, time)
  local count = redis.call('XLEN', KEYS[2])
  while count > 0 do
    local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
    if count <= size and c.b <= bytes and tonumber(field(first, 't')) > time - age then
      break
    end
    drop(c, first, true)
    count = count - 1
  end
  if count == 0 and c.l < c.o then
    c.l = c.o
    c.b = 0
    c.changed = true
  end
end

-- The record outlives what it tells about, so that offsets go on.
local function close(c, age)
  redis.call('HSET', KEYS[1], 'o', c.o, 'l', c.l, 'b', c.b)
  redis.call('PEXPIRE', KEYS[1], age + 172800000)
  redis.call('PEXPIRE', KEYS[2], age + 60000)
  redis.call('PEXPIRE', KEYS[3], age + 60000)
end
