-- Notes that a node has members in a channel, before it has. KEYS: 1 its channels, 2 there once the node is dead. ARGV: channel.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
