-- Renews a lease. ARGV: node, lease, what it says about itself, whether it may bury others (1 or 0), the dead node that it is cleaning up after or ''.
-- Returns {'dead'}, or {'new' or 'kept', a dead node to clean up after or ''}.
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  return {'dead'}
end
local lease = tonumber(ARGV[2])
local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 'kept' or 'new'
local quiet = calm(lease)
redis.call('HSET', KEYS[5], 't', text(time))
redis.call('ZADD', KEYS[1], text(time + lease), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
if quiet and ARGV[4] == '1' then
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(time), 'LIMIT', 0, 20)) do
    bury(node, 0)
  end
end
if ARGV[5] ~= '' then
  if redis.call('ZSCORE', KEYS[4], ARGV[5]) then
    redis.call('ZADD', KEYS[4], text(time + lease), ARGV[5])
  end
  return {known, ''}
end
local next = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', text(time), 'LIMIT', 0, 1)[1]
if next then
  redis.call('ZADD', KEYS[4], text(time + lease), next)
end
return {known, next or ''}
