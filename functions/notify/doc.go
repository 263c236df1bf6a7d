// Package notify tells people what became of incidents, and keeps the receipts.
//
//	incident.changed -> notify -> Slack, webhooks
//
// A change is acknowledged once its notices are saved; one that cannot be saved,
// however long, is told again by alert until it is. A sender in the background
// delivers them:
//
//   - Every failure to send is tried again, with a growing wait, until
//     monitor.NoticeExpiry: a wrong token or a webhook that answers 404 may be
//     repaired, and the error stands in the notice meanwhile. Only a channel
//     that is not defined any more ends a notice at once.
//   - A notice waits for the one before it of its incident and channel, and is
//     sent with that one's receipt: a channel that can edit keeps one message an
//     incident. Such a channel hears of updates as well, others of openings and
//     resolutions only.
//   - Each channel has its own queue with one attempt in flight, so a slow
//     channel delays no other. A provider that asks for a pause is given one
//     for the whole channel, and one that works again is told at once all
//     that waits for it, in the order in which it was decided.
//   - Shards are read side by side. What can be sent waits for those that are
//     slow to read once, and for moments only; they are told when they are read.
//   - An attempt holds the notice by a lease in storage, so several processes
//     may share a store. One that dies between the provider's acceptance and
//     the receipt leaves a lease without an outcome: the notice is sent again,
//     and counted as a possible repeat.
package notify
