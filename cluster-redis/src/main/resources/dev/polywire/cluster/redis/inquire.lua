-- Tells what became of a node, and buries it when its lease has ended. ARGV: node, lease, whether the caller may bury (1 or 0).
-- Returns 'alive', 'dead', 'left' (it went, and gave away what it had), 'unknown', or 'unsure' when too little is remembered to tell.
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  return 'dead'
end
local quiet = calm(tonumber(ARGV[2]))
local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not ends then
  return quiet and 'unknown' or 'unsure'
end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then
  return 'left'
end
if quiet and ARGV[3] == '1' and tonumber(ends) <= time then
  bury(ARGV[1], 0)
  return 'dead'
end
return 'alive'
