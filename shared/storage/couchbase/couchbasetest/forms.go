package couchbasetest

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// formError is what is wrong with a field of a form.
type formError struct{ field, message string }

var (
	bucketName     = regexp.MustCompile(`^[A-Za-z0-9_.%-]{1,100}$`)
	collectionName = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9_%-]{0,250}$`)
)

func named(bucket string) bool { return bucketName.MatchString(bucket) }

// bucketForm reads a bucket's settings, those that it does not name as they were,
// and refuses what a server refuses of the edition.
func (w *Web) bucketForm(r *http.Request, held Bucket) (Bucket, *formError) {
	if err := r.ParseForm(); err != nil {
		return held, &formError{"_", "the form cannot be read"}
	}
	wanted := held
	if r.PostForm.Has("name") {
		wanted.Name = r.PostForm.Get("name")
	}
	if kind := r.PostForm.Get("bucketType"); kind != "" && kind != "membase" && kind != "couchbase" {
		return wanted, &formError{"bucketType", "invalid bucket type"}
	}
	ttl := int(held.MaxTTL / time.Second)
	for field, into := range map[string]*int{
		"ramQuotaMB": &wanted.Quota, "ramQuota": &wanted.Quota, "replicaNumber": &wanted.Replicas, "maxTTL": &ttl,
	} {
		if given := r.PostForm.Get(field); given != "" {
			number, err := strconv.Atoi(given)
			if err != nil || number < 0 {
				return wanted, &formError{field, "must be a number"}
			}
			*into = number
		}
	}
	wanted.MaxTTL = time.Duration(ttl) * time.Second
	for field, into := range map[string]*string{"storageBackend": &wanted.Storage, "evictionPolicy": &wanted.Eviction} {
		if given := r.PostForm.Get(field); given != "" {
			*into = given
		}
	}
	if level := r.PostForm.Get("durabilityMinLevel"); level != "" {
		found := false
		for value, name := range durabilityNames {
			if name == level {
				wanted.Durability, found = value, true
			}
		}
		if !found {
			return wanted, &formError{"durabilityMinLevel", "Durability minimum level must be one of none, majority, majorityAndPersistActive, persistToMajority"}
		}
	}
	return wanted, w.checkBucket(wanted, r.PostForm.Has("compressionMode"))
}

// checkBucket refuses settings that a server refuses.
func (w *Web) checkBucket(b Bucket, compresses bool) *formError {
	others, memory := 0, b.Quota
	for _, other := range w.documents.Buckets() {
		if other.Name != b.Name {
			others++
			memory += other.Quota
		}
	}
	switch {
	case w.cluster.community() && b.Storage == "magma":
		return &formError{"storageBackend", "Magma is supported in enterprise edition only"}
	case w.cluster.community() && b.MaxTTL > 0:
		return &formError{"maxTTL", "Max TTL is supported in enterprise edition only"}
	case w.cluster.community() && compresses:
		return &formError{"compressionMode", "Compression mode is supported in enterprise edition only"}
	case b.Storage != "couchstore" && b.Storage != "magma":
		return &formError{"storageBackend", "Backend storage must be couchstore or magma"}
	case b.Eviction != "valueOnly" && b.Eviction != "fullEviction":
		return &formError{"evictionPolicy", "Eviction policy must be either 'valueOnly' or 'fullEviction' for couchbase buckets"}
	case b.Quota < 100:
		return &formError{"ramQuota", "RAM quota cannot be less than 100 MiB"}
	case b.Storage == "magma" && b.Quota < 1024:
		return &formError{"ramQuota", "Ram quota for magma must be at least 1024 MiB"}
	case b.Replicas > 3:
		return &formError{"replicaNumber", "Replica number larger than 3 is not supported."}
	case memory > w.cluster.memory():
		return &formError{"ramQuota", "RAM quota specified is too large to be provisioned into this cluster."}
	case others >= 30:
		return &formError{"_", "Cannot create more than 30 buckets"}
	}
	return nil
}
