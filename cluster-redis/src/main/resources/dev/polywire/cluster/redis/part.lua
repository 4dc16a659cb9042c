-- A node goes. ARGV: node, lease, for how long its name is kept for the members of sessions that it gave away (0: buried now, and it cleans up itself).
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  return 0
end
if tonumber(ARGV[3]) > 0 then
  redis.call('ZADD', KEYS[1], text(time + tonumber(ARGV[3])), ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  bury(ARGV[1], time + tonumber(ARGV[2]))
end
return 1
