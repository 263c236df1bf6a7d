package main

import (
	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/query/definitions"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

// define brings what the files say into the catalog, and goes on doing so when
// they change. Secrets are looked up where they are used, not here.
func define(env host.Env, path string, catalog query.Definitions, q *query.Query) error {
	if path == "" {
		return nil
	}
	mark := config.MarkOf(path)
	read := func() (config.Definition, error) { return config.Load(path, nil) }
	keeper := definitions.New(definitions.Parts{
		Path: path, Mark: mark, Read: read, Catalog: catalog, Emit: env.Emit, Refuse: q.Refuse,
		Log: env.Log, Registry: env.Registry,
	})
	wanted, err := read()
	if err != nil {
		return err
	}
	if _, err := keeper.Define(env.Context(), wanted); err != nil {
		return err
	}
	env.Background(keeper.Follow)
	return nil
}
