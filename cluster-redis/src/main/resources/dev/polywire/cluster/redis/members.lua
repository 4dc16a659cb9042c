-- Shared by the scripts of a channel's presence. KEYS: 1 the record, 2 the members, 3 their order, 4 how many sessions each user has, 5 the channel of
-- pub/sub, 6 the caller's members. Record: v version, r what run.lua compares, d:<node> when that node was found dead.
-- A member is 'node fence since length-of-user user state'; ARGV[1] is the publish command.
local base = string.sub(KEYS[1], 1, -3)

local function text(n)
  return string.format('%.0f', n)
end

local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- What the record is to say of the server: the greater reign stays.
local kept = run

-- Returns the version. It begins with the time in microseconds, which it can never catch up with: so it does not go back either when all was
-- forgotten, or when another server may have lost the latest.
local function open()
  local f = redis.call('HMGET', KEYS[1], 'v', 'r')
  local v = tonumber(f[1] or '0')
  if goes_on(f[2]) then
    kept = f[2]
    return v, false
  end
  return math.max(v, micros()), true
end

local function count()
  return redis.call('HLEN', KEYS[2])
end

local function close(v)
  redis.call('HSET', KEYS[1], 'v', text(v), 'r', kept)
  if count() == 0 then
    redis.call('PEXPIRE', KEYS[1], 3600000)
  else
    redis.call('PERSIST', KEYS[1])
  end
end

local function set_of(node)
  return base .. ':n:' .. node
end

local function entry_of(session)
  local entry = redis.call('HGET', KEYS[2], session)
  if not entry then
    return nil
  end
  local node, fence, rest = string.match(entry, '^(%S+) (%d+) (.*)$')
  return {node = node, fence = tonumber(fence), rest = rest, all = entry}
end

local function write(session, node, fence, rest)
  local all = node .. ' ' .. text(fence) .. ' ' .. rest
  redis.call('HSET', KEYS[2], session, all)
  return all
end

-- Splits 'since length-of-user user state': the user or nil, and what comes before and after.
local function split(rest)
  local length, at = string.match(rest, '^%-?%d+ (%-?%d+) ()')
  length = tonumber(length)
  if length < 0 then
    return nil, string.sub(rest, 1, at - 1), string.sub(rest, at)
  end
  return string.sub(rest, at, at + length - 1), string.sub(rest, 1, at + length - 1), string.sub(rest, at + length)
end

local function tell(kind, v, flag, session, all)
  redis.call(ARGV[1], KEYS[5], kind .. ' ' .. text(v) .. ' ' .. count() .. ' ' .. flag .. ' ' .. #session .. ' ' .. session .. all)
end

-- Adds a member under a version, and tells whether it is its user's first session; everybody anonymous is alone.
local function add(session, node, fence, rest, v)
  local all = write(session, node, fence, rest)
  redis.call('ZADD', KEYS[3], text(v), session)
  redis.call('SADD', set_of(node), session)
  local user = split(rest)
  local first = not user or redis.call('HINCRBY', KEYS[4], user, 1) == 1
  return all, first and 1 or 0
end

-- Removes a member, and tells whether it was its user's last session.
local function remove(session, entry)
  redis.call('HDEL', KEYS[2], session)
  redis.call('ZREM', KEYS[3], session)
  redis.call('SREM', set_of(entry.node), session)
  local user = split(entry.rest)
  if not user then
    return 1
  end
  if redis.call('HINCRBY', KEYS[4], user, -1) > 0 then
    return 0
  end
  redis.call('HDEL', KEYS[4], user)
  return 1
end

-- Moves a member to another node; nobody but its old owner needs to hear of it.
local function own(session, entry, node, fence, v)
  redis.call('SREM', set_of(entry.node), session)
  redis.call('SADD', set_of(node), session)
  tell('o', v, 0, session, write(session, node, fence, entry.rest))
end

-- Lists those that came after a place, not many more than so many bytes of them: {session, member, place, ...}.
local function list(after, bytes, most)
  local told = {}
  local sum = 0
  while bytes > 0 and #told < 3 * most do
    local page = redis.call('ZRANGEBYSCORE', KEYS[3], (after == '-inf' and after or '(' .. after), '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
    for i = 1, #page, 2 do
      local session = page[i]
      local all = redis.call('HGET', KEYS[2], session)
      after = text(tonumber(page[i + 1]))
      told[#told + 1] = session
      told[#told + 1] = all
      told[#told + 1] = after
      local user, _, state = split(string.match(all, '^%S+ %d+ (.*)$'))
      -- At the most: the bytes of a text are no more than three times its characters.
      sum = sum + 100 + math.floor(#session / 3) + #state + (user and #user or 0)
      if sum > bytes or #told >= 3 * most then
        return told
      end
    end
    if #page < 200 then
      break
    end
  end
  return told
end
