package main

// linkFaults lose something, or everything, between the driver and a Couchbase
// cluster.
func linkFaults() []fault {
	const link = "./shared/storage/couchbase/internal/link"
	return []fault{
		{
			Name: "a write whose answer was lost is taken for another's",
			File: "shared/storage/couchbase/internal/link/swap.go", Old: "bytes.Equal(stored.Body, write.Body)", New: "len(stored.Body) == 0 && bytes.Equal(stored.Body, write.Body)",
			Package: link, Run: "Doubt",
		},
		{
			Name: "more operations are in flight than Couchbase takes",
			File: "shared/storage/couchbase/internal/link/limit.go", Old: "semaphore.NewWeighted(maxInFlight)", New: "semaphore.NewWeighted(8*maxInFlight)",
			Package: link, Run: "TestInFlightIsBounded",
		},
		{
			Name: "a document whose end has come is kept for good",
			File: "shared/storage/couchbase/internal/link/bulk.go", Old: "max(until.Sub(l.options.Clock()), time.Second)", New: "max(until.Sub(l.options.Clock()), 0)",
			Package: link, Run: "TestDocumentsExpire",
		},
		{
			Name: "a configuration of the cluster comes before the client listens",
			File: "shared/storage/couchbase/internal/link/login.go", Old: "l.door.pass()", New: "",
			Package: link, Run: "TestNoConfigurationComesTooEarly",
		},
	}
}

// couchbaseFaults lose, double or tell something wrong between the functions and
// what is kept in a Couchbase cluster.
func couchbaseFaults() []fault {
	const driver = "./shared/storage/couchbase"
	return []fault{
		{
			Name: "a row is appended to the tail where nobody reads it any more",
			File: "shared/storage/couchbase/tail.go", Old: "in || err != nil {", New: "in || !in || err != nil {",
			Package: driver, Run: "TestTail",
		},
		{
			Name: "the mark of what is folded goes back",
			File: "shared/storage/couchbase/mark.go", Old: "Folded: max(before.Folded, folded)}", New: "Folded: folded}",
			Package: driver, Run: "TestContractOnStandIn/folds",
		},
		{
			Name: "what was folded is on one node only when its rows leave the tail",
			File: "shared/storage/couchbase/folds.go", Old: "SwapAll(ctx, writes, link.Majority)", New: "SwapAll(ctx, writes, link.Active)",
			Package: driver, Run: "TestFoldsAreOnMostNodes",
		},
		{
			Name: "what is decided of a shard is on one node only",
			File: "shared/storage/couchbase/states.go", Old: "CAS: state.Revision}, link.Majority)", New: "CAS: state.Revision}, link.Active)",
			Package: driver, Run: "TestWhatIsDecidedAndToldStays",
		},
		{
			Name: "a row that arrives by a clock that is behind is forgotten at once",
			File: "shared/storage/couchbase/tail.go", Old: "max(arrived, s.now()).Add", New: "arrived.Add",
			Package: driver, Run: "TestTailWhileClocksJump",
		},
		{
			Name: "a rollup that is older takes the place of a newer one",
			File: "shared/storage/couchbase/rollups.go", Old: "packs[i].Revision = found.CAS", New: "packs[i].Revision = 0",
			Package: driver, Run: "TestContractOnStandIn/folds",
		},
		{
			Name: "a notice that is saved while the list is tidied is forgotten",
			File: "shared/storage/couchbase/notices.go", Old: "pending[list], true)", New: "pending[list], false)",
			Package: driver, Run: "Notice",
		},
		{
			Name: "readers do not see a change of the catalog until it is in all pages",
			File: "shared/storage/couchbase/catalog.go", Old: "if change.stored {", New: "if change.stored && change.torn {",
			Package: driver, Run: "TestAChangeIsInForce",
		},
		{
			Name: "two monitors that do everything work on one cluster",
			File: "shared/storage/couchbase/lease.go", Old: "!held.admits(&wanted)", New: "held.Owner == wanted.Owner && !held.admits(&wanted)",
			Package: driver, Run: "TestLeaseOnStandIn",
		},
		{
			Name: "a page of incidents begins with the last one of the page before",
			File: "shared/storage/couchbase/internal/statements/incidents.go", Old: "i.id > $id))", New: "i.id >= $id))",
			Package: driver, Run: "TestContractOnStandIn/incidents",
		},
	}
}
