-- Shared by the scripts of the nodes. KEYS: 1 when each lease ends, 2 what each says about itself, 3 the dead, 4 the dead whose members are still to
-- be removed, and until when somebody is at it, 5 t when somebody last renewed, g before when nobody is buried.
local function moment()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local time = moment()

local function text(n)
  return string.format('%.0f', n)
end

-- Tells whether somebody may be buried now. When nobody at all has renewed for as long as a lease, Redis was away, or its clock was set, or all was
-- forgotten: then everybody gets the time to renew.
local function calm(lease)
  local f = redis.call('HMGET', KEYS[5], 't', 'g')
  local last = tonumber(f[1] or '0')
  local guard = tonumber(f[2] or '0')
  if time - last > lease or last - time > lease then
    guard = time + 2 * lease
    redis.call('HSET', KEYS[5], 't', text(time), 'g', text(guard))
  end
  return time >= guard
end

local function bury(node, at)
  redis.call('ZREM', KEYS[1], node)
  redis.call('HDEL', KEYS[2], node)
  redis.call('ZADD', KEYS[3], text(time), node)
  redis.call('ZADD', KEYS[4], text(at), node)
  -- A name is dead for a month: nobody sleeps longer.
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', text(time - 2592000000))
end
