-- Token requests for wrk, and its findings as one line of JSON. BENCH_BODIES names a file with a body in each line;
-- where there are several, each request takes one at random, or with BENCH_IN_TURN the next one. BENCH_SEED is where
-- chance begins: by itself LuaJIT begins with the same bodies each time, which the caches hold from the last one.
wrk.method = "POST"
wrk.headers["Content-Type"] = os.getenv("BENCH_CONTENT_TYPE")

math.randomseed(tonumber(os.getenv("BENCH_SEED")))

local bodies = {}
for line in io.lines(os.getenv("BENCH_BODIES")) do
  bodies[#bodies + 1] = line
end

if #bodies == 1 then
  wrk.body = bodies[1]
else
  local requests = {}
  local in_turn, last = os.getenv("BENCH_IN_TURN"), 0
  function request()
    last = in_turn and last % #bodies + 1 or math.random(#bodies)
    local chosen = last
    local made = requests[chosen]
    if not made then
      made = wrk.format(nil, nil, nil, bodies[chosen])
      requests[chosen] = made
    end
    return made
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50_us": %d, "p99_us": %d, "non_2xx": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
