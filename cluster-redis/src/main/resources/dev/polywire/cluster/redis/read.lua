-- Reads a channel. ARGV: candidate epoch, size, age, bytes, epoch and offset since which (offset -1: all), limit, reverse (1 or 0).
-- Returns {epoch, top, from, complete, more, {offset, message, ...}}: what is told begins after from.
local size = tonumber(ARGV[2])
local age = tonumber(ARGV[3])
local limit = tonumber(ARGV[7])
local since = tonumber(ARGV[6])
local c = open(ARGV[1])
trim(c, size, tonumber(ARGV[4]), age, now())
-- A look that finds nothing to change writes nothing, but for once a day.
if c.changed or redis.call('PTTL', KEYS[1]) < age + 86400000 then
  close(c, age)
end
local complete = 1
local from = 0
if since < 0 then
  from = c.l
elseif ARGV[5] == c.e then
  from = since
  if since > c.o then
    complete = 0
    from = c.o
  end
elseif c.p ~= '' and ARGV[5] == c.p then
  -- The epoch before: what both have is the same, up to where this one began.
  from = since
  if since > c.s then
    complete = 0
    from = c.s
  end
else
  complete = 0
  from = c.s
end
local id = function(n)
  return string.format('%.0f-0', n)
end
local found
if ARGV[8] == '1' then
  local high = '+'
  if since >= 0 then
    high = '(' .. id(from)
  end
  found = redis.call('XREVRANGE', KEYS[2], high, '-', 'COUNT', limit + 1)
else
  if from < c.l then
    complete = 0
    from = c.l
  end
  found = redis.call('XRANGE', KEYS[2], '(' .. id(from), '+', 'COUNT', limit + 1)
end
local more = 0
local told = {}
for i, entry in ipairs(found) do
  if i > limit then
    more = 1
  else
    told[#told + 1] = offset(entry)
    told[#told + 1] = field(entry, 'm')
  end
end
return {c.e, c.o, from, complete, more, told}
