package couchbasetest

import (
	"net/http"
	"strconv"
	"time"
)

func (w *Web) listScopes(out http.ResponseWriter, r *http.Request) {
	manifest, err := w.documents.Manifest(r.PathValue("bucket"))
	if err != nil {
		w.notFound(out, r)
		return
	}
	writeJSON(out, http.StatusOK, manifest)
}

func (w *Web) createScope(out http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("name")
	if !collectionName.MatchString(name) {
		refuse(out, http.StatusBadRequest, "name", "Can only contain characters A-Z, a-z, 0-9 and the following symbols _ - %%, and not begin with _ or %%")
		return
	}
	uid, err := w.documents.CreateScope(r.PathValue("bucket"), name)
	switch {
	case conflicts(err):
		refuse(out, http.StatusBadRequest, "_", "Scope with name %q already exists", name)
	case err != nil:
		w.notFound(out, r)
	default:
		changed(out, uid)
	}
}

func (w *Web) dropScope(out http.ResponseWriter, r *http.Request) {
	if !w.hasBucket(out, r) {
		return
	}
	uid, err := w.documents.DropScope(r.PathValue("bucket"), r.PathValue("scope"))
	if err != nil {
		refuse(out, http.StatusNotFound, "_", "Scope with name %q is not found", r.PathValue("scope"))
		return
	}
	changed(out, uid)
}

func (w *Web) createCollection(out http.ResponseWriter, r *http.Request) {
	if !w.hasBucket(out, r) {
		return
	}
	name, scope := r.PostFormValue("name"), r.PathValue("scope")
	if !collectionName.MatchString(name) {
		refuse(out, http.StatusBadRequest, "name", "Can only contain characters A-Z, a-z, 0-9 and the following symbols _ - %%, and not begin with _ or %%")
		return
	}
	ttl, fault := w.collectionTTL(r)
	if fault != nil {
		refuse(out, http.StatusBadRequest, fault.field, "%s", fault.message)
		return
	}
	uid, err := w.documents.CreateCollection(r.PathValue("bucket"), scope, Collection{Name: name, MaxTTL: ttl})
	switch {
	case conflicts(err):
		refuse(out, http.StatusBadRequest, "_", "Collection with name %q in scope %q already exists", name, scope)
	case err != nil:
		refuse(out, http.StatusNotFound, "_", "Scope with name %q is not found", scope)
	default:
		changed(out, uid)
	}
}

func (w *Web) updateCollection(out http.ResponseWriter, r *http.Request) {
	if !w.hasBucket(out, r) {
		return
	}
	ttl, fault := w.collectionTTL(r)
	if fault != nil {
		refuse(out, http.StatusBadRequest, fault.field, "%s", fault.message)
		return
	}
	name, scope := r.PathValue("collection"), r.PathValue("scope")
	uid, err := w.documents.UpdateCollection(r.PathValue("bucket"), scope, Collection{Name: name, MaxTTL: ttl})
	if err != nil {
		refuse(out, http.StatusNotFound, "_", "Collection with name %q in scope %q is not found", name, scope)
		return
	}
	changed(out, uid)
}

func (w *Web) dropCollection(out http.ResponseWriter, r *http.Request) {
	if !w.hasBucket(out, r) {
		return
	}
	p := Place{r.PathValue("bucket"), r.PathValue("scope"), r.PathValue("collection")}
	uid, err := w.documents.DropCollection(p)
	if err != nil {
		refuse(out, http.StatusNotFound, "_", "Collection with name %q in scope %q is not found", p.Collection, p.Scope)
		return
	}
	changed(out, uid)
}

// collectionTTL reads the longest life of a collection's documents: an Enterprise
// cluster's alone.
func (w *Web) collectionTTL(r *http.Request) (time.Duration, *formError) {
	given := r.PostFormValue("maxTTL")
	if given == "" {
		return 0, nil
	}
	if w.cluster.community() {
		return 0, &formError{"maxTTL", "Max TTL is supported in enterprise edition only"}
	}
	seconds, err := strconv.Atoi(given)
	if err != nil || seconds < -1 || seconds > 1<<31-1 {
		return 0, &formError{"maxTTL", "The value must be in range from -1 to 2147483647"}
	}
	return time.Duration(seconds) * time.Second, nil
}

// hasBucket answers for a bucket that is not there.
func (w *Web) hasBucket(out http.ResponseWriter, r *http.Request) bool {
	_, err := w.documents.Bucket(r.PathValue("bucket"))
	if err != nil {
		w.notFound(out, r)
	}
	return err == nil
}

// changed names the manifest that has the change.
func changed(out http.ResponseWriter, uid uint64) {
	writeJSON(out, http.StatusOK, map[string]string{"uid": digits(uid)})
}
