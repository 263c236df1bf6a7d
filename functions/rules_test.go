package functions_test

import "slices"

// rule says what the packages that match its pattern may import beside the
// standard library. In patterns * stands for one path element, a closing /...
// for any number of them, and <self> for the package's own verb. The first rule
// that matches a package is the one that holds.
type rule struct {
	of      string
	ours    []string // packages of this module
	outside []string // others, by the start of their path
	tests   []string // of this module, in tests only, beside ours; tests import any library
	why     string
}

// anything is a pattern of every path.
const anything = "..."

var (
	storing = []string{"shared/monitor", "shared/events", "shared/storage"}
	tested  = []string{"<self>", "shared/...", "knative", "frontend"}
)

func rules() []rule {
	return slices.Concat(domainRules(), hostRules(), storageRules(), sharedRules(), functionRules(), edgeRules())
}

func domainRules() []rule {
	return []rule{
		{
			of: "shared/monitor", tests: []string{"shared/monitor"},
			why: "decisions are pure: words and rules need nothing but the language",
		},
		{
			of: "shared/events", ours: []string{"shared/monitor"},
			outside: []string{"github.com/cloudevents/sdk-go/v2"},
			tests:   []string{"shared/events"},
			why:     "what travels is CloudEvents with the domain's values, whoever carries it",
		},
		{
			of: "shared/storage", ours: []string{"shared/monitor"},
			why: "a contract knows the domain and no driver",
		},
	}
}

func hostRules() []rule {
	host := []string{"shared/events", "shared/monitor", "shared/telemetry"}
	return []rule{
		{
			of: "shared/topology", ours: host,
			outside: []string{"go.yaml.in/yaml/v3", "github.com/cloudevents/sdk-go", "github.com/robfig/cron/v3"},
			tests:   []string{"shared/topology", "knative"},
			why:     "the wiring is read from manifests, and Knative's own packages stay out of the product",
		},
		{
			of: "shared/bus", ours: append([]string{"shared/topology"}, host...), outside: []string{anything},
			tests: []string{"shared/..."},
			why:   "a host carries events and does not know what they mean",
		},
		{
			of: "shared/serve", ours: host, outside: []string{anything},
			tests: []string{"shared/..."},
			why:   "a host carries events and does not know what they mean",
		},
		{
			of: "shared/kafka", ours: append([]string{"shared/topology"}, host...), outside: []string{anything},
			tests: []string{"shared/...", "knative", "scripts/kafka/broker", "scripts/rig"},
			why:   "a host carries events and does not know what they mean",
		},
		{
			of:      "shared/host",
			ours:    append([]string{"shared/serve", "shared/kafka", "shared/topology", "knative"}, host...),
			outside: []string{anything}, tests: []string{"shared/..."},
			why: "choosing the host from the settings is done in one place",
		},
		{
			of: "shared/deliverytest", ours: append([]string{"shared/topology"}, host...),
			outside: []string{anything}, tests: []string{"shared/..."},
			why: "the delivery suite knows the promise, and no host that keeps it",
		},
		{
			of: "shared/contract", ours: []string{"shared/events"},
			outside: []string{"github.com/IBM/sarama", "github.com/cloudevents/sdk-go", "github.com/santhosh-tekuri/jsonschema/v6", "go.yaml.in/yaml/v3"},
			tests:   []string{"shared/...", "knative"},
			why:     "the contract is told to others: its tests hold the code to it, and no code depends on it",
		},
	}
}

func storageRules() []rule {
	const (
		cluster = "shared/storage/couchbase/"
		client  = "github.com/couchbase/gocb"
		metrics = "github.com/prometheus/client_golang"
	)
	return []rule{
		{
			of: "shared/storage/storagetest", ours: []string{"shared/storage", "shared/monitor"},
			outside: []string{"github.com/google/go-cmp", "pgregory.net/rapid"},
			why:     "the storage suite knows the contract, and no driver that keeps it",
		},
		{
			of: "shared/storage/drivers", ours: []string{"shared/storage/...", "shared/storage", "shared/monitor", "shared/telemetry"},
			outside: []string{"github.com/prometheus/client_golang"}, tests: []string{"shared/storage/..."},
			why: "choosing the driver from the settings is done in one place",
		},
		{
			of: "shared/storage/couchbase/internal/layout", tests: []string{"<self>"},
			why: "where things lie is plain names",
		},
		{
			of: "shared/storage/couchbase/internal/statements", ours: []string{cluster + "internal/layout"},
			tests: []string{"shared/storage/..."},
			why:   "statements are texts, and whoever runs or answers them reads them here",
		},
		{
			of: "shared/storage/couchbase/internal/link", ours: []string{"shared/monitor", cluster + "internal/..."},
			outside: []string{client, metrics, "golang.org/x/sync"}, tests: []string{"shared/storage/..."},
			why: "the connection knows documents, and nothing of what they hold",
		},
		{
			of: "shared/storage/couchbase/internal/rows", ours: []string{"shared/monitor"}, tests: []string{"<self>", "shared/storage/storagetest"},
			why: "a part of a driver knows the values that it keeps, and nothing around it",
		},
		{
			of: "shared/storage/couchbase/couchbasetest/internal/sqlpp", tests: []string{"<self>"},
			why: "statements are read and evaluated over rows, whatever node they are sent to",
		},
		{
			of: "shared/storage/couchbase/couchbasetest", ours: []string{"shared/monitor", "shared/storage/..."}, outside: []string{anything},
			tests: []string{"shared/storage/..."},
			why:   "the stand-in speaks the cluster's protocols, and knows the driver's statements and layout",
		},
		{
			of: "shared/storage/couchbase/...", ours: []string{"shared/storage", "shared/monitor", "shared/storage/couchbase", cluster + "internal/..."},
			outside: []string{client, metrics}, tests: []string{"shared/storage/...", "shared/sketch"},
			why: "the migration makes what the driver's layout names",
		},
		{
			of: "shared/storage/couchbase", ours: []string{"shared/storage", "shared/monitor", cluster + "internal/..."},
			outside: []string{client, metrics}, tests: []string{"shared/storage/...", "shared/sketch"},
			why: "a driver knows the contract and its engine, and no other driver",
		},
		{
			of: "shared/storage/*", ours: []string{"shared/storage", "shared/monitor", "<self>/internal/..."},
			outside: []string{"modernc.org/sqlite", "github.com/prometheus/client_golang"},
			tests:   []string{"shared/storage/...", "shared/sketch"},
			why:     "a driver knows the contract and its engine, and no other driver",
		},
		{
			of: "shared/storage/*/internal/*", ours: []string{"shared/monitor"},
			tests: []string{"<self>", "shared/storage/storagetest"},
			why:   "a part of a driver knows the values that it keeps, and nothing around it",
		},
		{
			of: "shared/storage/*/*", ours: []string{"shared/storage/...", "shared/storage", "shared/monitor"},
			why: "what helps to test with a driver lives beside that driver",
		},
	}
}

