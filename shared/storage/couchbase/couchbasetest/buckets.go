package couchbasetest

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// vbuckets is how many parts each bucket has.
const vbuckets = 1024

// Bucket is a bucket's settings.
type Bucket struct {
	Name       string
	UUID       string // given by the node
	Quota      int    // memory a node, in MB
	Replicas   int
	Storage    string               // couchstore or magma
	Eviction   string               // valueOnly or fullEviction
	Durability memd.DurabilityLevel // the least of each write; 0: none
	MaxTTL     time.Duration        // 0: none
}

// Scope is a scope of a bucket.
type Scope struct {
	Name        string
	UID         uint32
	Collections []Collection // by UID
}

// Collection is a collection of a scope.
type Collection struct {
	Name   string
	UID    uint32
	MaxTTL time.Duration // 0: the bucket's; below: none, whatever the bucket says
}

// Manifest lists the scopes of a bucket, by UID. Its own UID rises with each change.
type Manifest struct {
	UID    uint64
	Scopes []Scope
}

type bucket struct {
	settings    Bucket
	manifest    uint64 // UID
	nextScope   uint32
	nextID      uint32 // of collections
	scopes      map[string]uint32
	collections map[uint32]*collection
	seqnos      [vbuckets]uint64
	history     uint64 // UUID of all vbuckets
}

type collection struct {
	place     Place
	settings  Collection
	documents map[string]*Document
	unswept   int // writes since the last sweep
}

// Buckets returns the settings of all buckets, by name.
func (d *Documents) Buckets() []Bucket {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Bucket
	for b := range maps.Values(d.buckets) {
		all = append(all, b.settings)
	}
	slices.SortFunc(all, func(a, b Bucket) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Bucket returns the settings of a bucket.
func (d *Documents) Bucket(name string) (Bucket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.bucket(name)
	if err != nil {
		return Bucket{}, err
	}
	return held.settings, nil
}

func (d *Documents) has(bucket string) bool {
	_, err := d.Bucket(bucket)
	return err == nil
}

// CreateBucket makes a bucket with the scopes that each has, and gives it a UUID.
func (d *Documents) CreateBucket(b Bucket) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.buckets[b.Name]; ok {
		return monitor.Errorf(monitor.Conflict, "there is a bucket %s", b.Name)
	}
	var id [16]byte
	_, _ = rand.Read(id[:])
	b.UUID = hex.EncodeToString(id[:])
	made := &bucket{
		settings: b, nextScope: 8, nextID: 8,
		scopes: map[string]uint32{"_default": 0}, collections: map[uint32]*collection{},
		history: binary.BigEndian.Uint64(id[:]) >> 16,
	}
	made.add(0, Place{b.Name, "_default", "_default"}, Collection{Name: "_default"})
	made.addScope("_system")
	for _, name := range []string{"_mobile", "_query"} {
		made.addNext(Place{b.Name, "_system", name}, Collection{Name: name})
	}
	d.buckets[b.Name] = made
	d.reshaped++
	return nil
}

// UpdateBucket changes a bucket's settings, its UUID apart.
func (d *Documents) UpdateBucket(b Bucket) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.bucket(b.Name)
	if err != nil {
		return err
	}
	b.UUID = held.settings.UUID
	held.settings = b
	d.reshaped++
	return nil
}

// DropBucket forgets a bucket and all that is in it.
func (d *Documents) DropBucket(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.bucket(name); err != nil {
		return err
	}
	delete(d.buckets, name)
	d.reshaped++
	return nil
}
