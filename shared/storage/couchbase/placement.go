package couchbase

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// bucketsKey is the key of the placement.
const bucketsKey = "buckets"

// placement says which result bucket has which namespace and which shard. What
// has been placed stays where it is.
type placement struct {
	By         string            `json:"by"`
	Namespaces map[string]string `json:"namespaces"`
	Shards     map[string]string `json:"shards"`
}

// places is the placement as this process has read it.
type places struct {
	mu     sync.Mutex
	known  placement
	asking chan struct{} // holds one token: one asks the cluster at a time
}

func newPlaces() places { return places{asking: make(chan struct{}, 1)} }

// shardBucket returns the bucket of a shard's tail, mark and latest results.
// Unavailable: MONITOR_BUCKETS lacks it.
func (s *Store) shardBucket(ctx context.Context, shard int) (string, error) {
	return s.place(ctx, "shard", strconv.Itoa(shard), func(p *placement) map[string]string { return p.Shards })
}

// namespaceBucket returns the bucket of the windows and rollups of a namespace.
// Unavailable: MONITOR_BUCKETS lacks it.
func (s *Store) namespaceBucket(ctx context.Context, namespace string) (string, error) {
	return s.place(ctx, "namespace", namespace, func(p *placement) map[string]string { return p.Namespaces })
}

// place returns the bucket of a name among those of its kind, for which people have
// the noun, and gives it one if it has none.
func (s *Store) place(ctx context.Context, noun, name string, kind func(*placement) map[string]string) (string, error) {
	if bucket := s.places.find(name, kind); bucket != "" {
		return s.used(noun+" "+name, bucket)
	}
	select {
	case s.places.asking <- struct{}{}:
		defer func() { <-s.places.asking }()
	case <-ctx.Done():
		return "", monitor.Wrap(monitor.Unavailable, ctx.Err(), "the store was not waited for")
	}
	if bucket := s.places.find(name, kind); bucket != "" {
		return s.used(noun+" "+name, bucket)
	}
	if err := s.enter(ctx, name, kind); err != nil {
		return "", err
	}
	return s.used(noun+" "+name, s.places.find(name, kind))
}

// used returns the bucket if the settings name it. Unavailable, and not Invalid, if
// they do not: it is no fault of what is to be kept, which must not go to the dead
// letters while some processes have newer settings than others.
func (s *Store) used(what, bucket string) (string, error) {
	if !slices.Contains(s.settings.Buckets, bucket) {
		return "", monitor.Errorf(monitor.Unavailable, "MONITOR_BUCKETS must name the bucket %s, which has the results of the %s", bucket, what)
	}
	return bucket, nil
}

func (p *places) find(name string, kind func(*placement) map[string]string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return kind(&p.known)[name]
}

// enter reads the stored placement, and writes the name into it if it lacks it.
func (s *Store) enter(ctx context.Context, name string, kind func(*placement) map[string]string) error {
	documents, err := s.metadata(ctx, layout.Installation)
	if err != nil {
		return err
	}
	var read placement
	_, err = documents.Update(ctx, bucketsKey, link.Majority, func(found link.Document) (link.Write, bool, error) {
		read = placement{Namespaces: map[string]string{}, Shards: map[string]string{}}
		if err := parse(bucketsKey, found, &read); err != nil || kind(&read)[name] != "" {
			return link.Write{}, false, err
		}
		bucket := rendezvous(s.settings.Buckets, name)
		if err := s.serves(ctx, bucket); err != nil {
			return link.Write{}, false, err
		}
		kind(&read)[name] = bucket
		read.By = s.link.Stamp()
		body, err := encode(bucketsKey, read)
		return link.Write{Body: body}, err == nil, err
	})
	if err != nil {
		return err
	}
	s.places.mu.Lock()
	defer s.places.mu.Unlock()
	s.places.known = placement{Namespaces: maps.Clone(read.Namespaces), Shards: maps.Clone(read.Shards)}
	return nil
}

// serves returns nil if the bucket is there and prepared: what was placed in one
// that the settings name by mistake could not be placed anew.
func (s *Store) serves(ctx context.Context, bucket string) error {
	_, err := s.link.Collection(bucket, layout.Shards).Get(ctx, bucketsKey)
	return err
}

// rendezvous returns the bucket with the highest weight for the name: a bucket
// that is added takes its share of new names from each of the others
// (Thaler and Ravishankar, A Name-Based Mapping Scheme for Rendezvous, 1996).
func rendezvous(buckets []string, name string) string {
	return slices.MaxFunc(buckets, func(a, b string) int {
		left, right := sha256.Sum256([]byte(a+"/"+name)), sha256.Sum256([]byte(b+"/"+name))
		return slices.Compare(left[:], right[:])
	})
}
