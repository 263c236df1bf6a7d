package couchbasetest_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func settings(name string) gocb.CreateBucketSettings {
	return gocb.CreateBucketSettings{BucketSettings: gocb.BucketSettings{
		Name: name, RAMQuotaMB: 256, NumReplicas: 1, BucketType: gocb.CouchbaseBucketType, ReplicaIndexDisabled: true,
	}}
}

func TestManagementOfBuckets(t *testing.T) {
	t.Parallel()

	t.Run("what was created is listed with its settings, and opens at once", func(t *testing.T) {
		t.Parallel()
		buckets := connect(t, couchbasetest.Start(t, couchbasetest.Options{}))
		wanted := settings("results")
		wanted.MinimumDurabilityLevel, wanted.StorageBackend, wanted.RAMQuotaMB = gocb.DurabilityLevelMajority, gocb.StorageBackendMagma, 1024
		wanted.MaxExpiry = time.Hour
		if err := buckets.Buckets().CreateBucket(wanted, nil); err != nil {
			t.Fatal(err)
		}
		got, err := buckets.Buckets().GetBucket("results", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.RAMQuotaMB != 1024 || got.NumReplicas != 1 || got.MinimumDurabilityLevel != gocb.DurabilityLevelMajority ||
			got.StorageBackend != gocb.StorageBackendMagma || got.MaxExpiry != time.Hour {
			t.Errorf("got %+v, want what was asked for", got)
		}
		if err := second2(buckets.Bucket("results").DefaultCollection().Insert("a", 1, nil)); err != nil {
			t.Errorf("got %v, want a bucket that takes documents", err)
		}
	})

	t.Run("of eight creators at once one wins and the others find it there", func(t *testing.T) {
		t.Parallel()
		buckets := connect(t, couchbasetest.Start(t, couchbasetest.Options{})).Buckets()
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = buckets.CreateBucket(settings("monitor"), nil) })
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, gocb.ErrBucketExists) {
				t.Errorf("got %v, want ErrBucketExists", err)
			}
		}
		if won != 1 {
			t.Errorf("got %d winners, want 1", won)
		}
	})

	t.Run("a bucket that is not there is not found, nor one that was dropped", func(t *testing.T) {
		t.Parallel()
		buckets := connect(t, couchbasetest.Start(t, couchbasetest.Options{})).Buckets()
		if _, err := buckets.GetBucket("monitor", nil); !errors.Is(err, gocb.ErrBucketNotFound) {
			t.Errorf("get: got %v, want ErrBucketNotFound", err)
		}
		if err := errors.Join(buckets.CreateBucket(settings("monitor"), nil), buckets.DropBucket("monitor", nil)); err != nil {
			t.Fatal(err)
		}
		if err := buckets.UpdateBucket(settings("monitor").BucketSettings, nil); !errors.Is(err, gocb.ErrBucketNotFound) {
			t.Errorf("update: got %v, want ErrBucketNotFound", err)
		}
		if err := buckets.DropBucket("monitor", nil); !errors.Is(err, gocb.ErrBucketNotFound) {
			t.Errorf("drop: got %v, want ErrBucketNotFound", err)
		}
	})

	t.Run("an update changes what it names", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Start(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor", Quota: 256}}})
		buckets := connect(t, node).Buckets()
		wanted := settings("monitor").BucketSettings
		wanted.RAMQuotaMB, wanted.NumReplicas = 512, 2
		if err := buckets.UpdateBucket(wanted, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := buckets.GetBucket("monitor", nil); err != nil || got.RAMQuotaMB != 512 || got.NumReplicas != 2 {
			t.Errorf("got %+v and %v, want 512 MB and 2 replicas", got, err)
		}
	})
}

func TestManagementRefuses(t *testing.T) {
	t.Parallel()
	community := couchbasetest.Cluster{Edition: "community"}
	tests := map[string]struct {
		cluster couchbasetest.Cluster
		change  func(*gocb.BucketSettings)
	}{
		"Magma on Community":                  {community, func(b *gocb.BucketSettings) { b.StorageBackend, b.RAMQuotaMB = gocb.StorageBackendMagma, 1024 }},
		"a longest life on Community":         {community, func(b *gocb.BucketSettings) { b.MaxExpiry = time.Hour }},
		"a compression mode on Community":     {community, func(b *gocb.BucketSettings) { b.CompressionMode = gocb.CompressionModePassive }},
		"more memory than there is":           {couchbasetest.Cluster{Memory: 255}, func(*gocb.BucketSettings) {}},
		"more replicas than three":            {couchbasetest.Cluster{}, func(b *gocb.BucketSettings) { b.NumReplicas = 4 }},
		"Magma with less memory than it must": {couchbasetest.Cluster{}, func(b *gocb.BucketSettings) { b.StorageBackend = gocb.StorageBackendMagma }},
		"a name with a slash":                 {couchbasetest.Cluster{}, func(b *gocb.BucketSettings) { b.Name = "a b" }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			buckets := connect(t, couchbasetest.Start(t, couchbasetest.Options{Cluster: test.cluster})).Buckets()
			wanted := settings("monitor")
			test.change(&wanted.BucketSettings)
			if err := buckets.CreateBucket(wanted, nil); !errors.Is(err, gocb.ErrInvalidArgument) {
				t.Errorf("got %v, want ErrInvalidArgument", err)
			}
			if all, err := buckets.GetAllBuckets(nil); err != nil || len(all) != 0 {
				t.Errorf("got %v and %v, want no bucket", all, err)
			}
		})
	}
}

