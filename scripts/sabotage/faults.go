package main

import "slices"

// faults returns the promises that are taken away, each with the tests that
// must notice. CONTRIBUTING.md lists them for people.
func faults() []fault {
	return slices.Concat(pipelineFaults(), awayFaults(), edgeFaults(), kafkaFaults(), kafkaTellingFaults(), kafkaClusterFaults(), kafkaOperatorFaults(), linkFaults(), couchbaseFaults(), sharingFaults())
}

// pipelineFaults lose, double or forget something on the data's way.
func pipelineFaults() []fault {
	return []fault{
		{
			Name: "bus acknowledges what its function refused",
			File: "shared/bus/deliver.go", Old: "if failed == nil {", New: "if failed == nil || failed != nil {",
			Package: "./shared/bus", Run: ".",
		},
		{
			Name: "store acknowledges results that the tail does not have",
			File: "functions/store/store.go",
			Old:  "AppendTail(ctx, kept.Shard, now, data); err != nil {", New: "AppendTail(ctx, kept.Shard, now, data); false {",
			Package: "./functions/store", Run: ".",
		},
		{
			Name: "fold loses a tail row",
			File: "functions/store/folding.go", Old: "for i := range tail {", New: "for i := range tail[:len(tail)-1] {",
			Package: "./functions/store", Run: ".",
		},
		{
			Name: "fold counts a check twice",
			File: "shared/monitor/window.go",
			Old:  "func(a, b Result) bool { return a.Due == b.Due })", New: "func(a, b Result) bool { return false })",
			Package: "./shared/monitor", Run: ".",
		},
		{
			Name: "results wait for their fold without end",
			File: "functions/store/ripe.go", Old: "age(oldest, now) > s.parts.FoldAfter-next", New: "age(oldest, now) < 0",
			Package: "./functions/store", Run: "TestFoldAfter",
		},
		{
			Name: "fold drops rows that are not decided on",
			File: "functions/store/fold.go", Old: "TailMark(ctx, shard, state.Decided)", New: "TailMark(ctx, shard, state.Decided+1<<40)",
			Package: "./functions/store", Run: ".",
		},
		{
			Name: "alert forgets its watermark",
			File: "shared/monitor/state.go", Old: "|| r.Due <= s.Seen[r.Location] {", New: "{",
			Package: "./shared/monitor", Run: ".",
		},
		{
			Name: "alert does not tell what is in its outbox",
			File: "functions/alert/outbox.go", Old: "emit(limited, out...); err != nil {", New: "emit(limited); err != nil {",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "alert does not replay what was stored but not decided on",
			File: "functions/alert/replay.go", Old: "for number := range a.shards {", New: "for number := range a.shards[:0] {",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "incident starts when it was decided, not with its first failing check",
			File: "shared/monitor/state.go", Old: "To: to, At: streak.First,", New: "To: to, At: r.Due,",
			Package: "./shared/monitor", Run: ".",
		},
		{
			Name: "changes of an incident share one ID",
			File: "shared/monitor/incident.go", Old: "next.Sequence++", New: "next.Sequence = 1",
			Package: "./shared/monitor", Run: ".",
		},
		{
			Name: "notify drops the receipt",
			File: "functions/notify/attempt.go", Old: "= now, cut(receipt), \"\", 0", New: "= now, receipt[:0], \"\", 0",
			Package: "./functions/notify", Run: "TestNotify/a_change_is_told_to_each",
		},
		{
			Name: "notify sends without a lease",
			File: "functions/notify/attempt.go",
			Old:  "revision, err := n.parts.Notices.UpdateNotice(ctx, notice)\n\tif err != nil {", New: "revision, err := n.parts.Notices.UpdateNotice(ctx, notice)\n\tif false {",
			Package: "./functions/notify", Run: ".",
		},
		{
			Name: "schedule plans a slot that another one claimed",
			File: "functions/schedule/claim.go",
			Old:  "if errors.Is(err, monitor.Conflict) {\n\t\treturn false, nil\n\t}\n\tif err != nil {", New: "if err != nil && !errors.Is(err, monitor.Conflict) {",
			Package: "./functions/schedule", Run: ".",
		},
		{
			Name: "probe reuses an event ID",
			File: "functions/probe/report.go", Old: "r.part++", New: "r.part += 0",
			Package: "./functions/probe", Run: ".",
		},
	}
}

