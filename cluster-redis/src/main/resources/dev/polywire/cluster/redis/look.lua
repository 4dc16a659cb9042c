-- Reads presence. ARGV: 2 the place after which to list ('-inf': from the first), 3 bytes to list, 4 how many at the most.
-- Returns {version, count, how many are the caller's, {session, member, place, ...}}.
local v, changed = open()
local all = count()
if changed and all > 0 then
  close(v)
end
return {text(v), all, redis.call('SCARD', KEYS[6]), list(ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))}
