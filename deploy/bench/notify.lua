-- Mercado Pago's notifications for wrk, made of a file: a payment's id, a request's id and a signature in each line.
local notifications

function init(arguments)
    notifications = io.lines(arguments[1])
end

function request()
    local payment, request_id, signature = notifications():match("(%S+) (%S+) (%S+)")
    return wrk.format("POST", wrk.path .. "?data.id=" .. payment .. "&type=payment", {
        ["content-type"] = "application/json",
        ["x-request-id"] = request_id,
        ["x-signature"] = signature,
    }, '{"id":117889882382,"live_mode":true,"type":"payment","date_created":"2026-11-24T12:00:00Z","user_id":1234567890,'
        .. '"api_version":"v1","action":"payment.updated","data":{"id":"' .. payment .. '"}}')
end