func sharedRules() []rule {
	return []rule{
		{
			of: "shared/config", ours: []string{"shared/monitor", "shared/expect", "shared/secret"},
			outside: []string{"go.yaml.in/yaml/v3"}, tests: []string{"shared/config"},
			why: "a definition is checked by those who will use it: expectations and secrets",
		},
		{
			of: "shared/http1", tests: []string{"<self>"},
			why: "a protocol needs nothing but the language",
		},
		{
			of: "shared/*", ours: []string{"shared/monitor"}, outside: []string{anything},
			tests: []string{"<self>", "shared/monitor"},
			why:   "a shared package adapts one thing to the domain, and knows no sibling",
		},
	}
}

func functionRules() []rule {
	metrics := "github.com/prometheus/client_golang/prometheus"
	return []rule{
		{
			of: "functions/query", ours: append([]string{"shared/sketch", "shared/auth", "shared/telemetry"}, storing...),
			outside: []string{metrics, "github.com/danielgtaylor/huma/v2", "github.com/prometheus/client_golang"},
			tests:   tested,
			why:     "query answers people: it reads storage by its interfaces and knows no other function",
		},
		{
			of:      "functions/query/definitions",
			ours:    append([]string{"functions/query", "shared/config", "shared/telemetry"}, storing...),
			outside: []string{metrics}, tests: append([]string{"functions/query"}, tested...),
			why: "whoever reads files of definitions does it in one way",
		},
		{
			of: "functions/standalone", ours: []string{anything}, outside: []string{anything}, tests: []string{anything},
			why: "standalone is the one place that builds all of the functions",
		},
		{
			of: "functions/standalone/...", ours: []string{anything}, outside: []string{anything}, tests: []string{anything},
			why: "standalone is the one place that builds all of the functions",
		},
		{
			of: "functions/probe/look", ours: []string{"shared/monitor", "shared/http1"},
			outside: []string{"golang.org/x/net/dns/dnsmessage", "golang.org/x/net/idna", "golang.org/x/sync", "golang.org/x/sys"},
			tests:   tested,
			why:     "a look knows the wire, and neither schedules nor events",
		},
		{
			of: "functions/probe/redact", ours: []string{"shared/monitor", "functions/probe/look"}, tests: tested,
			why: "what may be read of an answer is no matter of when it was asked for",
		},
		{
			of: "functions/probe/reference", ours: []string{"shared/monitor", "functions/probe/look"},
			outside: []string{"github.com/prometheus/client_golang"}, tests: tested,
			why: "whether the network works is asked beside the looks, and by nobody else",
		},
		{
			of: "functions/*", ours: append([]string{"<self>/...", "shared/expect", "shared/sketch", "shared/telemetry"}, storing...),
			outside: []string{metrics},
			tests:   tested,
			why:     "a function knows neither its neighbours, nor its host, nor a driver, nor an outside service",
		},
		{
			of: "functions/*/cmd", ours: []string{"<self>", "<self>/...", "shared/...", "knative", "frontend"},
			outside: []string{"github.com/prometheus/client_golang"}, tests: tested,
			why: "a main wires its own function and no other",
		},
	}
}

func edgeRules() []rule {
	return []rule{
		{of: "functions", tests: []string{"shared/...", "knative"}, why: "the tests of the structure read what they test"},
		{of: "knative", why: "the manifests are data"},
		{of: "frontend", tests: []string{"frontend"}, why: "the dashboard is data"},
		{
			of: "scripts/bench", ours: []string{"shared/...", "knative", "scripts/rig", "scripts/kafka/...", "scripts/couchbase/...", "functions/store"},
			outside: []string{anything}, tests: []string{anything},
			why: "what it costs to keep a result is measured with the function that keeps it",
		},
		{
			of: "scripts/...", ours: []string{"shared/...", "knative", "scripts/rig", "scripts/kafka/...", "scripts/couchbase/..."}, outside: []string{anything},
			tests: []string{anything},
			why:   "a program for developers measures or drives the product by what it shares",
		},
	}
}
