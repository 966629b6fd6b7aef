-- The refusal, as an operator would write it for HAProxy. The text is that of op25bd.
local file = assert(io.open(os.getenv("GREETING"), "rb"))
local greeting = file:read("a")
file:close()

core.register_service("refuse", "tcp", function(applet)
    applet:send(greeting)
    local line = applet:getline()
    while line ~= nil and line ~= "" do
        if line:upper():find("^QUIT") then
            applet:send("221 op25b.isp.example Goodbye\r\n")
            return
        end
        applet:send("503 5.5.1 Port 25 is blocked\r\n")
        line = applet:getline()
    end
end)
