-- Counts what a node has used of a user's or an address's limits. KEYS: 1 the entry. Entry: r1, r2, ... when the debt of each rate is paid off, in microseconds; h<node> until when
-- counts what the node holds, in microseconds, and how many of each thing, with colons between.
-- ARGV: node, how many rates, how many things are held, the longest debt, how long what is held counts, both in microseconds; then what was spent of each rate, then what is held.
-- Returns {{what is owed of each rate}, {another node, what it holds of each thing, ...}}.
local clock = redis.call('TIME')
local time = clock[1] * 1000000 + clock[2]
local rates = tonumber(ARGV[2])
local things = tonumber(ARGV[3])
local most = tonumber(ARGV[4])
local kept = tonumber(ARGV[5])

local function text(n)
  return string.format('%.0f', n)
end

local paid = {}
local others = {}
local gone = {}
local last = time
local entry = redis.call('HGETALL', KEYS[1])
for i = 1, #entry, 2 do
  local name = entry[i]
  if string.sub(name, 1, 1) == 'r' then
    paid[tonumber(string.sub(name, 2))] = tonumber(entry[i + 1])
  elseif string.sub(name, 2) ~= ARGV[1] then
    local numbers = {}
    for number in string.gmatch(entry[i + 1], '%d+') do
      numbers[#numbers + 1] = number
    end
    local ends = tonumber(numbers[1])
    if ends > time and ends <= time + kept then
      last = math.max(last, ends)
      others[#others + 1] = string.sub(name, 2)
      for j = 1, things do
        others[#others + 1] = numbers[j + 1] or '0'
      end
    else
      gone[#gone + 1] = name
    end
  end
end

local owed = {}
local set = {}
for i = 1, rates do
  -- A debt that is longer than the longest is one of a clock that was set back.
  local before = math.min(math.max(paid[i] or 0, time), time + most)
  local ends = math.min(before + tonumber(ARGV[5 + i]), time + most)
  owed[i] = text(ends - time)
  if ends > time then
    last = math.max(last, ends)
    set[#set + 1] = 'r' .. i
    set[#set + 1] = text(ends)
  elseif paid[i] then
    gone[#gone + 1] = 'r' .. i
  end
end

local held = text(time + kept)
local holds = false
for j = 1, things do
  local count = ARGV[5 + rates + j]
  held = held .. ':' .. count
  holds = holds or count ~= '0'
end
if holds then
  last = time + kept
  set[#set + 1] = 'h' .. ARGV[1]
  set[#set + 1] = held
else
  gone[#gone + 1] = 'h' .. ARGV[1]
end

if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
end
if #set > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
end
if last > time then
  redis.call('PEXPIRE', KEYS[1], text(math.ceil((last - time) / 1000)))
end
return {owed, others}
