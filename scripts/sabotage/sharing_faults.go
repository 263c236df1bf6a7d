package main

// sharingFaults have several processes lose or tell something that one would not.
func sharingFaults() []fault {
	return []fault{
		{
			Name: "kafka gives up what waits for a function that is unavailable",
			File: "shared/kafka/delivery.go", Old: "waits := d.trigger.holds", New: "waits := d.trigger.holds && try < 3",
			Package: "./shared/kafka", Run: "TestHold",
		},
		{
			Name: "kafka waits without end for a function that is unavailable",
			File: "shared/kafka/delivery.go", Old: "max(d.trigger.Delivery.Wait(try), holdMin), holdMax", New: "d.trigger.Delivery.Wait(try), 1000*holdMax",
			Package: "./shared/kafka", Run: "TestHold/the_wait",
		},
		{
			Name: "alert puts off what its host holds",
			File: "functions/alert/alert.go", Old: "if err != nil && a.parts.Held {", New: "if err == nil && a.parts.Held {",
			Package: "./functions/alert", Run: "TestHeld",
		},
		{
			Name: "alert acknowledges a tick that it could not work on, though its host holds it",
			File: "functions/alert/alert.go", Old: "if a.parts.Held || monitor.CodeOf", New: "if monitor.CodeOf",
			Package: "./functions/alert", Run: "TestHeld",
		},
		{
			Name: "a process that is well speaks before one that is not",
			File: "functions/standalone/selfwatch.go", Old: "case <-time.After(w.app.Settings.Slot / 4):", New: "case <-time.After(0):",
			Package: "./functions/standalone", Run: "TestSelfShared",
		},
		{
			Name: "a monitor that does everything starts beside those that share their work",
			File: "shared/storage/drivers/lock_unix.go", Old: "syscall.LOCK_EX", New: "syscall.LOCK_SH",
			Package: "./shared/storage/drivers", Run: "TestClaim",
		},
	}
}
