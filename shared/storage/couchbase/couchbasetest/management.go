package couchbasetest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// managementCall answers one kind of request to the management.
type managementCall func(out http.ResponseWriter, r *http.Request)

// management is the service by which a cluster is looked at and changed.
func (w *Web) management() http.Handler {
	const bucket = "/pools/default/buckets/{bucket}"
	mux := http.NewServeMux()
	for pattern, call := range map[string]managementCall{
		"GET /whoami":                    w.whoami,
		"GET /pools":                     w.pools,
		"GET /pools/default":             w.poolsDefault,
		"GET /pools/default/buckets":     w.listBuckets,
		"GET " + bucket:                  w.getBucket,
		"GET " + bucket + "/scopes":      w.listScopes,
		"GET /pools/default/bs/{bucket}": w.notFound, // a stream of configurations: clients have them from the documents' protocol
	} {
		mux.Handle(pattern, w.managed(call, false))
	}
	for pattern, call := range map[string]managementCall{
		"POST /pools/default/buckets":                                   w.createBucket,
		"POST " + bucket:                                                w.updateBucket,
		"DELETE " + bucket:                                              w.dropBucket,
		"POST " + bucket + "/scopes":                                    w.createScope,
		"DELETE " + bucket + "/scopes/{scope}":                          w.dropScope,
		"POST " + bucket + "/scopes/{scope}/collections":                w.createCollection,
		"PATCH " + bucket + "/scopes/{scope}/collections/{collection}":  w.updateCollection,
		"DELETE " + bucket + "/scopes/{scope}/collections/{collection}": w.dropCollection,
	} {
		mux.Handle(pattern, w.managed(call, true))
	}
	return mux
}

// managed lets those call who may.
func (w *Web) managed(call managementCall, changes bool) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		user, known := w.user(r)
		answer := http.HandlerFunc(call)
		switch {
		case !known:
			answer = func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusUnauthorized) }
		case changes && w.cluster.Reader != "" && user == w.cluster.Reader:
			answer = forbidden
		}
		w.serve(r.Pattern, r.Method+" "+r.URL.Path, answer, out, r)
	})
}

func forbidden(out http.ResponseWriter, _ *http.Request) {
	writeJSON(out, http.StatusForbidden, map[string]any{
		"message": "Forbidden. User needs the following permissions", "permissions": []string{"cluster.buckets!create"},
	})
}

// notFound is what a server says of a bucket that it does not have.
func (w *Web) notFound(out http.ResponseWriter, _ *http.Request) {
	out.WriteHeader(http.StatusNotFound)
	_, _ = out.Write([]byte("Requested resource not found.\r\n"))
}

// refuse answers with what is wrong, by field; "_" is the whole request.
func refuse(out http.ResponseWriter, status int, field, format string, args ...any) {
	writeJSON(out, status, map[string]any{"errors": map[string]string{field: fmt.Sprintf(format, args...)}})
}

func (w *Web) whoami(out http.ResponseWriter, r *http.Request) {
	user, _ := w.user(r)
	writeJSON(out, http.StatusOK, map[string]any{"id": user, "domain": "local"})
}

func (w *Web) pools(out http.ResponseWriter, _ *http.Request) {
	writeJSON(out, http.StatusOK, map[string]any{
		"implementationVersion": w.cluster.implementation(), "isEnterprise": !w.cluster.community(),
		"pools": []any{map[string]any{"name": "default", "uri": "/pools/default"}},
	})
}

func (w *Web) poolsDefault(out http.ResponseWriter, _ *http.Request) {
	nodes := make([]map[string]any, w.cluster.nodes())
	for i := range nodes {
		services := []string{"index", "kv", "n1ql"}
		if i >= len(nodes)-w.cluster.Idle {
			services = []string{"index", "n1ql"}
		}
		nodes[i] = map[string]any{
			"hostname": fmt.Sprintf("127.0.0.%d:%d", 1+i, w.manage.port), "version": w.cluster.implementation(),
			"clusterMembership": "active", "status": "healthy", "services": services,
			"uptime": "3600", "thisNode": i == 0,
		}
	}
	writeJSON(out, http.StatusOK, map[string]any{"name": "default", "nodes": nodes, "memoryQuota": w.cluster.memory()})
}

