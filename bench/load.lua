-- wrk's requests: people who answer the short poll to its end, each with a number, a session and ids of their own.
--   wrk -s bench/load.lua URL -- <ussd|sms> <first person>
-- So many talk at once that a person's next request is never sent before the answer to the last.

local AT_ONCE = 256
local TURNS = {
    ussd = { "", "1", "1*2", "1*2*2", "1*2*2*1" },
    sms = { "PULSE", "1", "2", "2", "1" },
}

local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local people, turn, kind, nobody, asked

function init(args)
    kind, nobody = args[1], tonumber(args[2])
    people, turn, asked = {}, {}, 0
    for place = 0, AT_ONCE - 1 do
        people[place], turn[place] = nobody, 1
        nobody = nobody + 1
    end
end

function request()
    local place = asked % AT_ONCE
    asked = asked + 1
    local person, text, body = people[place], TURNS[kind][turn[place]], nil
    local number = string.format("%%2B2547%08d", person)
    if kind == "ussd" then
        body = "sessionId=ATUid_" .. person .. "&phoneNumber=" .. number
            .. "&networkCode=63902&serviceCode=%2A384%2A22%23&text=" .. text:gsub("*", "%%2A")
    else
        body = "date=2026-03-02+09%3A00%3A00&from=" .. number .. "&id=" .. person .. "-" .. turn[place]
            .. "&text=" .. text .. "&to=22384&cost=&networkCode=63902"
    end
    turn[place] = turn[place] + 1
    if turn[place] > #TURNS[kind] then
        people[place], turn[place] = nobody, 1
        nobody = nobody + 1
    end
    return wrk.format("POST", nil, headers, body)
end

function done(summary, latency)
    local errors = summary.errors
    io.stdout:write(string.format(
        '\nJSON {"answered": %d, "seconds": %.3f, "not_200": %d, "broken": %d, "p50_ms": %.2f, "p99_ms": %.2f}\n',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
