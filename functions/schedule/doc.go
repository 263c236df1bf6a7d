// Package schedule plans the checks of each slot and hands them out.
//
//	ping -> schedule -> probe.due, shard.tick
//
// A tick is a wake-up and no more: whichever comes, the running slot and the
// next one are planned unless they are, and slots that went by unplanned are
// recorded as skipped. Planning one slot ahead, a tick that is late makes no
// check late. What is new in the catalog since the tick before, or changed, is
// checked at once, beside its slots: whoever changes the catalog may tick too.
//
// Endpoints that have been down for long are due less often (monitor.Cadence),
// until a check of theirs has passed. What is down is read once a slot.
//
// A slot is planned by whoever holds its claim: the claim is inserted, all
// events of the slot are emitted, the claim is marked as sent. A holder that
// fails in between loses the claim when its time is up; then the same events,
// with the same IDs, are emitted again.
package schedule
