package couchbasetest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Manifest lists the scopes and collections of a bucket.
func (d *Documents) Manifest(bucket string) (Manifest, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.bucket(bucket)
	if err != nil {
		return Manifest{}, err
	}
	listed := Manifest{UID: held.manifest}
	for name, id := range held.scopes {
		scope := Scope{Name: name, UID: id}
		for c := range maps.Values(held.collections) {
			if c.place.Scope == name {
				scope.Collections = append(scope.Collections, c.settings)
			}
		}
		slices.SortFunc(scope.Collections, func(a, b Collection) int { return cmp.Compare(a.UID, b.UID) })
		listed.Scopes = append(listed.Scopes, scope)
	}
	slices.SortFunc(listed.Scopes, func(a, b Scope) int { return cmp.Compare(a.UID, b.UID) })
	return listed, nil
}

// CreateScope makes an empty scope and returns the manifest's UID.
func (d *Documents) CreateScope(bucket, scope string) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.bucket(bucket)
	if err != nil {
		return 0, err
	}
	if _, ok := held.scopes[scope]; ok {
		return 0, monitor.Errorf(monitor.Conflict, "there is a scope %s in bucket %s", scope, bucket)
	}
	held.addScope(scope)
	return held.manifest, nil
}

// DropScope forgets a scope with its collections and returns the manifest's UID.
func (d *Documents) DropScope(bucket, scope string) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.scope(bucket, scope)
	if err != nil {
		return 0, err
	}
	delete(held.scopes, scope)
	maps.DeleteFunc(held.collections, func(_ uint32, c *collection) bool { return c.place.Scope == scope })
	held.manifest++
	return held.manifest, nil
}

// CreateCollection makes an empty collection, whose UID is the node's to give, and
// returns the manifest's UID.
func (d *Documents) CreateCollection(bucket, scope string, c Collection) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.scope(bucket, scope)
	if err != nil {
		return 0, err
	}
	place := Place{bucket, scope, c.Name}
	if _, err := d.place(place); err == nil {
		return 0, monitor.Errorf(monitor.Conflict, "there is a collection %s.%s in bucket %s", scope, c.Name, bucket)
	}
	held.addNext(place, c)
	return held.manifest, nil
}

// UpdateCollection changes a collection's settings, its UID apart, and returns the
// manifest's UID.
func (d *Documents) UpdateCollection(bucket, scope string, c Collection) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.place(Place{bucket, scope, c.Name})
	if err != nil {
		return 0, err
	}
	c.UID = held.settings.UID
	held.settings = c
	d.buckets[bucket].manifest++
	return d.buckets[bucket].manifest, nil
}

// DropCollection forgets a collection and returns the manifest's UID.
func (d *Documents) DropCollection(p Place) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, err := d.place(p)
	if err != nil {
		return 0, err
	}
	from := d.buckets[p.Bucket]
	delete(from.collections, held.settings.UID)
	from.manifest++
	return from.manifest, nil
}

// scope returns the bucket that has the scope.
func (d *Documents) scope(name, scope string) (*bucket, error) {
	held, err := d.bucket(name)
	if err != nil {
		return nil, err
	}
	if _, ok := held.scopes[scope]; !ok {
		return nil, monitor.Errorf(monitor.NotFound, "there is no scope %s in bucket %s", scope, name)
	}
	return held, nil
}

func (b *bucket) addScope(name string) {
	b.scopes[name] = b.nextScope
	b.nextScope++
	b.manifest++
}

func (b *bucket) addNext(p Place, c Collection) {
	b.add(b.nextID, p, c)
	b.nextID++
	b.manifest++
}

func (b *bucket) add(id uint32, p Place, c Collection) {
	c.UID = id
	b.collections[id] = &collection{place: p, settings: c, documents: map[string]*Document{}}
}
