package definitions

import (
	"errors"
	"path/filepath"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/config"
)

// maxPlaces is of how many faults of refused definitions the places are told.
const maxPlaces = 20

// refused says where the definitions of a file have their faults, without a
// word of what they hold and without the folders that lead to them.
func refused(file string, err error) *query.RefusedDefinitions {
	var faults config.Faults
	errors.As(err, &faults)
	definitions := query.RefusedDefinitions{Source: filepath.Base(file), Faults: len(faults), Places: []query.FaultPlace{}}
	for _, fault := range faults[:min(len(faults), maxPlaces)] {
		definitions.Places = append(definitions.Places, query.FaultPlace{
			File: filepath.Base(fault.File), Line: fault.Line, Column: fault.Column,
		})
	}
	return &definitions
}
