-- Keeps an entry. ARGV: node, how long, the fence under which the node knows that it owned it or -1. Returns 0 when it does not own it any more.
if not entry[2] then
  if ARGV[3] == '-1' then
    return 0
  end
  redis.call('HSET', KEYS[1], 'o', ARGV[1], 'f', ARGV[3], 'w', 0)
elseif entry[1] ~= ARGV[1] or entry[4] then
  return 0
elseif entry[3] == '1' and ARGV[3] ~= '-1' then
  -- Redis has forgotten everything while the owner before this one did not know whether it had given the session away, and did it again.
  redis.call('HSET', KEYS[1], 'w', 0)
end
if redis.call('HGET', KEYS[1], 'w') == '0' then
  -- It has the state.
  redis.call('HDEL', KEYS[1], 's', 'p', 't')
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
