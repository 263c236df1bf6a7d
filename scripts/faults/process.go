package main

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// stop is one end of the process.
type stop struct {
	at    time.Time
	clean bool // by SIGTERM: everything in hand was to be finished
	aim   string
	hit   bool // the moment that was aimed at was seen
}

// life is one run of the process, from its start to its stop.
type life struct {
	started, ready time.Time
	stop           stop // zero where it was never stopped
}

// monitor is the real program, and the book of its lives.
type monitor struct {
	rig.Monitor
	lives []life
}

// start starts the process and does not wait until it is ready.
func (m *monitor) start() error {
	if err := m.Start(); err != nil {
		return err
	}
	m.lives = append(m.lives, life{started: time.Now()})
	return nil
}

// awaitReady waits until the process answers.
func (m *monitor) awaitReady(ctx context.Context) error {
	err := m.AwaitReady(ctx)
	m.last().ready = time.Now()
	return err
}

// kill ends the process at once.
func (m *monitor) kill(aim string, hit bool) error {
	m.last().stop = stop{at: time.Now(), aim: aim, hit: hit}
	return m.Kill()
}

// terminate ends the process as people do it.
func (m *monitor) terminate(aim string) error {
	m.last().stop = stop{at: time.Now(), clean: true, aim: aim, hit: true}
	return m.Terminate()
}

func (m *monitor) last() *life { return &m.lives[len(m.lives)-1] }
