package couchbase

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

const (
	maxPart     = 8 << 20  // bytes of a change that one document has
	maxPageSize = 16 << 20 // bytes of a page; Couchbase takes 20 MiB
	pageWriters = 8        // pages that are written at once
	maxMade     = 64       // revisions whose changes the record names
)

// changeDocument is a change of the catalog, or a part of one. A change that is
// large has its entries in parts, which are kept before it.
type changeDocument struct {
	By    string `json:"by"`
	Parts int    `json:"parts,omitempty"`
	entries
}

// catalogChange is a change as it was read.
type catalogChange struct {
	stored bool   // there is one
	torn   bool   // there was one, and parts of it went while it was read
	name   string // no other change has it
	parts  int
	entries
}

func changeKey(revision int64) string {
	return key("change", strconv.FormatInt(revision, 10))
}

func partKey(revision int64, change string, part int) string {
	return key("change", strconv.FormatInt(revision, 10), change, strconv.Itoa(part))
}

func changeKeys(revision int64, change string, parts int) []string {
	var keys []string
	for part := range parts {
		keys = append(keys, partKey(revision, change, part))
	}
	return keys
}

// readChange returns the change that makes the revision.
func readChange(ctx context.Context, collection *link.Collection, revision int64) (catalogChange, error) {
	found, err := collection.Get(ctx, changeKey(revision))
	if err != nil || found.CAS == 0 {
		return catalogChange{}, err
	}
	head := changeDocument{entries: newEntries()}
	if err := parse(changeKey(revision), found, &head); err != nil {
		return catalogChange{}, err
	}
	change := catalogChange{stored: true, name: head.By, parts: head.Parts, entries: head.entries}
	keys := changeKeys(revision, head.By, head.Parts)
	documents, err := collection.GetAll(ctx, keys)
	if err != nil {
		return catalogChange{}, err
	}
	for i, found := range documents {
		part := changeDocument{entries: change.entries} // what is decoded comes beside what is there
		if err := parse(keys[i], found, &part); err != nil {
			return catalogChange{}, err
		}
		change.torn = change.torn || found.CAS == 0
	}
	return change, nil
}

// ChangeCatalog implements storage.CatalogWriter. Once the document of the change
// is inserted the change is in force: what fails after that is made up for by the
// next writer, and is no error.
func (s *Store) ChangeCatalog(ctx context.Context, base int64, change monitor.CatalogChange) (int64, error) {
	collection, err := s.metadata(ctx, layout.Catalog)
	if err != nil {
		return 0, err
	}
	made, err := entriesOf(change, base+1)
	if err != nil {
		return 0, err
	}
	current, err := s.settle(ctx, collection)
	if err != nil {
		return 0, err
	}
	if current != base {
		return 0, changedCatalog(base)
	}
	if change.Empty() {
		return base, nil
	}
	if err := checkPages(ctx, collection, made); err != nil {
		return 0, err
	}
	inserted, err := s.insertChange(ctx, collection, base+1, made)
	if err != nil {
		return 0, err
	}
	ours, err := s.inForce(ctx, collection, base, inserted)
	if err != nil || !ours {
		return 0, err
	}
	_ = s.finish(ctx, collection, base+1, inserted)
	return base + 1, nil
}

func changedCatalog(base int64) error {
	return monitor.Errorf(monitor.Conflict, "the catalog has changed since revision %d: read again, then change again", base)
}

// checkPages returns an Invalid error if a page would be too large with the change
// in it: once the change is in force, it must be possible to make it.
func checkPages(ctx context.Context, collection *link.Collection, made entries) error {
	for n, part := range made.byPage() {
		found, err := collection.Get(ctx, pageKey(n))
		if err != nil {
			return err
		}
		page := catalogPage{entries: newEntries()}
		if err := parse(pageKey(n), found, &page); err != nil {
			return err
		}
		page.apply(part)
		if size := page.size(); size > maxPageSize {
			return monitor.Errorf(monitor.Invalid,
				"a page of the catalog would have %d bytes, and may have %d: define fewer or smaller endpoints", size, maxPageSize)
		}
	}
	return nil
}

