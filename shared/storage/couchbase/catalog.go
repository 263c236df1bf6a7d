package couchbase

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// The catalog lies in pages, and a record says its revision. A change is made by
// the insert of one document, which names the revision that it makes, and then
// worked into the pages; the record follows, and the document goes. Until then
// readers lay the change over the pages, so they never wait for a writer, and the
// next writer finishes what one that died has left.
//
// The document of a change is in force only if the record was at the revision
// before it when it was inserted. Whoever reads it therefore reads the record
// after it: only while that is unchanged may the document be believed.
const (
	catalogPages = 64
	maxReads     = 100 // of a catalog that keeps changing
	revisionKey  = "revision"
)

// catalogRecord is the revision up to which changes are in the pages.
type catalogRecord struct {
	By       string        `json:"by"`
	Revision int64         `json:"revision"`
	Made     []catalogMade `json:"made"` // the last ones, oldest first
}

// catalogMade names the change that made a revision.
type catalogMade struct {
	Revision int64  `json:"revision"`
	Change   string `json:"change"`
}

// catalogPage has the endpoints and channels whose keys belong to it.
type catalogPage struct {
	By       string `json:"by"`
	Revision int64  `json:"revision"` // of the last change that is in it
	entries
}

func pageKey(n int) string { return key("page", strconv.Itoa(n)) }

func pageOf(name string) int { return monitor.ShardOf(name, catalogPages) }

func pageKeys() []string {
	keys := make([]string, catalogPages)
	for n := range keys {
		keys[n] = pageKey(n)
	}
	return keys
}

// CatalogRevision implements storage.Catalog.
func (s *Store) CatalogRevision(ctx context.Context) (int64, error) {
	collection, err := s.metadata(ctx, layout.Catalog)
	if err != nil {
		return 0, err
	}
	for range maxReads {
		before, err := readRecord(ctx, collection)
		if err != nil {
			return 0, err
		}
		change, err := collection.Get(ctx, changeKey(before.Revision+1))
		if err != nil {
			return 0, err
		}
		if change.CAS != 0 {
			return before.Revision + 1, nil
		}
		after, err := readRecord(ctx, collection)
		if err != nil {
			return 0, err
		}
		if after.Revision == before.Revision {
			return after.Revision, nil
		}
	}
	return 0, errRestless()
}

func readRecord(ctx context.Context, collection *link.Collection) (catalogRecord, error) {
	found, err := collection.Get(ctx, revisionKey)
	if err != nil {
		return catalogRecord{}, err
	}
	var record catalogRecord
	err = parse(revisionKey, found, &record)
	return record, err
}

// Catalog implements storage.Catalog. What is changed while it is read is read
// again.
func (s *Store) Catalog(ctx context.Context) (monitor.Catalog, error) {
	collection, err := s.metadata(ctx, layout.Catalog)
	if err != nil {
		return monitor.Catalog{}, err
	}
	for range maxReads {
		revision, whole, ok, err := readCatalog(ctx, collection)
		if err != nil {
			return monitor.Catalog{}, err
		}
		if ok {
			return whole.catalog(revision)
		}
	}
	return monitor.Catalog{}, errRestless()
}

func errRestless() error {
	return monitor.Errorf(monitor.Unavailable, "the catalog changes faster than it can be read: try again")
}

// readCatalog reads all of the catalog at one revision. With ok false it was
// changed meanwhile. Where a page has a change that the record has not, the
// change's document is there: it goes only after the record has followed.
func readCatalog(ctx context.Context, collection *link.Collection) (revision int64, whole entries, ok bool, err error) {
	before, err := readRecord(ctx, collection)
	if err != nil {
		return 0, whole, false, err
	}
	whole, err = readPages(ctx, collection)
	if err != nil {
		return 0, whole, false, err
	}
	change, err := readChange(ctx, collection, before.Revision+1)
	if err != nil || change.torn {
		return 0, whole, false, err
	}
	after, err := readRecord(ctx, collection)
	if err != nil || after.Revision != before.Revision {
		return 0, whole, false, err
	}
	if change.stored {
		whole.apply(change.entries)
		return before.Revision + 1, whole, true, nil
	}
	return before.Revision, whole, true, nil
}

// readPages returns what is in all pages.
func readPages(ctx context.Context, collection *link.Collection) (entries, error) {
	keys, whole := pageKeys(), newEntries()
	documents, err := collection.GetAll(ctx, keys)
	if err != nil {
		return whole, err
	}
	for i, found := range documents {
		page := catalogPage{entries: newEntries()}
		if err := parse(keys[i], found, &page); err != nil {
			return whole, err
		}
		maps.Copy(whole.Endpoints, page.Endpoints)
		maps.Copy(whole.Channels, page.Channels)
	}
	return whole, nil
}

// catalog returns the entries as a catalog at the revision, sorted by key.
func (e entries) catalog(revision int64) (monitor.Catalog, error) {
	catalog := monitor.Catalog{Revision: revision}
	var err error
	if catalog.Endpoints, err = decoded[monitor.Endpoint](e.Endpoints); err != nil {
		return monitor.Catalog{}, err
	}
	catalog.Channels, err = decoded[monitor.Channel](e.Channels)
	return catalog, err
}

func decoded[T any](bodies map[string]rawEntry) ([]T, error) {
	list := make([]T, 0, len(bodies))
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		var one T
		if err := parse(name, link.Document{Body: bodies[name], CAS: 1}, &one); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}
