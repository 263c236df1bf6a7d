package migrate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// release is a version of Couchbase Server, as far as it matters.
type release struct{ major, minor int }

func (r release) before(other release) bool {
	return r.major < other.major || r.major == other.major && r.minor < other.minor
}

// oldest is the first release whose statements, durable writes and scopes are as
// the monitor needs them.
func oldest() release { return release{7, 2} }

// cluster is what the nodes say of themselves.
type cluster struct {
	release
	version    string // of the node with the oldest one
	enterprise bool
	nodes      int
	data       int // of the nodes, those that keep documents
}

// member is what the cluster's management says of one of its nodes.
type member struct {
	Version    string   `json:"version"`
	Membership string   `json:"clusterMembership"`
	Services   []string `json:"services"`
}

func (c cluster) String() string {
	edition := "Community Edition"
	if c.enterprise {
		edition = "Enterprise Edition"
	}
	nodes := fmt.Sprint(c.nodes)
	if c.data != c.nodes {
		nodes = fmt.Sprintf("%d, %d of them with the data service", c.nodes, c.data)
	}
	return fmt.Sprintf("Couchbase Server %s, %s, nodes: %s", c.version, edition, nodes)
}

// clusterOf sums up the nodes: a cluster can do what the oldest of them can.
func clusterOf(nodes []member) (cluster, error) {
	var sum cluster
	for _, node := range nodes {
		if node.Membership != "active" {
			continue
		}
		one, err := releaseOf(node.Version)
		if err != nil {
			return cluster{}, err
		}
		number, edition := node.Version, ""
		if dash := strings.IndexByte(number, '-'); dash >= 0 {
			number, edition = number[:dash], number[strings.LastIndexByte(number, '-')+1:]
		}
		first := sum.nodes == 0
		if first || one.before(sum.release) {
			sum.release, sum.version = one, number
		}
		sum.enterprise = edition != "community" && (first || sum.enterprise)
		sum.nodes++
		if slices.Contains(node.Services, "kv") {
			sum.data++
		}
	}
	if sum.data == 0 {
		return cluster{}, monitor.Errorf(monitor.Unavailable, "the cluster has no active node with the data service yet")
	}
	return sum, nil
}

// releaseOf reads a version as nodes write it, such as 7.6.2-3721-enterprise.
func releaseOf(version string) (release, error) {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) > 1 {
		major, errMajor := strconv.Atoi(parts[0])
		minor, errMinor := strconv.Atoi(strings.TrimRight(parts[1], "-abcdefghijklmnopqrstuvwxyz"))
		if errMajor == nil && errMinor == nil {
			return release{major, minor}, nil
		}
	}
	return release{}, monitor.Errorf(monitor.Invalid, "a node says that its version is %q, and this program cannot read that", version)
}
