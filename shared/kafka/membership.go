package kafka

import (
	"context"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// membership is how a Trigger stands with its group.
type membership struct {
	mu     sync.Mutex
	joined bool
	claims map[int32]*claim // by partition
	fault  error            // why Kafka cannot be consumed; nil: nothing is known to be wrong
}

// enter notes that the group took the Trigger in, with or without partitions.
func (m *membership) enter() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined, m.fault = true, nil
}

func (m *membership) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.joined = false
}

// broken notes why Kafka cannot be consumed, or, with nil, that it can.
func (m *membership) broken(fault error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = fault
}

func (m *membership) hold(c *claim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.claims == nil {
		m.claims = map[int32]*claim{}
	}
	m.claims[c.partition] = c
}

func (m *membership) release(c *claim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.claims[c.partition] == c {
		delete(m.claims, c.partition)
	}
}

// held returns the claims, and whether there is a group that they are of.
func (m *membership) held() (claims []*claim, joined bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.claims {
		claims = append(claims, c)
	}
	return claims, m.joined
}

func (m *membership) standing() (joined bool, fault error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.joined, m.fault
}

// Ready returns nil while every Trigger that has a handler is a member of its
// group, be it with partitions or, where there are more members than partitions,
// without. Unavailable: Kafka cannot be consumed, and the error says why and
// what to do; or nothing is wrong, and a group has not yet given partitions out.
// Brokers that are silent are noticed after half a minute.
func (c *Consumer) Ready(context.Context) error {
	var waiting error
	for _, t := range c.triggers {
		if t.handler == nil {
			continue
		}
		joined, fault := t.membership.standing()
		switch {
		case joined:
		case fault != nil:
			return fault
		case waiting == nil:
			waiting = monitor.Errorf(monitor.Unavailable, "waiting for partitions of %s: the group %s has not given them out", t.subject.topic, t.subject.group)
		}
	}
	if waiting != nil {
		return waiting
	}
	return c.surveyor.broken()
}
