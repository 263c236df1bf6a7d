package query

import (
	"context"
	"errors"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Definitions is the catalog, to read and to write.
type Definitions interface {
	storage.Catalog
	storage.CatalogWriter
}

// Define changes the catalog as plan says and returns what it changed. Where
// someone else changes the catalog in between, plan is asked again.
func Define(ctx context.Context, catalog Definitions, plan func(current monitor.Catalog) monitor.CatalogChange) (monitor.CatalogChange, error) {
	for {
		current, err := catalog.Catalog(ctx)
		if err != nil {
			return monitor.CatalogChange{}, err
		}
		change := plan(current)
		if change.Empty() {
			return change, nil
		}
		if _, err = catalog.ChangeCatalog(ctx, current.Revision, change); !errors.Is(err, monitor.Conflict) {
			return change, err
		}
	}
}