// settle finishes the change that an earlier writer has left, if there is one, and
// returns the revision.
func (s *Store) settle(ctx context.Context, collection *link.Collection) (int64, error) {
	for range maxReads {
		before, err := readRecord(ctx, collection)
		if err != nil {
			return 0, err
		}
		change, err := readChange(ctx, collection, before.Revision+1)
		if err != nil {
			return 0, err
		}
		after, err := readRecord(ctx, collection)
		switch {
		case err != nil:
			return 0, err
		case after.Revision != before.Revision || change.torn:
			continue
		case !change.stored:
			return before.Revision, nil
		}
		if err := s.finish(ctx, collection, before.Revision+1, change); err != nil {
			return 0, err
		}
	}
	return 0, errRestless()
}

// insertChange keeps the change as the one that makes the revision. Conflict:
// another one does.
func (s *Store) insertChange(ctx context.Context, collection *link.Collection, revision int64, made entries) (catalogChange, error) {
	change := catalogChange{stored: true, name: s.link.Stamp(), entries: made}
	head := changeDocument{By: change.name, entries: made}
	if parts := made.parts(maxPart); len(parts) > 1 {
		head.Parts, head.entries, change.parts = len(parts), newEntries(), len(parts)
		for i, part := range parts {
			name := partKey(revision, change.name, i)
			if err := s.insert(ctx, collection, name, changeDocument{By: s.link.Stamp(), entries: part}); err != nil {
				return change, err
			}
		}
	}
	err := s.insert(ctx, collection, changeKey(revision), head)
	if errors.Is(err, monitor.Conflict) {
		_ = collection.Remove(ctx, changeKeys(revision, change.name, change.parts))
		return change, changedCatalog(revision - 1)
	}
	return change, err
}

func (s *Store) insert(ctx context.Context, collection *link.Collection, name string, document changeDocument) error {
	body, err := encode(name, document)
	if err == nil {
		_, err = collection.Swap(ctx, link.Write{Key: name, Body: body}, link.Majority)
	}
	return err
}

// inForce tells whether a change that has been inserted makes the revision after
// base. It does not if the record had passed base by then: a writer that was held
// up inserted it where an earlier change of that revision had gone. Conflict then.
func (s *Store) inForce(ctx context.Context, collection *link.Collection, base int64, change catalogChange) (bool, error) {
	record, err := readRecord(ctx, collection)
	if err != nil {
		return false, err
	}
	if record.Revision == base || slices.Contains(record.Made, catalogMade{base + 1, change.name}) {
		return true, nil
	}
	_ = collection.Remove(ctx, append(changeKeys(base+1, change.name, change.parts), changeKey(base+1)))
	return false, changedCatalog(base)
}

// finish works a change that is in force into the pages, lets the record follow
// and removes the change. Several may do so at once.
func (s *Store) finish(ctx context.Context, collection *link.Collection, revision int64, change catalogChange) error {
	var tasks []func() error
	for n, part := range change.byPage() {
		tasks = append(tasks, func() error { return s.changePage(ctx, collection, n, revision, part) })
	}
	if err := together(pageWriters, tasks); err != nil {
		return err
	}
	if err := s.raise(ctx, collection, revision, change.name); err != nil {
		return err
	}
	return collection.Remove(ctx, append([]string{changeKey(revision)}, changeKeys(revision, change.name, change.parts)...))
}

// changePage makes the change in one page, unless that has it or a later one.
func (s *Store) changePage(ctx context.Context, collection *link.Collection, n int, revision int64, change entries) error {
	name := pageKey(n)
	_, err := collection.Update(ctx, name, link.Majority, func(found link.Document) (link.Write, bool, error) {
		page := catalogPage{entries: newEntries()}
		if err := parse(name, found, &page); err != nil || page.Revision >= revision {
			return link.Write{}, false, err
		}
		page.apply(change)
		page.By, page.Revision = s.link.Stamp(), revision
		body, err := encode(name, page)
		return link.Write{Body: body}, err == nil, err
	})
	return err
}

// raise sets the record to the revision, unless it is there or beyond.
func (s *Store) raise(ctx context.Context, collection *link.Collection, revision int64, change string) error {
	_, err := collection.Update(ctx, revisionKey, link.Majority, func(found link.Document) (link.Write, bool, error) {
		var record catalogRecord
		if err := parse(revisionKey, found, &record); err != nil || record.Revision >= revision {
			return link.Write{}, false, err
		}
		record.By, record.Revision = s.link.Stamp(), revision
		record.Made = append(record.Made, catalogMade{revision, change})
		record.Made = record.Made[max(len(record.Made)-maxMade, 0):]
		body, err := encode(revisionKey, record)
		return link.Write{Body: body}, err == nil, err
	})
	return err
}
