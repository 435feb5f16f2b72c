-- wrk: 1 MB of audio a request, as each side takes it. Arguments: KEY form|raw
local size = 1000000
function init(arguments)
  wrk.method = "POST"
  wrk.headers["X-API-Key"] = arguments[1]
  local audio = string.rep("\1\2\3\4", size / 4)
  if arguments[2] == "form" then
    local boundary = "a-boundary-of-the-form"
    wrk.headers["Content-Type"] = "multipart/form-data; boundary=" .. boundary
    wrk.body = "--" .. boundary .. "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
      .. "Content-Type: audio/wav\r\n\r\n" .. audio .. "\r\n--" .. boundary .. "--\r\n"
  else
    wrk.headers["Content-Type"] = "audio/wav"
    wrk.body = audio
  end
end
function response(status)
  if status ~= 202 then io.stderr:write("status " .. status .. "\n") end
end
