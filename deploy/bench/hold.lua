-- Holds for wrk: each of the next lodging's next two nights, by a guest nobody knows yet, from an address of their own:
-- a house counts the holds of each. Its arguments: the first lodging's number, how many follow it, and the first guest's.
local DAY = 24 * 60 * 60
local lodgings = {}
local guest, run

function init(arguments)
    lodgings.first, lodgings.count = tonumber(arguments[1]), tonumber(arguments[2])
    guest, run = tonumber(arguments[3]), os.time()
end

function request()
    local lodging, turn = lodgings.first + guest % lodgings.count, math.floor(guest / lodgings.count)
    local check_in = run + (2 + 2 * turn) * DAY
    local name = run .. "-" .. guest
    local address = string.format("2001:db8:%x:%x::1", math.floor(guest / 0x10000), guest % 0x10000)
    guest = guest + 1
    return wrk.format("POST", wrk.path, {
        ["content-type"] = "application/json",
        ["idempotency-key"] = name,
        ["x-forwarded-for"] = address,
    }, string.format(
        '{"accommodation_id":%d,"check_in":"%s","check_out":"%s","guests":2,"contact_name":"Ana Pérez",'
            .. '"contact_email":"ana.%s@example.com"}',
        lodging, os.date("!%Y-%m-%d", check_in), os.date("!%Y-%m-%d", check_in + 2 * DAY), name
    ))
end