// awayFaults lose something, or stop the others, while one function is away.
func awayFaults() []fault {
	return []fault{
		{
			Name: "alert forgets a change that notify never kept",
			File: "functions/alert/outbox.go", Old: "kept[change.ID()] = is", New: "kept[change.ID()] = is || true",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "alert passes over results that it could not decide on",
			File: "functions/alert/alert.go", Old: "s.behind = true", New: "s.behind = false",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "alert forgets results that it could not decide on and that store has not kept yet",
			File: "functions/alert/replay.go", Old: "err == nil && len(s.missed) > 0 {", New: "err == nil && len(s.missed) < 0 {",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "alert decides anew on what lies ahead of a clock that was set back",
			File: "functions/alert/replay.go", Old: "return r.Due > ahead", New: "return r.Due > 2*ahead",
			Package: "./functions/alert", Run: ".",
		},
		{
			Name: "bus buries results while store is away",
			File: "shared/bus/deliver.go", Old: "if failed.final || !q.returns ||", New: "if failed.final || tries > 0 ||",
			Package: "./shared/bus", Run: ".",
		},
		{
			Name: "bus queues every tick for a function that is away",
			File: "shared/bus/waiting.go", Old: "e.Type() != events.TypeShardTick {", New: "e.Type() != events.TypePing {",
			Package: "./shared/bus", Run: ".",
		},
		{
			Name: "bus keeps what its emitter has given up",
			File: "shared/bus/waiting.go", Old: "if d.started || len(d.acks) == 0 {", New: "if d.started || len(d.acks) >= 0 {",
			Package: "./shared/bus", Run: ".",
		},
		{
			Name: "probe records a check that still runs",
			File: "functions/probe/round.go", Old: "case !r.entries[endpoint].dealt.first(r.due, at):", New: "case !ok:",
			Package: "./functions/probe", Run: ".",
		},
	}
}

// edgeFaults let in what must stay out, or out what must stay in.
func edgeFaults() []fault {
	return []fault{
		{
			Name: "topology accepts an unknown field",
			File: "shared/topology/reader.go",
			Old:  `r.fault(key, "%s has no field %q; it knows %s", path, key.Value, list(known))`, New: "_, _ = path, known",
			Package: "./shared/topology", Run: ".",
		},
		{
			Name: "serve answers success with a body",
			File: "shared/serve/handler.go", Old: "\t\tw.WriteHeader(http.StatusOK)\n\t\treturn", New: "\t\t_, _ = w.Write([]byte(\"ok\"))\n\t\treturn",
			Package: "./shared/serve", Run: ".",
		},
		{
			Name: "SQLite lets the second writer win",
			File: "shared/storage/sqlite/states.go", Old: "WHERE shard = ? AND revision = ?`", New: "WHERE shard = ? AND revision >= min(0, ?)`",
			Package: "./shared/storage/sqlite", Run: ".",
		},
		{
			Name: "SQLite drops what was never folded",
			File: "shared/storage/sqlite/commit.go", Old: "AND seq <= (SELECT seq FROM folded WHERE shard = ?)`", New: "AND ? >= 0`",
			Package: "./shared/storage/sqlite", Run: ".",
		},
		{
			Name: "probe reports a secret",
			File: "functions/probe/perform.go", Old: "row.Reason = mask(row.Reason)", New: "row.Reason += \"\"",
			Package: "./functions/probe", Run: ".",
		},
		{
			Name: "the API listens to everyone without authentication",
			File: "shared/auth/host.go", Old: "return err == nil && address.IsLoopback()", New: "return err == nil && address.IsValid()",
			Package: "./shared/auth", Run: ".",
		},
	}
}
