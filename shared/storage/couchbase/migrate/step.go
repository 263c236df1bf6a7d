package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// kind is what a step is about.
type kind int

const (
	aBucket kind = iota
	aScope
	aCollection
	anIndex
	aBuild
	aWait
	aDrop
	theVersion
)

// step is one thing that is missing. Of its fields it has those of its kind.
type step struct {
	what       kind
	bucket     string
	scope      string
	collection string
	index      statements.Index
	indexes    []statements.Index
	awaited    []string
	quota      int
	replicas   int
	bounded    bool // the collection gets a bound for what has no end of its own
	mark       int64
}

// words of a step, before and after it is done.
func (s step) words() (would, was, object string) {
	switch s.what {
	case aBucket:
		return "create", "created", fmt.Sprintf("the bucket %s: %d MB on each node, replicas %d", s.bucket, s.quota, s.replicas)
	case aScope:
		return "create", "created", "the scope " + s.scope + " of the bucket " + s.bucket
	case aCollection:
		return "create", "created", "the collection " + s.collection + " of the bucket " + s.bucket
	case anIndex:
		return "create", "created", fmt.Sprintf("the index %s: replicas %d", s.index.Name, s.replicas)
	case aBuild:
		return "build", "began to build", "the indexes of " + s.collection
	case aWait:
		return "wait for", "saw", "the indexes " + strings.Join(s.awaited, ", ")
	case aDrop:
		return "drop", "dropped", "the index " + s.index.Name
	default:
		return "write", "wrote", fmt.Sprintf("the version of the layout: %d", layout.Version)
	}
}

func (s step) would() string {
	verb, _, object := s.words()
	return verb + " " + object
}

func (s step) was() string {
	_, verb, object := s.words()
	return verb + " " + object
}

// apply does a step, and reports whether it was this run that did.
func (r *run) apply(ctx context.Context, s step) (did bool, err error) {
	cluster := r.link.Cluster()
	switch s.what {
	case aBucket:
		err = cluster.Buckets().CreateBucket(gocb.CreateBucketSettings{BucketSettings: gocb.BucketSettings{
			Name: s.bucket, RAMQuotaMB: uint64(s.quota), NumReplicas: uint32(s.replicas),
			BucketType: gocb.CouchbaseBucketType, ReplicaIndexDisabled: true,
		}}, &gocb.CreateBucketOptions{Context: ctx, Timeout: answering})
	case aScope:
		err = r.link.Bucket(s.bucket).CollectionsV2().CreateScope(s.scope, &gocb.CreateScopeOptions{Context: ctx, Timeout: answering})
	case aCollection:
		settings := &gocb.CreateCollectionSettings{}
		if s.bounded {
			settings.MaxExpiry = layout.Longest
		}
		err = r.link.Bucket(s.bucket).CollectionsV2().CreateCollection(r.want.scope, s.collection, settings, &gocb.CreateCollectionOptions{Context: ctx, Timeout: answering})
	case aWait:
		return false, monitor.Errorf(monitor.Unavailable, "the indexes %s are not built yet", strings.Join(s.awaited, ", "))
	case theVersion:
		return r.write(ctx, s)
	default:
		return r.ask(ctx, s)
	}
	return err == nil, r.managed(err, s.would())
}

// ask does a step that is a statement.
func (r *run) ask(ctx context.Context, s step) (bool, error) {
	statement := statements.Build(s.collection, s.indexes)
	switch s.what {
	case anIndex:
		statement = s.index.Create(s.replicas)
	case aDrop:
		statement = s.index.Drop()
	default:
	}
	err := r.installation().Query(ctx, statement, nil, func([]byte) error { return nil })
	return err == nil, r.asked(err, s.would())
}

// write writes the version, once everything that it stands for is in place.
func (r *run) write(ctx context.Context, s step) (bool, error) {
	body := fmt.Appendf(nil, `{"by":%q,"version":%d}`, r.link.Stamp(), r.want.version)
	_, err := r.installation().Swap(ctx, link.Write{Key: layout.Schema, Body: body, CAS: s.mark}, link.Majority)
	return err == nil, r.linked(err)
}

func (r *run) installation() *link.Collection {
	return r.link.Collection(r.want.metadata, layout.Installation)
}