func (w *Web) listBuckets(out http.ResponseWriter, _ *http.Request) {
	all := []any{}
	for _, b := range w.documents.Buckets() {
		all = append(all, bucketJSON(b))
	}
	writeJSON(out, http.StatusOK, all)
}

func (w *Web) getBucket(out http.ResponseWriter, r *http.Request) {
	found, err := w.documents.Bucket(r.PathValue("bucket"))
	if err != nil {
		w.notFound(out, r)
		return
	}
	writeJSON(out, http.StatusOK, bucketJSON(found))
}

func (w *Web) createBucket(out http.ResponseWriter, r *http.Request) {
	wanted, fault := w.bucketForm(r, Bucket{Quota: 0, Storage: "couchstore", Eviction: "valueOnly"})
	if fault == nil && !named(wanted.Name) {
		fault = &formError{"name", "Bucket name can only contain characters in range A-Z, a-z, 0-9 as well as underscore, period, dash & percent."}
	}
	if fault != nil {
		refuse(out, http.StatusBadRequest, fault.field, "%s", fault.message)
		return
	}
	if err := w.documents.CreateBucket(wanted); err != nil {
		refuse(out, http.StatusBadRequest, "name", "Bucket with given name already exists")
		return
	}
	out.WriteHeader(http.StatusAccepted)
}

func (w *Web) updateBucket(out http.ResponseWriter, r *http.Request) {
	held, err := w.documents.Bucket(r.PathValue("bucket"))
	if err != nil {
		w.notFound(out, r)
		return
	}
	held.Storage, held.Eviction = cmp.Or(held.Storage, "couchstore"), cmp.Or(held.Eviction, "valueOnly")
	wanted, fault := w.bucketForm(r, held)
	if fault == nil && wanted.Storage != held.Storage {
		fault = &formError{"storageBackend", "Storage backend can't be changed"}
	}
	if fault != nil {
		refuse(out, http.StatusBadRequest, fault.field, "%s", fault.message)
		return
	}
	wanted.Name = held.Name
	if err := w.documents.UpdateBucket(wanted); err != nil {
		w.notFound(out, r)
	}
}

func (w *Web) dropBucket(out http.ResponseWriter, r *http.Request) {
	if err := w.documents.DropBucket(r.PathValue("bucket")); err != nil {
		w.notFound(out, r)
	}
}

// bucketJSON shows a bucket's settings.
func bucketJSON(b Bucket) map[string]any {
	return map[string]any{
		"name": b.Name, "uuid": b.UUID, "bucketType": "membase", "nodeLocator": "vbucket",
		"quota":         map[string]int{"ram": b.Quota << 20, "rawRAM": b.Quota << 20},
		"replicaNumber": b.Replicas, "replicaIndex": false, "storageBackend": cmp.Or(b.Storage, "couchstore"), "evictionPolicy": cmp.Or(b.Eviction, "valueOnly"),
		"maxTTL": int(b.MaxTTL / time.Second), "durabilityMinLevel": durabilityNames[b.Durability],
		"compressionMode": "passive", "conflictResolutionType": "seqno", "controllers": map[string]string{},
	}
}

// durabilityNames are the management's names of what a bucket's writes need.
var durabilityNames = map[memd.DurabilityLevel]string{
	0:                            "none",
	memd.DurabilityLevelMajority: "majority",
	memd.DurabilityLevelMajorityAndPersistOnMaster: "majorityAndPersistActive",
	memd.DurabilityLevelPersistToMajority:          "persistToMajority",
}

// conflicts says whether a name was taken.
func conflicts(err error) bool { return errors.Is(err, monitor.Conflict) }
