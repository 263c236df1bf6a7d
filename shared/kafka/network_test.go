package kafka_test

import (
	"strconv"
	"testing"
	"time"
)

// The faults of the network. What the broker has is not always known at once on
// the other side: what is sent again may be there already, and must not be there
// twice.

// over has the load go over a proxy while the fault happens.
func over(t *testing.T, name string, fault func(p *proxy, b *book)) {
	t.Helper()
	at := onBroker(t)
	p := newProxy(t, at.Front, at.Behind)
	underBy(t, plain(at.Front), name, func(b *book) { fault(p, b) })
}

func TestNetworkCut(t *testing.T) {
	times := 3
	if *long {
		times = 20
	}
	over(t, "all connections cut "+strconv.Itoa(times)+"×", func(p *proxy, b *book) {
		for range times {
			p.cut()
			b.more(t, 200)
		}
	})
}

// away is how long the network is gone.
func away() time.Duration {
	if *long {
		return 45 * time.Second // longer than a group waits for its members
	}
	return 10 * time.Second
}

func TestNetworkAway(t *testing.T) {
	over(t, "network away for "+away().String(), func(p *proxy, b *book) {
		p.requests.shut()
		p.answers.shut()
		<-time.After(away()) // the fault is that nothing comes through for as long
		p.requests.open()
		p.answers.open()
		b.more(t, 200)
	})
}

func TestNetworkAnswersLost(t *testing.T) {
	over(t, "answers lost for "+away().String(), func(p *proxy, b *book) {
		p.answers.shut()
		<-time.After(away()) // the fault is that no answer comes for as long
		p.cut()
		p.answers.open()
		b.more(t, 200)
	})
}

func TestNetworkRequestsLost(t *testing.T) {
	over(t, "requests lost for "+away().String(), func(p *proxy, b *book) {
		p.requests.shut()
		<-time.After(away()) // the fault is that no request arrives for as long
		p.cut()
		p.requests.open()
		b.more(t, 200)
	})
}
