package couchbase_test

import (
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func incident(id string, sequence int) monitor.Incident {
	return monitor.Incident{
		ID: id, Namespace: "shop", Endpoint: "shop/checkout", Name: "Checkout", Started: start, Sequence: sequence,
		Reason: fmt.Sprintf("change %d", sequence),
	}
}

func notice(of string, sequence int, channel string) monitor.Notice {
	return monitor.Notice{
		Incident: of, Sequence: sequence, Channel: channel, Shard: 3, Created: start,
		Change: monitor.IncidentChange{Shard: 3, Change: monitor.Opened, Incident: incident(of, sequence)},
	}
}

func claim(slot monitor.Instant) monitor.Claim {
	return monitor.Claim{Slot: slot, Run: "run", Until: slot + 5000, Checks: 12}
}

func endpoint(id, name string) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: "shop", ID: id, Name: name, HTTP: monitor.HTTP{URL: "https://" + id + ".example", Method: "GET"},
		Interval: monitor.Duration(time.Second), Timeout: monitor.Duration(time.Second),
	}
}

// endpoints returns a change that puts n endpoints with the name.
func endpoints(n int, name string) monitor.CatalogChange {
	var change monitor.CatalogChange
	for i := range n {
		change.PutEndpoints = append(change.PutEndpoints, endpoint(fmt.Sprintf("endpoint-%05d", i), name))
	}
	return change
}
