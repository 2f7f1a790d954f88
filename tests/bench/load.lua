-- load.lua - wrk sends the requests of a file, each once, and tells at the end what came of it in one line of JSON.
--
--	wrk -t1 -c64 -d5s -s load.lua http://127.0.0.1:PORT -- FILE FIRST [whole]
--
-- A line is METHOD, path, bearer token ("-": none) and body, parted by tabs. FIRST: the line to begin with, from 1.
-- A file that ends before the time does begins again: only for reads. With "whole" behind FIRST the load ends with the
-- file, says so, and waits for SIGINT: wrk itself sleeps until its time is over.

local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init(args)
	lines = {}
	for line in io.lines(args[1]) do
		lines[#lines + 1] = line
	end
	at = tonumber(args[2] or "1") - 1
	if args[3] == "whole" then
		end_with(#lines - at)
	end
end

-- Defined only when asked for: wrk is slower with it.
function end_with(answers)
	function response()
		answers = answers - 1
		if answers == 0 then
			io.write("WHOLE\n")
			io.flush()
			wrk.thread:stop()
		end
	end
end

function request()
	at = at + 1
	local method, path, token, body = lines[(at - 1) % #lines + 1]:match("^(%S+)\t(%S+)\t(%S+)\t(.*)$")
	local headers = {["Content-Type"] = "application/json"}
	if token ~= "-" then
		headers["Authorization"] = "Bearer " .. token
	end
	return wrk.format(method, path, headers, body ~= "" and body or nil)
end

function done(summary, latency, requests)
	local used = 0
	for _, thread in ipairs(threads) do
		used = math.max(used, thread:get("at"))
	end
	local errors = summary.errors
	io.write(string.format(
		'\nRESULT {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "not_2xx": %d, "broken": %d, "used": %d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
		errors.connect + errors.read + errors.write + errors.timeout, used))
end
