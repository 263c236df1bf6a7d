package couchbasetest

import "github.com/couchbase/gocbcore/v10/memd"

// The operations that the monitor uses, for faults and counts.
const (
	Hello        = memd.CmdHello
	Login        = memd.CmdSASLAuth
	SelectBucket = memd.CmdSelectBucket
	Config       = memd.CmdGetClusterConfig
	CollectionID = memd.CmdCollectionsGetID
	Noop         = memd.CmdNoop

	Get       = memd.CmdGet
	Set       = memd.CmdSet // an upsert
	Add       = memd.CmdAdd // an insert
	Replace   = memd.CmdReplace
	Delete    = memd.CmdDelete
	Touch     = memd.CmdTouch
	GetTouch  = memd.CmdGAT
	Majority  = memd.DurabilityLevelMajority
	Persisted = memd.DurabilityLevelPersistToMajority
)

// What a fault may answer.
const (
	TemporaryFailure = memd.StatusTmpFail
	Busy             = memd.StatusBusy
	OutOfMemory      = memd.StatusOutOfMemory
	NotMyVBucket     = memd.StatusNotMyVBucket
	Locked           = memd.StatusLocked
	NotFound         = memd.StatusKeyNotFound
	Exists           = memd.StatusKeyExists
	TooBig           = memd.StatusTooBig
	NoAccess         = memd.StatusAccessError
	NoLogin          = memd.StatusAuthError
	NoCollection     = memd.StatusCollectionUnknown
	Impossible       = memd.StatusDurabilityImpossible // too few replicas
	Ambiguous        = memd.StatusSyncWriteAmbiguous   // a durable write that may or may not be done
	Underway         = memd.StatusSyncWriteInProgress  // another durable write of the document
	Internal         = memd.StatusInternalError
)
