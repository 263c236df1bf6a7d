package link

import (
	"sync"
	"sync/atomic"

	"github.com/couchbase/gocb/v2"
)

// bucket is a bucket that was opened, and what of it is known.
type bucket struct {
	link   *Link
	name   string
	client *gocb.Bucket
	warm   atomic.Bool // it has answered once
	truth  truth

	refusal atomic.Pointer[refusal] // of the last write; nil: it was taken

	mu          sync.Mutex
	collections map[string]*Collection
}

func (l *Link) bucket(name string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	opened := l.buckets[name]
	if opened == nil {
		opened = &bucket{link: l, name: name, collections: map[string]*Collection{}}
		l.door.shutWhile(func() { opened.client = l.cluster.Bucket(name) })
		l.buckets[name] = opened
	}
	return opened
}

func (b *bucket) collection(name string) *Collection {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.collections[name]
	if known == nil {
		scope := b.client.Scope(b.link.settings.scope())
		known = &Collection{
			link: b.link, bucket: b, scope: scope, documents: scope.Collection(name),
			place: place{link: b.link, bucket: b.name, collection: name},
		}
		b.collections[name] = known
	}
	return known
}

// answered notes that the bucket has answered.
func (b *bucket) answered() {
	if !b.warm.Load() {
		b.warm.Store(true)
	}
}
