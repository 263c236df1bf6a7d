package monitor

// Free tells whether the process run may take the claim over at now: its
// holder did not send all of the slot in time, or the claim is of another run.
// A run has a name only where the events live and die with the process; then
// what an earlier run sent is gone. A claim of a skipped slot is never free.
func (c Claim) Free(now Instant, run string) bool {
	if c.Skipped != "" {
		return false
	}
	gone := run != "" && c.Run != run
	return gone || !c.Sent && c.Until <= now
}

// From returns the due times that are left when a slot is planned at now, in
// the middle of it, and how many are lost. If all of them are past, the last
// one is left, to be made late.
func (d Due) From(now Instant) (left Due, lost int) {
	if d.Count == 0 || d.First >= now {
		return d, 0
	}
	every := Instant(d.Every.D().Milliseconds())
	lost = min(int((now-d.First+every-1)/every), d.Count-1)
	return Due{First: d.At(lost), Every: d.Every, Count: d.Count - lost}, lost
}
