// Package couchbase keeps everything in a Couchbase cluster, by one document for
// each thing that is read at once, and finds all of it by keys that can be
// computed. Only lists of incidents are found by SQL++, so that a monitor whose
// query or index service is away still checks, decides and tells.
package couchbase

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// Store keeps everything in one Couchbase cluster. It serves many goroutines.
type Store struct {
	settings Settings
	options  Options
	link     *link.Link
	fit      atomic.Bool // the schema has been found to be ours
	places   places
	tails    tails
}

// Open returns a store at once: it asks the cluster nothing, so a process starts
// while the cluster is away. What keeps the store from working is what Ready says,
// and each call. Invalid: the settings are at fault.
func Open(ctx context.Context, settings Settings, options Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, monitor.Wrap(monitor.Unavailable, err, "the store was not waited for")
	}
	if err := errors.Join(settings.Check(), options.check()); err != nil {
		return nil, err
	}
	options = options.withDefaults()
	connection, err := link.Open(settings.Link, link.Options{Clock: options.Clock, Registry: options.Registry})
	if err != nil {
		return nil, err
	}
	return &Store{settings: settings, options: options, link: connection, places: newPlaces()}, nil
}

// Ready implements storage.Store. Every bucket must answer, and the schema must be
// the one that this program knows.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.link.Ready(ctx, s.settings.all()...); err != nil {
		return err
	}
	return s.checkSchema(ctx)
}

// Close ends the connection.
func (s *Store) Close() error { return s.link.Close() }

// now is the time by the store's clock.
func (s *Store) now() monitor.Instant { return monitor.At(s.options.Clock()) }

// metadata returns a collection of the metadata bucket, once the schema is known
// to be ours.
func (s *Store) metadata(ctx context.Context, name string) (*link.Collection, error) {
	if err := s.fits(ctx); err != nil {
		return nil, err
	}
	return s.link.Collection(s.settings.Bucket, name), nil
}

// fits returns nil if the schema is the one that this program knows. It asks the
// cluster until it has been found so once.
func (s *Store) fits(ctx context.Context) error {
	if s.fit.Load() {
		return nil
	}
	return s.checkSchema(ctx)
}

func (s *Store) checkSchema(ctx context.Context) error {
	found, err := s.link.Collection(s.settings.Bucket, layout.Installation).Get(ctx, layout.Schema)
	if err != nil {
		return err
	}
	var schema struct {
		Version int `json:"version"`
	}
	if err := parse(layout.Schema, found, &schema); err != nil {
		return err
	}
	switch {
	case schema.Version < layout.Version:
		return monitor.Errorf(monitor.Unavailable,
			"the buckets of Couchbase are prepared for version %d, want %d: run go run ./scripts/couchbase migrate", schema.Version, layout.Version)
	case schema.Version > layout.Version:
		return monitor.Errorf(monitor.Unavailable,
			"the buckets of Couchbase are prepared for version %d, and this program knows %d: start a newer monitor", schema.Version, layout.Version)
	}
	s.fit.Store(true)
	return nil
}

// parse reads a document that this package has written; one that is not there
// leaves into as it is.
func parse(key string, found link.Document, into any) error {
	if found.CAS == 0 {
		return nil
	}
	if err := json.Unmarshal(found.Body, into); err != nil {
		return monitor.Wrap(monitor.Internal, err, "the document %s is damaged: put a backup of it in its place, or remove it", key)
	}
	return nil
}

// encode writes a document. Invalid: it holds what JSON cannot.
func encode(key string, document any) ([]byte, error) {
	body, err := json.Marshal(document)
	if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "the document %s cannot be kept", key)
	}
	return body, nil
}