func TestManagementOfCollections(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, c couchbasetest.Cluster) *gocb.CollectionManagerV2 {
		node := couchbasetest.Start(t, couchbasetest.Options{Cluster: c, Buckets: []couchbasetest.Bucket{{Name: "monitor", Quota: 256}}})
		return connect(t, node).Bucket("monitor").CollectionsV2()
	}

	t.Run("what was created is listed, once", func(t *testing.T) {
		t.Parallel()
		manager := open(t, couchbasetest.Cluster{})
		ttl := &gocb.CreateCollectionSettings{MaxExpiry: time.Hour}
		if err := errors.Join(manager.CreateScope("shop", nil), manager.CreateCollection("shop", "orders", ttl, nil)); err != nil {
			t.Fatal(err)
		}
		if err := manager.CreateScope("shop", nil); !errors.Is(err, gocb.ErrScopeExists) {
			t.Errorf("scope: got %v, want ErrScopeExists", err)
		}
		if err := manager.CreateCollection("shop", "orders", nil, nil); !errors.Is(err, gocb.ErrCollectionExists) {
			t.Errorf("collection: got %v, want ErrCollectionExists", err)
		}
		scopes, err := manager.GetAllScopes(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scopes {
			if s.Name == "shop" && len(s.Collections) == 1 && s.Collections[0].Name == "orders" && s.Collections[0].MaxExpiry == time.Hour {
				return
			}
		}
		t.Errorf("got %+v, want shop with orders for an hour", scopes)
	})

	t.Run("what is not there is not found", func(t *testing.T) {
		t.Parallel()
		manager := open(t, couchbasetest.Cluster{})
		if err := manager.CreateCollection("shop", "orders", nil, nil); !errors.Is(err, gocb.ErrScopeNotFound) {
			t.Errorf("create: got %v, want ErrScopeNotFound", err)
		}
		if err := manager.DropScope("shop", nil); !errors.Is(err, gocb.ErrScopeNotFound) {
			t.Errorf("drop scope: got %v, want ErrScopeNotFound", err)
		}
		if err := manager.DropCollection("_default", "orders", nil); !errors.Is(err, gocb.ErrCollectionNotFound) {
			t.Errorf("drop collection: got %v, want ErrCollectionNotFound", err)
		}
	})

	t.Run("Community takes no longest life", func(t *testing.T) {
		t.Parallel()
		manager := open(t, couchbasetest.Cluster{Edition: "community"})
		err := manager.CreateCollection("_default", "orders", &gocb.CreateCollectionSettings{MaxExpiry: time.Hour}, nil)
		if !errors.Is(err, gocb.ErrInvalidArgument) {
			t.Errorf("got %v, want ErrInvalidArgument", err)
		}
		if err := manager.CreateCollection("_default", "orders", nil, nil); err != nil {
			t.Errorf("without one: got %v, want none", err)
		}
	})

	t.Run("an update changes how long documents live at most", func(t *testing.T) {
		t.Parallel()
		manager := open(t, couchbasetest.Cluster{})
		if err := manager.CreateCollection("_default", "orders", nil, nil); err != nil {
			t.Fatal(err)
		}
		longest := gocb.UpdateCollectionSettings{MaxExpiry: time.Hour}
		if err := manager.UpdateCollection("_default", "orders", longest, nil); err != nil {
			t.Fatal(err)
		}
		scopes, err := manager.GetAllScopes(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := scopes[0].Collections[1]; got.Name != "orders" || got.MaxExpiry != time.Hour {
			t.Errorf("got %+v, want orders for an hour", got)
		}
		if err := manager.UpdateCollection("_default", "nowhere", longest, nil); !errors.Is(err, gocb.ErrCollectionNotFound) {
			t.Errorf("got %v, want ErrCollectionNotFound", err)
		}
	})

	t.Run("a new collection takes documents at once", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Start(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor", Quota: 256}}})
		bucket := connect(t, node).Bucket("monitor")
		if err := bucket.CollectionsV2().CreateCollection("_default", "orders", nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := second2(bucket.Scope("_default").Collection("orders").Insert("a", 1, nil)); err != nil {
			t.Errorf("got %v, want none", err)
		}
	})
}

func TestManagementFaults(t *testing.T) {
	t.Parallel()

	t.Run("a user without rights reads and changes nothing", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Start(t, couchbasetest.Options{
			Users: map[string]string{"reader": "secret"}, Cluster: couchbasetest.Cluster{Reader: "reader"},
		})
		buckets := login(t, node, "reader", "secret").Buckets()
		if _, err := buckets.GetAllBuckets(nil); err != nil {
			t.Errorf("list: got %v, want none", err)
		}
		var refused *gocb.HTTPError
		if err := buckets.CreateBucket(settings("monitor"), nil); !errors.As(err, &refused) || refused.StatusCode != http.StatusForbidden {
			t.Errorf("create: got %v, want 403", err)
		}
	})

	t.Run("a changed password is refused", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Start(t, couchbasetest.Options{})
		buckets := connect(t, node).Buckets()
		if _, err := buckets.GetAllBuckets(nil); err != nil {
			t.Fatal(err)
		}
		node.SetPassword(couchbasetest.DefaultUser, "another")
		var refused *gocb.HTTPError
		if _, err := buckets.GetAllBuckets(nil); !errors.As(err, &refused) || refused.StatusCode != http.StatusUnauthorized {
			t.Errorf("got %v, want 401", err)
		}
	})

	t.Run("the third request fails, before or after it is done", func(t *testing.T) {
		t.Parallel()
		tests := map[string]struct {
			effect couchbasetest.Effect
			made   bool
		}{
			"refused":    {couchbasetest.Refuse(http.StatusServiceUnavailable, `{"errors":{"_":"busy"}}`), false},
			"reset":      {couchbasetest.Reset(), false},
			"not heard":  {couchbasetest.LoseAnswer(), true},
			"cut":        {couchbasetest.CutAfter(0), true},
			"hung":       {couchbasetest.Hang(), false},
			"only later": {couchbasetest.Slow(time.Millisecond), true},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				node := couchbasetest.Start(t, couchbasetest.Options{})
				buckets := connect(t, node).Buckets()
				ctx, giveUp := context.WithCancel(t.Context())
				defer giveUp()
				effect := test.effect
				if name == "hung" {
					effect = telling(effect, giveUp)
				}
				node.Web().Fail(couchbasetest.WebFault{Of: "POST /pools/default/buckets", Skip: 2, Times: 1, Effect: effect})
				options := &gocb.CreateBucketOptions{Timeout: time.Minute, RetryStrategy: never{}}
				for _, bucket := range []string{"a", "b"} {
					if err := buckets.CreateBucket(settings(bucket), options); err != nil {
						t.Fatal(err)
					}
				}
				third := *options
				third.Context = ctx
				err := buckets.CreateBucket(settings("c"), &third)
				if (err != nil) != (name != "only later" && name != "cut") {
					t.Errorf("got %v", err)
				}
				if _, err := node.Documents().Bucket("c"); (err == nil) != test.made {
					t.Errorf("got %v, want made %v", err, test.made)
				}
				if err := buckets.CreateBucket(settings("d"), options); err != nil {
					t.Errorf("the fourth: got %v, want none", err)
				}
			})
		}
	})

	t.Run("requests are counted by kind", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Start(t, couchbasetest.Options{})
		buckets := connect(t, node).Buckets()
		if err := errors.Join(buckets.CreateBucket(settings("a"), nil), buckets.CreateBucket(settings("b"), nil)); err != nil {
			t.Fatal(err)
		}
		if got := node.Web().Counts()["POST /pools/default/buckets"]; got.Requests != 2 || got.In == 0 {
			t.Errorf("got %+v, want 2 requests with their bytes", got)
		}
		node.Web().ResetCounts()
		if got := node.Web().Counts(); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

// telling has an effect, and says when a request meets it.
func telling(effect couchbasetest.Effect, meets func()) couchbasetest.Effect {
	return func(answer http.Handler) http.Handler {
		meets()
		return effect(answer)
	}
}

// never tries nothing again.
type never struct{}

func (never) RetryAfter(gocb.RetryRequest, gocb.RetryReason) gocb.RetryAction {
	return &gocb.NoRetryRetryAction{}
}
