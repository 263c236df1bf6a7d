package couchbasetest

import (
	"encoding/json"
	"fmt"

	"github.com/couchbase/gocbcore/v10/memd"
)

// serviceNode tells a client the ports of a node. It takes no configuration that
// names no port of management.
type serviceNode struct {
	Services map[string]int `json:"services"`
	ThisNode bool           `json:"thisNode"`
}

// clusterMap is the configuration that clients route by. Without a bucket it is
// the cluster's.
type clusterMap struct {
	Rev                    int64               `json:"rev"`
	RevEpoch               int64               `json:"revEpoch"`
	NodesExt               []serviceNode       `json:"nodesExt"`
	ClusterCapabilitiesVer []int               `json:"clusterCapabilitiesVer"`
	ClusterCapabilities    map[string][]string `json:"clusterCapabilities"`
	*bucketMap
}

type bucketMap struct {
	Name             string           `json:"name"`
	UUID             string           `json:"uuid"`
	NodeLocator      string           `json:"nodeLocator"`
	Capabilities     []string         `json:"bucketCapabilities"`
	ManifestUID      string           `json:"collectionsManifestUid"`
	Nodes            []map[string]any `json:"nodes"`
	VBucketServerMap vbucketMap       `json:"vBucketServerMap"`
}

type vbucketMap struct {
	HashAlgorithm string   `json:"hashAlgorithm"`
	NumReplicas   int      `json:"numReplicas"`
	ServerList    []string `json:"serverList"`
	VBucketMap    [][]int  `json:"vBucketMap"`
}

// route answers with the configuration. The first ones of a connection count up: a
// client whose parts are not all there yet when the first one comes, as one from a
// node so near may, takes no other of the same number.
func (c *conn) route(bucket string) answer {
	c.routed = min(c.routed+1, turns-1)
	return c.node.clusterConfig(bucket, c.routed)
}

// turns is how many numbers each configuration has.
const turns = 4

func (n *Node) clusterConfig(bucket string, turn int64) answer {
	config, err := n.config(bucket, turn)
	if err != nil {
		return failed(memd.StatusNoBucket)
	}
	return answer{value: config, data: uint8(memd.DatatypeFlagJSON)}
}

func (n *Node) config(bucket string, turn int64) ([]byte, error) {
	c := clusterMap{
		Rev: n.documents.revision()*turns + turn, RevEpoch: 1,
		NodesExt:               []serviceNode{{Services: n.services(), ThisNode: true}},
		ClusterCapabilitiesVer: []int{1, 0},
		ClusterCapabilities:    map[string][]string{"n1ql": {"enhancedPreparedStatements"}},
	}
	if bucket != "" {
		held, err := n.documents.Bucket(bucket)
		if err != nil {
			return nil, err
		}
		manifest, err := n.documents.Manifest(bucket)
		if err != nil {
			return nil, err
		}
		c.bucketMap = n.bucketMap(held, manifest.UID)
	}
	return json.Marshal(c)
}

func (n *Node) services() map[string]int {
	ports := map[string]int{"kv": n.port, "mgmt": n.web.manage.port, "n1ql": n.web.query.port}
	if n.secure != nil {
		ports["kvSSL"], ports["mgmtSSL"], ports["n1qlSSL"] = n.securePort, n.web.manage.securePort, n.web.query.securePort
	}
	return ports
}

// bucketMap places all vbuckets on the one node.
func (n *Node) bucketMap(b Bucket, manifest uint64) *bucketMap {
	placed := make([][]int, vbuckets)
	for i := range placed {
		placed[i] = make([]int, 1+b.Replicas)
		for replica := range b.Replicas {
			placed[i][1+replica] = -1
		}
	}
	return &bucketMap{
		Name: b.Name, UUID: b.UUID, NodeLocator: "vbucket",
		Capabilities: []string{"collections", "durableWrite", "couchapi", "cccp", "nodesExt", "xattr"},
		ManifestUID:  fmt.Sprintf("%x", manifest),
		Nodes:        []map[string]any{{"hostname": fmt.Sprintf("$HOST:%d", n.services()["mgmt"]), "thisNode": true}},
		VBucketServerMap: vbucketMap{
			HashAlgorithm: "CRC", NumReplicas: b.Replicas,
			ServerList: []string{fmt.Sprintf("$HOST:%d", n.port)}, VBucketMap: placed,
		},
	}
}

// errorMap explains the statuses that the client has no name for. The client
// tries again what is retry-later.
func errorMap() []byte {
	type explained struct {
		Name  string   `json:"name"`
		Desc  string   `json:"desc"`
		Attrs []string `json:"attrs"`
	}
	encoded, err := json.Marshal(map[string]any{
		"version": 2, "revision": 1,
		"errors": map[string]explained{
			"8":  {"NO_BUCKET", "The connection has selected no bucket", []string{"conn-state-invalidated"}},
			"1f": {"AUTH_STALE", "The login is not valid any more", []string{"conn-state-invalidated", "auth"}},
			"25": {"NOT_INITIALIZED", "The bucket is not ready", []string{"conn-state-invalidated"}},
			"82": {"ENOMEM", "No memory to do it", []string{"temp", "retry-later"}},
			"85": {"EBUSY", "The node is busy", []string{"temp", "retry-later"}},
			"86": {"ETMPFAIL", "Temporary failure", []string{"temp", "retry-later"}},
		},
	})
	if err != nil {
		panic(err)
	}
	return encoded
}
