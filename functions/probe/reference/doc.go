// Package reference tells the faults of endpoints from those of the prober's own
// network: where a look fails in a way that both can bring about, targets of
// known good health are asked, and if none of them can be reached the look says
// nothing about the endpoint.
package reference
